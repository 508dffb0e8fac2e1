package io.flarepath.symbolizer.binary.debugfile;

import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.Identity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Finds the debug files of an executable: by build-id and by link, in the root of the process that
 * runs it and in this machine's. Only a file with the right build-id, or the right checksum, is
 * taken.
 */
public final class DebugFiles {
    private static final String FOLDER = "/usr/lib/debug";

    private final List<Path> roots;
    private final String path;

    /**
     * @param roots root directories in which files are looked for, in this order
     * @param path of the executable, as a process with the first root sees it; may be empty
     */
    public DebugFiles(List<Path> roots, String path) {
        this.roots = List.copyOf(roots);
        this.path = path;
    }

    /**
     * A file that was found.
     *
     * @param path in its root
     * @param elf its headers
     */
    public record Found(String path, ElfFile elf, FileChannel channel) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** Whether a file is accepted. */
    @FunctionalInterface
    private interface Check {
        boolean accepts(ElfFile elf, FileChannel channel) throws IOException;
    }

    /** The separate debug file of an executable; null if there is none. */
    public @Nullable Found separate(ElfFile elf) throws IOException {
        String buildId = Identity.buildId(elf);
        if (buildId.length() > 2) {
            String byId = byBuildId(buildId);
            Found found = open(byId, (other, c) -> Identity.buildId(other).equals(buildId));
            if (found != null) {
                return found;
            }
        }
        DebugLink link = DebugLink.of(elf);
        if (link == null) {
            return null;
        }
        for (String candidate : linked(link.name())) {
            Found found =
                    open(
                            candidate,
                            (other, channel) ->
                                    sameOrNone(Identity.buildId(other), buildId)
                                            && crc(channel) == link.crc());
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** Whether a separate debug file may be there: a look at names alone. */
    public boolean mayHaveSeparate(ElfFile elf) throws IOException {
        List<String> names = new ArrayList<>();
        String buildId = Identity.buildId(elf);
        if (buildId.length() > 2) {
            names.add(byBuildId(buildId));
        }
        DebugLink link = DebugLink.of(elf);
        if (link != null) {
            names.addAll(linked(link.name()));
        }
        for (String name : names) {
            Found found = open(name, (other, channel) -> true);
            if (found != null) {
                found.close();
                return true;
            }
        }
        return false;
    }

    /** The file to which dwz moved what several debug files have in common; null if none. */
    public @Nullable Found supplementary(ElfFile elf, String debugPath) throws IOException {
        DebugLink link = DebugLink.supplementary(elf);
        if (link == null || link.buildId().isEmpty()) {
            return null;
        }
        List<String> names = new ArrayList<>();
        names.add(link.name().startsWith("/") ? link.name() : folder(debugPath) + link.name());
        names.add(FOLDER + "/.dwz/" + link.name().substring(link.name().lastIndexOf('/') + 1));
        names.add(byBuildId(link.buildId()));
        for (String name : names) {
            Found found = open(name, (other, c) -> Identity.buildId(other).equals(link.buildId()));
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** Any ELF file at a path, in one of the roots; null if there is none. */
    public @Nullable Found any(String anyPath) {
        return open(anyPath, (other, channel) -> true);
    }

    /** The path of the executable. */
    public String path() {
        return path;
    }

    private static String byBuildId(String buildId) {
        return FOLDER
                + "/.build-id/"
                + buildId.substring(0, 2)
                + '/'
                + buildId.substring(2)
                + ".debug";
    }

    private List<String> linked(String name) {
        String folder = folder(path);
        if (folder.isEmpty()) {
            return List.of();
        }
        return List.of(folder + name, folder + ".debug/" + name, FOLDER + folder + name);
    }

    private static String folder(String file) {
        return file.substring(0, file.lastIndexOf('/') + 1);
    }

    private static boolean sameOrNone(String one, String other) {
        return one.isEmpty() || other.isEmpty() || one.equals(other);
    }

    private @Nullable Found open(String name, Check check) {
        for (Path root : roots) {
            FileChannel channel = RootedFiles.open(root, name);
            if (channel == null) {
                continue;
            }
            boolean kept = false;
            try {
                ElfFile elf = ElfFile.read(ByteSource.of(channel));
                if (check.accepts(elf, channel)) {
                    kept = true;
                    return new Found(name, elf, channel);
                }
            } catch (IOException e) {
                kept = false; // It is something else, or cannot be read: the next root may have it.
            } finally {
                if (!kept) {
                    closeQuietly(channel);
                }
            }
        }
        return null;
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // It was only read: nothing can be lost.
            return;
        }
    }

    private static int crc(FileChannel channel) throws IOException {
        CRC32 crc = new CRC32();
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        long at = 0;
        while (channel.read(buffer, at) > 0) {
            buffer.flip();
            at += buffer.remaining();
            crc.update(buffer);
            buffer.clear();
        }
        return (int) crc.getValue();
    }
}
