package io.flarepath.agent.unwind;

import io.flarepath.agent.metrics.Counter;
import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.agent.processes.FoundExecutables;
import io.flarepath.agent.symbols.Builder;
import io.flarepath.agent.symbols.BuilderMain;
import io.flarepath.agent.symbols.BuilderMessage;
import io.flarepath.agent.symbols.RequestQueue;
import io.flarepath.agent.symbols.SymbolFolder;
import io.flarepath.agent.symbols.SymbolRequest;
import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.Executable;
import io.flarepath.symbolizer.binary.unwind.UnwindCompiler;
import io.flarepath.symbolizer.binary.unwind.UnwindTable;
import io.flarepath.symbolizer.live.Vdso;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where unwind tables of executables come from: the folder, where they were made before, else they
 * are made, large ones by the builder: one after the other, those first that most samples wait for.
 */
public final class UnwindFiles implements FoundExecutables, TableSource, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UnwindFiles.class);

    /** Executables that wait; each holds a file open. */
    private static final int MAX_WAITING = 512;

    /** Executables of which is known how far they are: twice as many as have numbers. */
    private static final int MAX_KNOWN = 8192;

    /** Samples wait for it, on a machine that may have nothing to spare. */
    private static final int NICENESS = 5;

    /** Enough for three million rows. */
    private static final int HEAP_MIB = 128;

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long IDLE_SECONDS = 20;

    /** Work of each thread at once, and in the long run. */
    private static final long BURST_NANOS = 5_000_000_000L;

    private static final int PART_OF_A_CPU = 4;
    private static final long LONGEST_REST_NANOS = 10_000_000_000L;

    private static final int VDSO_BYTES = 1 << 18;

    private final SymbolFolder folder;
    private final Builder builder = new Builder(NICENESS, HEAP_MIB, PATIENCE);
    private final RequestQueue waiting = new RequestQueue(MAX_WAITING);

    /** Those of them that the builder makes: the others do not wait behind them. */
    private final RequestQueue large = new RequestQueue(MAX_WAITING);

    /** Guarded by itself. */
    private final Map<String, Progress> known =
            new LinkedHashMap<>(64, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Progress> eldest) {
                    return size() > MAX_KNOWN;
                }
            };

    private final AtomicInteger inWork = new AtomicInteger();
    private final Thread small;
    private final Thread building;
    private final Counter built;
    private final Counter opened;
    private final Counter failed;
    private final Counter postponed;
    private volatile boolean stopped;

    private UnwindFiles(SymbolFolder folder, MetricRegistry registry) {
        this.folder = folder;
        String name = "unwind_tables_total";
        String help = "Executables by what became of their unwind table.";
        built = registry.counter(name, help, "result", "built");
        opened = registry.counter(name, help, "result", "opened");
        failed = registry.counter(name, help, "result", "failed");
        postponed = registry.counter(name, help, "result", "postponed");
        registry.gauge(
                "unwind_tables_waiting",
                "Executables whose unwind table is to be made.",
                this::waiting);
        small = new Thread(this::serveSmall, "unwind tables");
        small.setDaemon(true);
        building = new Thread(this::serveLarge, "large unwind tables");
        building.setDaemon(true);
    }

    /**
     * Starts.
     *
     * @param path folder of the tables
     * @param mostBytes that they may take
     */
    public static UnwindFiles start(Path path, long mostBytes, MetricRegistry registry)
            throws IOException {
        SymbolFolder folder = new SymbolFolder(path, ".unwind", mostBytes);
        UnwindFiles files = new UnwindFiles(folder, registry);
        files.small.start();
        files.building.start();
        return files;
    }

    @Override
    public Progress progress(String identity) {
        synchronized (known) {
            Progress progress = known.get(identity);
            if (progress != null) {
                return progress;
            }
        }
        return Files.exists(folder.file(identity)) ? Progress.READY : Progress.NONE;
    }

    @Override
    public @Nullable UnwindTable open(String identity) {
        Path file = folder.file(identity);
        try {
            UnwindTable table = UnwindTable.open(file);
            if (table.identity().equals(identity)) {
                opened.increment();
                SymbolFolder.touch(file);
                return table;
            }
            table.close();
        } catch (IOException e) {
            LOG.info("an unwind table is made anew when it is found again: {}", e.toString());
        }
        forget(identity);
        remove(file);
        return null;
    }

    @Override
    public void wanted(String identity, double rate) {
        waiting.wanted(identity, rate);
        large.wanted(identity, rate);
    }

    private void forget(String identity) {
        synchronized (known) {
            known.remove(identity);
        }
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("an unwind table cannot be removed: {}", e.toString());
        }
    }

    /** Our own vDSO as an executable, whose table is then made; null if it cannot be had. */
    @Nullable Executable vdso() {
        try {
            byte[] image = Vdso.image();
            if (image.length == 0 || image.length > VDSO_BYTES) {
                return null;
            }
            Path file = folder.folder().resolve("vdso.so");
            Files.write(file, image);
            Executable executable = Executable.open(file);
            found(executable, file, Math.toIntExact(ProcessHandle.current().pid()), "[vdso]");
            return executable;
        } catch (IOException e) {
            LOG.warn("stacks in the vDSO are cut: {}", e.toString());
            return null;
        }
    }

    @Override
    public void found(Executable executable, Path file, int pid, String path) {
        if (!begin(executable.identity())) {
            return;
        }
        try {
            if (waiting.offer(SymbolRequest.open(executable, file, pid, path))) {
                return;
            }
            postponed.increment();
        } catch (IOException e) {
            LOG.debug("{} cannot be opened: {}", executable.fileName(), e.toString());
        }
        forget(executable.identity()); // The next process that maps it may last.
    }

    /** Whether it is for the caller to ask for the table; others need not from now on. */
    private boolean begin(String identity) {
        synchronized (known) {
            return known.putIfAbsent(identity, Progress.WAITING) == null;
        }
    }

    /** Makes small ones at once, in some milliseconds; what is large or odd is left to others. */
    private void serveSmall() {
        serve(waiting, this::make, () -> {});
    }

    private void serveLarge() {
        serve(large, this::build, builder::close);
        builder.close();
    }

    /** Makes a table; gives whether it did something that must be paid for with rest. */
    @FunctionalInterface
    private interface Maker {
        boolean make(SymbolRequest request) throws InterruptedException;
    }

    private void serve(RequestQueue queue, Maker maker, Runnable whenIdle) {
        BuildPace pace = new BuildPace(BURST_NANOS, PART_OF_A_CPU, System.nanoTime());
        while (!stopped) {
            try {
                SymbolRequest request = queue.take(IDLE_SECONDS);
                long start = System.nanoTime();
                if (request == null) {
                    whenIdle.run();
                } else if (counted(maker, request)) {
                    long now = System.nanoTime();
                    long rest = pace.restNanos(now - start, now);
                    TimeUnit.NANOSECONDS.sleep(Math.min(rest, LONGEST_REST_NANOS));
                }
            } catch (InterruptedException e) {
                break;
            }
        }
    }

    private boolean counted(Maker maker, SymbolRequest request) throws InterruptedException {
        inWork.incrementAndGet();
        try {
            return maker.make(request);
        } finally {
            inWork.decrementAndGet();
        }
    }

    private boolean make(SymbolRequest request) {
        String identity = request.executable().identity();
        Path file = folder.file(identity);
        if (isWhole(file, identity)) {
            conclude(request, Progress.READY);
            return false;
        }
        if (isMadeHere(request, file)) {
            built.increment();
            conclude(request, Progress.READY);
            return true;
        }
        // Of what was not compiled well something may be there all the same.
        remove(file);
        if (!large.offer(request)) {
            postponed.increment();
            forget(identity);
        }
        return true;
    }

    private static boolean isMadeHere(SymbolRequest request, Path file) {
        try (FileChannel content = request.file().read()) {
            return UnwindCompiler.compileSmall(ByteSource.of(content), file).isPresent()
                    && isWhole(file, request.executable().identity());
        } catch (IOException | RuntimeException e) {
            LOG.debug(
                    "{} is left to the builder: {}", request.executable().fileName(), e.toString());
            return false;
        }
    }

    private boolean build(SymbolRequest request) throws InterruptedException {
        Executable executable = request.executable();
        Path file = folder.file(executable.identity());
        try {
            List<String> answer =
                    builder.build(request.fields(BuilderMain.UNWIND, file, folder.folder()));
            if (!answer.getFirst().equals(BuilderMessage.DONE)) {
                fail(executable, answer.getLast());
                conclude(request, Progress.NONE);
            } else if (isWhole(file, executable.identity())) {
                built.increment();
                folder.trim();
                conclude(request, Progress.READY);
            } else {
                remove(file);
                fail(executable, "it became another file");
                conclude(request, Progress.NONE);
            }
        } catch (IOException e) {
            // Not for the file's sake: it is tried again when it is found again.
            fail(executable, e.toString());
            conclude(request, Progress.NONE);
            forget(executable.identity());
        }
        return true;
    }

    private void conclude(SymbolRequest request, Progress progress) {
        synchronized (known) {
            known.put(request.executable().identity(), progress);
        }
        request.close();
    }

    private void fail(Executable executable, String reason) {
        failed.increment();
        LOG.info("{} is walked by frame pointers: {}", executable.fileName(), reason);
    }

    /** Whether there is a table already, and it can be used. */
    private static boolean isWhole(Path file, String identity) {
        if (!Files.exists(file)) {
            return false;
        }
        try (UnwindTable table = UnwindTable.open(file)) {
            return table.identity().equals(identity);
        } catch (IOException e) {
            LOG.info("an unwind table is made anew: {}", e.toString());
            return false;
        }
    }

    /** Executables whose table is not made yet. */
    int waiting() {
        return waiting.size() + large.size() + inWork.get();
    }

    @Override
    public void close() {
        stopped = true;
        small.interrupt();
        building.interrupt();
        try {
            small.join(2000);
            building.join(2000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        builder.close();
        waiting.close();
        large.close();
    }
}
