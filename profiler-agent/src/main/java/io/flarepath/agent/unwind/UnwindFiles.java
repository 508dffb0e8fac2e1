package io.flarepath.agent.unwind;

import io.flarepath.agent.metrics.Counter;
import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.agent.processes.FoundExecutables;
import io.flarepath.agent.symbols.Builder;
import io.flarepath.agent.symbols.BuilderMain;
import io.flarepath.agent.symbols.BuilderMessage;
import io.flarepath.agent.symbols.SymbolFolder;
import io.flarepath.agent.symbols.SymbolRequest;
import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.Executable;
import io.flarepath.symbolizer.binary.unwind.UnwindCompiler;
import io.flarepath.symbolizer.binary.unwind.UnwindTable;
import io.flarepath.symbolizer.live.Vdso;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where unwind tables of executables come from: the folder, where they were made before, else they
 * are made, large ones by the builder, one after the other and without pauses: samples wait.
 */
public final class UnwindFiles implements FoundExecutables, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UnwindFiles.class);

    /** Executables that wait; each holds a file open. */
    private static final int MAX_WAITING = 512;

    /** Executables of which is known that they wait, are done, or have none. */
    private static final int MAX_SETTLED = 8192;

    /** Samples wait for it, on a machine that may have nothing to spare. */
    private static final int NICENESS = 5;

    /** Enough for three million rows. */
    private static final int HEAP_MIB = 128;

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long IDLE_SECONDS = 20;

    /** Bytes of all tables in the folder. */
    private static final long MOST_BYTES = 256L << 20;

    private static final int VDSO_BYTES = 1 << 18;

    /**
     * What became of an executable.
     *
     * @param failed whether no table can be made of it
     */
    record Made(String identity, boolean failed) {}

    private final SymbolFolder folder;
    private final Builder builder = new Builder(NICENESS, HEAP_MIB, PATIENCE);
    private final BlockingQueue<SymbolRequest> waiting = new ArrayBlockingQueue<>(MAX_WAITING);

    /** Those of them that the builder makes: the others do not wait behind them. */
    private final BlockingQueue<SymbolRequest> large = new ArrayBlockingQueue<>(MAX_WAITING);

    private final Set<String> settled = ConcurrentHashMap.newKeySet();
    private final Queue<Made> made = new ConcurrentLinkedQueue<>();
    private final Thread small;
    private final Thread building;
    private final Counter built;
    private final Counter opened;
    private final Counter failed;
    private final Counter postponed;
    private volatile boolean stopped;

    private UnwindFiles(Path path, MetricRegistry registry) throws IOException {
        folder = new SymbolFolder(path, ".unwind", MOST_BYTES);
        String name = "unwind_tables_total";
        String help = "Executables by what became of their unwind table.";
        built = registry.counter(name, help, "result", "built");
        opened = registry.counter(name, help, "result", "opened");
        failed = registry.counter(name, help, "result", "failed");
        postponed = registry.counter(name, help, "result", "postponed");
        small = new Thread(this::serveSmall, "unwind tables");
        small.setDaemon(true);
        building = new Thread(this::serveLarge, "large unwind tables");
        building.setDaemon(true);
    }

    /**
     * Starts.
     *
     * @param path folder of the tables
     */
    public static UnwindFiles start(Path path, MetricRegistry registry) throws IOException {
        UnwindFiles files = new UnwindFiles(path, registry);
        files.small.start();
        files.building.start();
        return files;
    }

    /** The table that was made of an executable, or null; opens it on the calling thread. */
    @Nullable UnwindTable find(String identity) {
        Path file = folder.file(identity);
        if (!Files.exists(file)) {
            return null;
        }
        try {
            UnwindTable table = UnwindTable.open(file);
            SymbolFolder.touch(file);
            opened.increment();
            return table.identity().equals(identity) ? table : null;
        } catch (IOException e) {
            LOG.info("an unwind table is made anew: {}", e.toString());
            settled.remove(identity);
            return null;
        }
    }

    /** What was made since it was asked last; null: nothing more. */
    @Nullable Made poll() {
        return made.poll();
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
        if (isSettled(executable)) {
            return;
        }
        try {
            offer(SymbolRequest.open(executable, file, pid, path));
        } catch (IOException e) {
            settled.remove(executable.identity()); // The next process that maps it may last.
        }
    }

    /** Whether nothing is to be done; else it is from now on. */
    private boolean isSettled(Executable executable) {
        if (settled.size() >= MAX_SETTLED) {
            settled.clear();
        }
        return !settled.add(executable.identity());
    }

    private void offer(SymbolRequest request) throws IOException {
        if (!waiting.offer(request)) {
            postponed.increment();
            settled.remove(request.executable().identity());
            request.close();
        }
    }

    private void serveSmall() {
        while (!stopped) {
            try {
                serve(waiting.take());
            } catch (InterruptedException e) {
                break;
            }
        }
    }

    /** Makes small ones at once, in some milliseconds; what is large or odd is left to others. */
    private void serve(SymbolRequest request) {
        String identity = request.executable().identity();
        Path file = folder.file(identity);
        try {
            if (Files.exists(file)) {
                done(request, false);
            } else if (folder.hasFailed(identity)) {
                done(request, true);
            } else if (isMadeHere(request, file)) {
                built.increment();
                done(request, false);
            } else if (!large.offer(request)) {
                postponed.increment();
                settled.remove(identity);
                request.close();
            }
        } catch (IOException e) {
            LOG.debug("a file did not close: {}", e.toString());
        }
    }

    private void done(SymbolRequest request, boolean bad) throws IOException {
        made.add(new Made(request.executable().identity(), bad));
        request.close();
    }

    private void serveLarge() {
        while (!stopped) {
            try {
                SymbolRequest request = large.poll(IDLE_SECONDS, TimeUnit.SECONDS);
                if (request == null) {
                    builder.close();
                } else {
                    done(request, !build(request));
                }
            } catch (InterruptedException e) {
                break;
            } catch (IOException e) {
                LOG.debug("a file did not close: {}", e.toString());
            }
        }
        builder.close();
    }

    private boolean build(SymbolRequest request) throws InterruptedException {
        Executable executable = request.executable();
        String reason;
        try {
            Path file = folder.file(executable.identity());
            List<String> answer =
                    builder.build(request.fields(BuilderMain.UNWIND, file, folder.folder()));
            if (answer.getFirst().equals(BuilderMessage.DONE)) {
                built.increment();
                folder.trim();
                return true;
            }
            folder.markFailed(executable.identity());
            reason = answer.getLast();
        } catch (IOException e) {
            reason = e.toString();
        }
        failed.increment();
        LOG.info("{} is walked by frame pointers: {}", executable.fileName(), reason);
        return false;
    }

    private static boolean isMadeHere(SymbolRequest request, Path file) {
        try {
            ByteSource source = ByteSource.of(request.file());
            return UnwindCompiler.compileSmall(source, file).isPresent();
        } catch (IOException | RuntimeException e) {
            LOG.debug(
                    "{} is left to the builder: {}", request.executable().fileName(), e.toString());
            return false;
        }
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
        waiting.drainTo(large);
        for (SymbolRequest request = large.poll(); request != null; request = large.poll()) {
            try {
                request.close();
            } catch (IOException e) {
                LOG.debug("a file did not close: {}", e.toString());
            }
        }
    }
}
