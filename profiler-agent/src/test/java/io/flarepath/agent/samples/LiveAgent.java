package io.flarepath.agent.samples;

import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.agent.processes.Processes;
import io.flarepath.agent.processes.SampledPids;
import io.flarepath.agent.symbols.SymbolFiles;
import io.flarepath.agent.unwind.Unwinding;
import io.flarepath.agent.window.FoldedStack;
import io.flarepath.agent.window.WindowProfile;
import io.flarepath.bpf.Sampler;
import io.flarepath.bpf.SamplerOptions;
import io.flarepath.bpf.SamplerStatistics;
import io.flarepath.config.Configuration;
import io.flarepath.config.ConfigurationException;
import io.flarepath.symbolizer.binary.Executable;
import io.flarepath.symbolizer.binary.ExecutableCache;
import io.flarepath.symbolizer.binary.symbolfile.SymbolFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The sampling half of the agent on this machine, with its windows kept for the test. */
final class LiveAgent implements AutoCloseable {
    private final Sampler sampler;
    private final Processes processes;
    private final Unwinding unwinding;
    private @Nullable SymbolFiles symbols;
    private final SampleLoop loop;
    private final Thread thread;
    final AgentCounters counters;
    private final List<WindowProfile> windows = new ArrayList<>();

    LiveAgent(int frequency, String... sets) throws ConfigurationException, IOException {
        this(frequency, source -> source, sets);
    }

    /**
     * The same.
     *
     * @param between sees the records on their way to the agent
     */
    LiveAgent(int frequency, UnaryOperator<RecordSource> between, String... sets)
            throws ConfigurationException, IOException {
        Configuration configuration =
                Configuration.load(null, Map.of("FLAREPATH_NODE", "test-node"), List.of(sets));
        sampler = Sampler.open(SamplerOptions.at(frequency));
        processes =
                Processes.of(
                        configuration,
                        new ExecutableCache(256, 64 << 20, identity -> ready(identity)),
                        new SampledPids() {
                            @Override
                            public void exclude(int pid) {
                                sampler.exclude(pid);
                            }

                            @Override
                            public void include(int pid) {
                                sampler.include(pid);
                            }
                        });
        MetricRegistry registry = new MetricRegistry();
        counters = new AgentCounters(registry);
        // Kept from test to test, as an agent keeps it from run to run.
        Path data = Path.of("target", "agent-data").toAbsolutePath();
        unwinding =
                Unwinding.start(sampler, processes, data.resolve("unwind"), 128L << 20, registry);
        symbols = SymbolFiles.start(data.resolve("symbols"), 512L << 20, registry);
        processes.listener(symbols);
        processes.scan(System.nanoTime());
        loop =
                Sampling.loop(
                        between.apply(sampler::drain),
                        processes,
                        unwinding,
                        this::keep,
                        counters,
                        sampler.options().periodNanos(),
                        Duration.ofSeconds(2),
                        () -> false,
                        () -> {});
        thread =
                Thread.ofPlatform()
                        .name("samples")
                        .start(() -> {
                            sampler.runReaderFirst();
                            loop.run();
                        });
    }

    /**
     * Waits until a program has its symbol file, without which a stripped one has no names. Its
     * unwind table is made by then: a walk in the copy of a stack cannot cross to a goroutine's.
     */
    void awaitSymbols(Path program) throws IOException, InterruptedException {
        Executable executable = Executable.open(program);
        int own = Math.toIntExact(ProcessHandle.current().pid());
        SymbolFiles files = Objects.requireNonNull(symbols);
        unwinding.files().found(executable, program, own, program.toString());
        files.found(executable, program, own, program.toString());
        long until = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!executable.hasSymbolFile()) {
            if (System.nanoTime() > until) {
                throw new IllegalStateException(program + " gets no symbol file");
            }
            Thread.sleep(20);
        }
    }

    /** Waits until what was found has its tables; gives the number of windows until then. */
    int settle() throws InterruptedException {
        long until = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        // One may be between two that make it.
        int looks = 0;
        while (looks < 3 && System.nanoTime() < until) {
            Thread.sleep(100);
            looks = unwinding.waiting() == 0 ? looks + 1 : 0;
        }
        // The window of the last samples before takes some seconds.
        Thread.sleep(5000);
        return windows().size();
    }

    private @Nullable SymbolFile ready(String identity) {
        return symbols == null ? null : symbols.find(identity);
    }

    private synchronized void keep(List<WindowProfile> profiles) {
        windows.addAll(profiles);
    }

    /** Profiles so far. */
    synchronized List<WindowProfile> windows() {
        return List.copyOf(windows);
    }

    /** Profiles whose resource is so. */
    List<WindowProfile> of(String attribute, String value) {
        return windows().stream().filter(w -> value.equals(w.resource().get(attribute))).toList();
    }

    /** Samples of a process whose frames are so. */
    long count(long pid, Predicate<FoldedStack> wanted) {
        return windows().stream()
                .flatMap(w -> w.stacks().stream())
                .filter(s -> s.pid() == pid && wanted.test(s))
                .mapToLong(s -> s.timesUnixNanos().length)
                .sum();
    }

    /** The most frequent stacks of a process, for the message of a failure. */
    String describe(long pid) {
        StringBuilder text = new StringBuilder();
        windows().stream()
                .flatMap(w -> w.stacks().stream())
                .filter(s -> s.pid() == pid)
                .sorted(Comparator.comparingInt((FoldedStack s) -> -s.timesUnixNanos().length))
                .limit(10)
                .forEach(s -> {
                    text.append(s.timesUnixNanos().length);
                    s.frames().forEach(f -> text.append(' ').append(f.function()));
                    text.append('\n');
                });
        return text.toString();
    }

    /** What the sampler counted so far; until this is closed. */
    SamplerStatistics statistics() {
        return sampler.statistics();
    }

    /** Samples and events that the kernel had no room for. */
    long lost() {
        SamplerStatistics statistics = sampler.statistics();
        return statistics.samplesLost()
                + statistics.processEventsLost()
                + statistics.mappingEventsLost();
    }

    /** Stops it and hands over the last window. */
    void stop() {
        loop.stop();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop();
        if (symbols != null) {
            symbols.close();
        }
        unwinding.close();
        sampler.close();
        processes.close();
    }
}
