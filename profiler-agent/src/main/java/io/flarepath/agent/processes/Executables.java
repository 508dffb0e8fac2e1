package io.flarepath.agent.processes;

import io.flarepath.symbolizer.binary.Executable;
import io.flarepath.symbolizer.binary.ExecutableCache;
import io.flarepath.symbolizer.binary.FileKey;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the symbols of mapped files. A file is looked for where it is surest to be the mapped one:
 * the kernel's own link to it ({@code map_files}, which works for deleted files too); then its path
 * in the root of the process, of its parent, and of this machine, where the inode must agree. The
 * device is not compared: overlayfs and btrfs show another one in stat(2) than in a mapping.
 */
final class Executables {
    /** Files held open for processes that may end before they are sampled. */
    private static final int MAX_HELD = 256;

    private static final long HELD_NANOS = 30_000_000_000L;
    private static final int MAX_SEEN = 4096;

    private record Seen(long device, long inode, String path) {}

    private final String proc;
    private final ExecutableCache cache;
    private final Deque<MappedFile> holders = new ArrayDeque<>();

    /** Files that were mapped before: they are on disk, and most likely stay there. */
    private final Map<Seen, Boolean> seen =
            new LinkedHashMap<>(64, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Seen, Boolean> eldest) {
                    return size() > MAX_SEEN;
                }
            };

    private long failures;
    private final List<FoundExecutables> listeners = new ArrayList<>();

    /** Where the executable was that was read last. */
    private @Nullable Path lastPath;

    Executables(String proc, ExecutableCache cache) {
        this.proc = proc;
        this.cache = cache;
    }

    /** Adds somebody who is told of executables that are sampled. */
    void listener(FoundExecutables told) {
        listeners.add(told);
    }

    /** Files whose symbols could not be had, since the start. */
    long failures() {
        return failures;
    }

    /** Opens a file that was just mapped, if it has not been seen before. */
    void noticed(TrackedProcess process, MappedFile file, long start, long end, long nowNanos) {
        if (!file.isFile()
                || seen.put(new Seen(file.device(), file.inode(), file.path()), true) != null) {
            return;
        }
        HeldFile held = openMapped(process, file, start, end, nowNanos);
        if (held == null) {
            return;
        }
        file.held = held;
        holders.add(file);
        if (holders.size() > MAX_HELD) {
            release(holders.remove());
        }
    }

    /** Closes what was held long enough. */
    void expire(long nowNanos) {
        MappedFile oldest = holders.peek();
        while (oldest != null
                && (oldest.held == null || nowNanos - oldest.held.sinceNanos() > HELD_NANOS)) {
            release(holders.remove());
            oldest = holders.peek();
        }
    }

    /** Closes all that is held. */
    void close() {
        holders.forEach(Executables::release);
        holders.clear();
    }

    /** Symbols of the file; null if they cannot be had. Looked for once in a process. */
    @Nullable Executable of(TrackedProcess process, MappedFile file, long start, long end) {
        if (!file.lookedFor && file.isFile()) {
            file.lookedFor = true;
            lastPath = null;
            file.executable = find(process, file, start, end);
            if (file.executable == null) {
                failures++;
            } else {
                tell(process, file, file.executable);
            }
            release(file);
        }
        return file.executable;
    }

    /** Opens a file that is mapped now; null if it cannot be opened as what it was. */
    @Nullable FileChannel openFile(TrackedProcess process, MappedFile file, long start, long end) {
        HeldFile mapped = openMapped(process, file, start, end, 0);
        if (mapped != null) {
            return mapped.channel();
        }
        try {
            Path path = Path.of(proc, Integer.toString(process.pid()), "root" + file.path());
            HeldFile named = HeldFile.open(path, 0);
            if (named != null && named.key().inode() == file.inode()) {
                return named.channel();
            }
            if (named != null) {
                named.close();
            }
        } catch (InvalidPathException e) {
            return null; // Holds a NUL or what this system's names cannot.
        }
        return null;
    }

    private void tell(TrackedProcess process, MappedFile file, Executable executable) {
        Path path = lastPath;
        if (path != null) {
            for (FoundExecutables told : listeners) {
                told.found(executable, path, process.pid(), file.path());
            }
        }
    }

    private static void release(MappedFile file) {
        HeldFile held = file.held;
        file.held = null;
        if (held != null) {
            held.close();
        }
    }

    private @Nullable Executable find(
            TrackedProcess process, MappedFile file, long start, long end) {
        HeldFile held = file.held;
        if (held != null) {
            // Opened once more by its descriptor: the cache closes what it reads.
            Path own = Descriptors.find(held.key());
            lastPath = own;
            return loaded(
                    cache.get(
                            held.key(),
                            file.name(),
                            () ->
                                    own == null
                                            ? held.channel()
                                            : FileChannel.open(own, StandardOpenOption.READ)));
        }
        if (!process.hasExited()) {
            HeldFile mapped = openMapped(process, file, start, end, 0);
            if (mapped != null) {
                lastPath = mapFile(process, start, end);
                try {
                    return loaded(cache.get(mapped.key(), file.name(), mapped::channel));
                } finally {
                    mapped.close();
                }
            }
        }
        String[] roots = {
            proc + '/' + process.pid() + "/root",
            proc + '/' + process.parent + "/root",
            proc + "/self/root",
        };
        for (String root : roots) {
            try {
                Executable byPath = load(Path.of(root + file.path()), file);
                if (byPath != null) {
                    return byPath;
                }
            } catch (InvalidPathException e) {
                return null; // Holds a NUL or what this system's names cannot.
            }
        }
        return null;
    }

    /**
     * Opens the file by the kernel's link to it, if that is still the file that was mapped: by now
     * the process may run another program, or be another one of the same pid, with code at the same
     * place.
     */
    private @Nullable HeldFile openMapped(
            TrackedProcess process, MappedFile file, long start, long end, long nowNanos) {
        Path link = mapFile(process, start, end);
        HeldFile held = HeldFile.open(link, nowNanos);
        if (held == null) {
            return null;
        }
        if (held.key().inode() == file.inode() || isOnOtherDevice(held, file)) {
            return held;
        }
        held.close();
        return null;
    }

    /**
     * Whether an open file is the mapped one as another device has it: overlayfs may show another
     * inode, and another device, in stat(2) than in a mapping. The link that it was opened by is
     * not asked for its path: it may lead elsewhere by now.
     */
    private static boolean isOnOtherDevice(HeldFile held, MappedFile file) {
        if (held.key().device() == file.device()) {
            return false;
        }
        Path own = Descriptors.find(held.key());
        try {
            return own != null && Files.readSymbolicLink(own).toString().equals(file.path());
        } catch (IOException e) {
            return false;
        }
    }

    private Path mapFile(TrackedProcess process, long start, long end) {
        String range = Long.toHexString(start) + '-' + Long.toHexString(end);
        return Path.of(proc, Integer.toString(process.pid()), "map_files", range);
    }

    private @Nullable Executable load(Path path, MappedFile file) {
        try {
            if (!Files.readAttributes(path, BasicFileAttributes.class).isRegularFile()) {
                return null;
            }
            FileKey key = FileKey.of(path);
            if (key.inode() != file.inode()) {
                return null;
            }
            lastPath = path;
            return loaded(
                    cache.get(
                            key,
                            file.name(),
                            () -> FileChannel.open(path, StandardOpenOption.READ)));
        } catch (IOException e) {
            return null; // Not there: the next place may have it.
        }
    }

    private static @Nullable Executable loaded(ExecutableCache.Outcome outcome) {
        return outcome instanceof ExecutableCache.Loaded(Executable executable) ? executable : null;
    }
}
