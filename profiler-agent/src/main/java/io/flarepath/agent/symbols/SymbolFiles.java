package io.flarepath.agent.symbols;

import io.flarepath.agent.metrics.Counter;
import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.agent.processes.FoundExecutables;
import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.Executable;
import io.flarepath.symbolizer.binary.ExecutableCache.ReadySymbols;
import io.flarepath.symbolizer.binary.compile.DebugInformation;
import io.flarepath.symbolizer.binary.debugfile.DebugFiles;
import io.flarepath.symbolizer.binary.symbolfile.SymbolFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that sampled executables get their symbol file: from the folder, if it was made
 * before; else from the builder, one after the other and with pauses. Until then, and where that
 * fails, executables name addresses by their own symbols.
 */
public final class SymbolFiles implements FoundExecutables, ReadySymbols, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SymbolFiles.class);

    /** Executables that wait; each holds a file open. */
    private static final int MAX_WAITING = 128;

    /** Executables of which is known that they wait, or have none. */
    private static final int MAX_SETTLED = 8192;

    /** Nobody waits for it. */
    private static final int NICENESS = 19;

    private static final int HEAP_MIB = 256;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long IDLE_SECONDS = 20;

    /** The builder rests so many times as long as it worked: a fourth of a CPU at most. */
    private static final int REST = 3;

    private static final long LONGEST_REST_MILLIS = 10_000;

    private final SymbolFolder folder;
    private final Builder builder = new Builder(NICENESS, HEAP_MIB, PATIENCE);
    private final BlockingQueue<SymbolRequest> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
    private final Set<String> settled = ConcurrentHashMap.newKeySet();
    private final Thread thread;
    private final Counter built;
    private final Counter opened;
    private final Counter failed;
    private final Counter postponed;
    private volatile boolean stopped;

    private SymbolFiles(SymbolFolder folder, MetricRegistry registry) {
        this.folder = folder;
        String name = "symbol_files_total";
        String help = "Executables by what became of their symbol file.";
        built = registry.counter(name, help, "result", "built");
        opened = registry.counter(name, help, "result", "opened");
        failed = registry.counter(name, help, "result", "failed");
        postponed = registry.counter(name, help, "result", "postponed");
        thread = new Thread(this::run, "symbols");
        thread.setDaemon(true);
    }

    /**
     * Starts.
     *
     * @param path folder of the files
     * @param mostBytes that they may take
     */
    public static SymbolFiles start(Path path, long mostBytes, MetricRegistry registry)
            throws IOException {
        SymbolFiles files =
                new SymbolFiles(new SymbolFolder(path, ".symbols", mostBytes), registry);
        files.thread.start();
        return files;
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
        return executable.hasSymbolFile() || !settled.add(executable.identity());
    }

    private void offer(SymbolRequest request) {
        if (!waiting.offer(request)) {
            postponed.increment();
            settled.remove(request.executable().identity());
            request.close();
        }
    }

    private void run() {
        while (!stopped) {
            try {
                SymbolRequest request = waiting.poll(IDLE_SECONDS, TimeUnit.SECONDS);
                if (request == null) {
                    builder.close();
                } else {
                    serve(request);
                }
            } catch (InterruptedException e) {
                break;
            }
        }
        builder.close();
    }

    private void serve(SymbolRequest request) throws InterruptedException {
        Executable executable = request.executable();
        String identity = executable.identity();
        Path file = folder.file(identity);
        long start = System.nanoTime();
        boolean worked = false;
        try (request) {
            if (Files.exists(file) && attach(executable, file)) {
                opened.increment();
                return;
            }
            if (folder.hasFailed(identity) || !hasMore(request)) {
                return;
            }
            worked = true;
            List<String> answer =
                    builder.build(request.fields(BuilderMain.SYMBOLS, file, folder.folder()));
            if (answer.getFirst().equals(BuilderMessage.DONE) && attach(executable, file)) {
                built.increment();
                folder.trim();
                LOG.debug("symbols of {}: {}", executable.fileName(), answer);
            } else {
                failed.increment();
                folder.markFailed(identity);
                LOG.info("{} keeps its own symbols: {}", executable.fileName(), answer.getLast());
            }
        } catch (IOException e) {
            failed.increment();
            LOG.warn("no symbol file of {}: {}", executable.fileName(), e.toString());
        }
        if (worked) {
            long millis = (System.nanoTime() - start) / 1_000_000 * REST;
            Thread.sleep(Math.min(millis, LONGEST_REST_MILLIS));
        }
    }

    /** The symbol file that is there already, or null; opens it on the calling thread. */
    @Override
    public @Nullable SymbolFile find(String identity) {
        Path file = folder.file(identity);
        if (!Files.exists(file)) {
            return null;
        }
        try {
            SymbolFile symbols = SymbolFile.open(file);
            SymbolFolder.touch(file);
            opened.increment();
            return symbols.identity().equals(identity) ? symbols : null;
        } catch (IOException e) {
            LOG.info("a symbol file is made anew: {}", e.toString());
            return null;
        }
    }

    private boolean attach(Executable executable, Path file) {
        try {
            SymbolFile symbols = SymbolFile.open(file);
            executable.attach(symbols);
            SymbolFolder.touch(file);
            // It may be dropped from the cache and read again: then it is attached again.
            settled.remove(executable.identity());
            return true;
        } catch (IOException | IllegalArgumentException e) {
            LOG.info("a symbol file is made anew: {}", e.toString());
            return false;
        }
    }

    /** Whether more can be found than the executable's own symbols, at a glance. */
    private boolean hasMore(SymbolRequest request) throws IOException {
        if (request.executable().isBetterInSymbolFile()) {
            return true;
        }
        if (!request.executable().buildId().isEmpty()
                && BuilderMain.servers(folder.folder()).isConfigured()) {
            return true;
        }
        DebugFiles files = new DebugFiles(List.of(request.root(), Path.of("/")), request.path());
        try (FileChannel file = request.file().read()) {
            return DebugInformation.mayBeThere(ByteSource.of(file), files);
        }
    }

    @Override
    public void close() {
        stopped = true;
        thread.interrupt();
        try {
            thread.join(2000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        builder.close();
        for (SymbolRequest request = waiting.poll(); request != null; request = waiting.poll()) {
            request.close();
        }
    }
}
