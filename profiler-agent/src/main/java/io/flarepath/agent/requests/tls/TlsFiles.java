package io.flarepath.agent.requests.tls;

import io.flarepath.agent.processes.LiveFiles;
import io.flarepath.agent.processes.MappedFile;
import io.flarepath.bpf.BpfException;
import io.flarepath.bpf.FileReference;
import io.flarepath.bpf.RequestBytes;
import io.flarepath.bpf.TlsFunction;
import io.flarepath.symbolizer.binary.ByteSource;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the files that hold OpenSSL: {@code libssl} as processes have it mapped, in containers
 * too, and programs that have it linked in and name its functions. A file is the very one that is
 * mapped, whatever its path says by now, and is watched for all processes that have it or will. One
 * that nobody has mapped for a while is left. On a thread of its own; safe for several threads.
 */
public final class TlsFiles implements AutoCloseable {
    /** Files that are watched at once; of more, others are not seen into. */
    public static final int MOST_FILES = 128;

    private static final Logger LOG = LoggerFactory.getLogger(TlsFiles.class);
    private static final String LIBRARY = "libssl";
    private static final int MOST_LOOKED_AT = 8192;
    private static final int MOST_ASKED = 1024;
    private static final long WAIT_MILLIS = 200;
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long UNUSED_NANOS = TimeUnit.MINUTES.toNanos(5);

    /** What is known of a mapped file is asked anew after this: its inode may be another's. */
    private static final long KNOWN_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final RequestBytes source;
    private final long lookNanos;
    private final long unusedNanos;
    private final LiveFiles live = new LiveFiles();
    private final Thread thread = new Thread(this::run, "tls");
    private final BlockingQueue<Mapping> asked = new LinkedBlockingQueue<>(MOST_ASKED);
    private final Map<Identity, Watched> watched = new HashMap<>();
    private final LinkedHashMap<Named, Known> known = new LinkedHashMap<>(64, 0.75f, true);
    private long refused;
    private boolean closed;

    /** A file as a mapping names it: overlayfs shows another device there than in its state. */
    private record Named(long device, long inode, String path) {}

    /** A file as its state names it. */
    private record Identity(long device, long inode) {}

    private record Mapping(int pid, MappedFile file, long start, long end) {}

    /** What a file was found to be. */
    private record Known(@Nullable Watched file, long sinceNanos) {}

    private static final class Watched {
        private final int number;
        private final String path;
        private long usedNanos;

        Watched(int number, String path, long nowNanos) {
            this.number = number;
            this.path = path;
            usedNanos = nowNanos;
        }
    }

    private TlsFiles(RequestBytes source, long lookNanos, long unusedNanos) {
        this.source = source;
        this.lookNanos = lookNanos;
        this.unusedNanos = unusedNanos;
    }

    /**
     * Begins to look for files, first for those of processes that run now.
     *
     * @param source is told of them; stays the caller's to close, after this
     */
    public static TlsFiles start(RequestBytes source) {
        return start(source, LOOK_NANOS, UNUSED_NANOS);
    }

    /**
     * The same with other times.
     *
     * @param lookNanos from one look at all processes to the next
     * @param unusedNanos after which a file that nobody has mapped is left
     */
    static TlsFiles start(RequestBytes source, long lookNanos, long unusedNanos) {
        TlsFiles files = new TlsFiles(source, lookNanos, unusedNanos);
        files.thread.setDaemon(true);
        files.thread.start();
        return files;
    }

    /**
     * A process has mapped a file to run code of it. Returns at once.
     *
     * @param main whether it is the program itself
     */
    public void mapped(int pid, boolean main, MappedFile file, long start, long end) {
        if (!isCandidate(main, file)) {
            return;
        }
        synchronized (this) {
            Known before = known.get(named(file));
            long now = System.nanoTime();
            if (before != null && now - before.sinceNanos < KNOWN_NANOS) {
                use(before, now);
            } else {
                // What finds no room is found when all processes are looked at.
                boolean _ = asked.offer(new Mapping(pid, file, start, end));
            }
        }
    }

    private static boolean isCandidate(boolean main, MappedFile file) {
        return file.isFile() && (main || file.name().startsWith(LIBRARY));
    }

    private static Named named(MappedFile file) {
        return new Named(file.device(), file.inode(), file.path());
    }

    private static void use(Known file, long nowNanos) {
        if (file.file != null) {
            file.file.usedNanos = nowNanos;
        }
    }

    /** Files that are watched now. */
    public synchronized int watched() {
        return watched.size();
    }

    /** Whether the file that a process has mapped under this path is watched. */
    synchronized boolean watches(String path) {
        return watched.values().stream().anyMatch(file -> file.path.equals(path));
    }

    /** Files that could not be watched, since the start: the kernel refused, or too many were. */
    public synchronized long refused() {
        return refused;
    }

    private void run() {
        long lookedNanos = System.nanoTime() - lookNanos;
        try {
            while (!isClosed()) {
                if (System.nanoTime() - lookedNanos >= lookNanos) {
                    lookedNanos = System.nanoTime();
                    look();
                }
                Mapping next = asked.poll(WAIT_MILLIS, TimeUnit.MILLISECONDS);
                if (next != null) {
                    examine(next);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("files that hold OpenSSL are not looked for any more: {}", e.toString());
        } catch (IllegalStateException e) {
            if (!isClosed()) {
                throw e;
            }
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /** Looks at all processes, and leaves what none of them has used for a while. */
    private void look() {
        live.visit(this::mapped);
        Mapping next = asked.poll();
        while (next != null && !isClosed()) {
            examine(next);
            next = asked.poll();
        }
        long now = System.nanoTime();
        for (Watched file : unused(now)) {
            source.unprobe(file.number);
            LOG.info("{} is not watched any more: nobody has it mapped", file.path);
        }
    }

    private synchronized List<Watched> unused(long nowNanos) {
        List<Watched> unused = new ArrayList<>();
        watched.values()
                .removeIf(file -> {
                    boolean is = nowNanos - file.usedNanos > unusedNanos;
                    if (is) {
                        unused.add(file);
                    }
                    return is;
                });
        known.values().removeIf(one -> one.file != null && unused.contains(one.file));
        return unused;
    }

    private void examine(Mapping mapping) {
        MappedFile file = mapping.file;
        Named name = named(file);
        synchronized (this) {
            Known before = known.get(name);
            if (before != null && System.nanoTime() - before.sinceNanos < KNOWN_NANOS) {
                use(before, System.nanoTime());
                return;
            }
        }
        // The kernel's own link to what is mapped there: not what its path may lead to by now.
        String link = "/proc/%d/map_files/%x-%x".formatted(mapping.pid, mapping.start, mapping.end);
        try (FileReference reference = FileReference.of(link)) {
            if (reference == null || !isOf(reference, file)) {
                return; // It has ended, or runs another program: the next process may tell.
            }
            remember(name, watch(reference, file.path()));
        } catch (IOException | RuntimeException e) {
            // A file may hold anything, and be cut while it is read.
            LOG.debug("{} cannot be looked into: {}", file.path(), e.toString());
            remember(name, null);
        }
    }

    private static boolean isOf(FileReference reference, MappedFile file) {
        return reference.inode() == file.inode() || reference.device() != file.device();
    }

    private synchronized void remember(Named name, @Nullable Watched file) {
        known.put(name, new Known(file, System.nanoTime()));
        if (known.size() > MOST_LOOKED_AT) {
            known.pollFirstEntry();
        }
    }

    private @Nullable Watched watch(FileReference reference, String path) throws IOException {
        Identity identity = new Identity(reference.device(), reference.inode());
        synchronized (this) {
            Watched there = watched.get(identity);
            if (there != null) {
                there.usedNanos = System.nanoTime();
                return there;
            }
        }
        Map<Long, TlsFunction> places;
        try (FileChannel channel = reference.read()) {
            places = TlsSymbols.of(ByteSource.of(channel));
        }
        if (places.isEmpty()) {
            return null;
        }
        return probe(reference, identity, places, path);
    }

    private @Nullable Watched probe(
            FileReference reference,
            Identity identity,
            Map<Long, TlsFunction> places,
            String path) {
        try {
            if (watched() >= MOST_FILES) {
                refuse(path, "more than " + MOST_FILES + " files are");
                return null;
            }
            int number = source.probe(reference, places);
            Watched file = new Watched(number, path, System.nanoTime());
            synchronized (this) {
                watched.put(identity, file);
            }
            LOG.info("what TLS carries is read where {} does it", path);
            return file;
        } catch (BpfException e) {
            refuse(path, e.toString());
            return null;
        }
    }

    private synchronized void refuse(String path, String why) {
        refused++;
        LOG.warn("what TLS carries is not seen where {} does it: {}", path, why);
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
