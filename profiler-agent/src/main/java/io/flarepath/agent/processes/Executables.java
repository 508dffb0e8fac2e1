package io.flarepath.agent.processes;

import io.flarepath.symbolizer.binary.Executable;
import io.flarepath.symbolizer.binary.ExecutableCache;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
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

    /** Symbols, and the file that they are of. */
    private record Found(Executable executable, HeldFile file) implements AutoCloseable {
        @Override
        public void close() {
            file.close();
        }
    }

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
            try (Found found = find(process, file, start, end)) {
                if (found == null) {
                    failures++;
                } else {
                    file.executable = found.executable();
                    tell(process, file, found);
                }
            }
        }
        return file.executable;
    }

    /** Opens a file that is mapped now; null if it cannot be opened as what it was. */
    @Nullable FileChannel openFile(TrackedProcess process, MappedFile file, long start, long end) {
        try (HeldFile held = openNow(process, file, start, end)) {
            return held == null ? null : held.reference().read();
        } catch (IOException e) {
            return null; // It may be seen, but not read.
        }
    }

    private @Nullable HeldFile openNow(
            TrackedProcess process, MappedFile file, long start, long end) {
        HeldFile mapped = openMapped(process, file, start, end, 0);
        return mapped != null
                ? mapped
                : openNamed(proc + '/' + process.pid() + "/root" + file.path(), file);
    }

    private void tell(TrackedProcess process, MappedFile file, Found found) {
        Path path = found.file().reference().path();
        for (FoundExecutables told : listeners) {
            told.found(found.executable(), path, process.pid(), file.path());
        }
    }

    private static void release(MappedFile file) {
        HeldFile held = file.held;
        file.held = null;
        if (held != null) {
            held.close();
        }
    }

    private @Nullable Found find(TrackedProcess process, MappedFile file, long start, long end) {
        HeldFile held = file.held;
        if (held != null) {
            file.held = null;
            return loaded(held, file);
        }
        if (!process.hasExited()) {
            HeldFile mapped = openMapped(process, file, start, end, 0);
            if (mapped != null) {
                return loaded(mapped, file);
            }
        }
        String[] roots = {
            proc + '/' + process.pid() + "/root",
            proc + '/' + process.parent + "/root",
            proc + "/self/root",
        };
        for (String root : roots) {
            HeldFile named = openNamed(root + file.path(), file);
            Found found = named == null ? null : loaded(named, file);
            if (found != null) {
                return found;
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
        String range = Long.toHexString(start) + '-' + Long.toHexString(end);
        HeldFile held = HeldFile.open(proc + '/' + process.pid() + "/map_files/" + range, nowNanos);
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
        try {
            Path own = Files.readSymbolicLink(held.reference().path());
            return own.toString().equals(file.path());
        } catch (IOException e) {
            return false;
        }
    }

    /** Opens the file by a name, where that is the one that was mapped. */
    private static @Nullable HeldFile openNamed(String path, MappedFile file) {
        HeldFile held = HeldFile.open(path, 0);
        if (held != null && held.key().inode() != file.inode()) {
            held.close();
            return null;
        }
        return held;
    }

    /** The file with its symbols; null, and the file closed, if they cannot be had. */
    private @Nullable Found loaded(HeldFile held, MappedFile file) {
        if (cache.get(held.key(), file.name(), held.reference()::read)
                instanceof ExecutableCache.Loaded(Executable executable)) {
            return new Found(executable, held);
        }
        held.close();
        return null;
    }
}
