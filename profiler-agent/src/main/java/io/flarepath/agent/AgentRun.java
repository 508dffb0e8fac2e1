package io.flarepath.agent;

import io.flarepath.agent.budget.CaptureBudget;
import io.flarepath.agent.budget.CaptureLevel;
import io.flarepath.agent.budget.SampledPoints;
import io.flarepath.agent.contact.AgentIdentity;
import io.flarepath.agent.contact.AgentState;
import io.flarepath.agent.contact.ContactListener;
import io.flarepath.agent.contact.ServerContact;
import io.flarepath.agent.export.Credentials;
import io.flarepath.agent.export.Exporter;
import io.flarepath.agent.export.HttpPost;
import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.agent.metrics.MetricsServer;
import io.flarepath.agent.metrics.ProcessMetrics;
import io.flarepath.agent.points.PointClock;
import io.flarepath.agent.points.PointSource;
import io.flarepath.agent.processes.ProcessQuestions;
import io.flarepath.agent.processes.Processes;
import io.flarepath.agent.processes.SampledPids;
import io.flarepath.agent.recordings.ContinuousRecordings;
import io.flarepath.agent.recordings.JvmRecorder;
import io.flarepath.agent.recordings.JvmRecordings;
import io.flarepath.agent.recordings.ProcessResources;
import io.flarepath.agent.recordings.RecordingQueue;
import io.flarepath.agent.requests.capture.RequestWatch;
import io.flarepath.agent.requests.tls.TlsFiles;
import io.flarepath.agent.samples.AgentCounters;
import io.flarepath.agent.samples.SampleLoop;
import io.flarepath.agent.samples.SamplerRecords;
import io.flarepath.agent.samples.Sampling;
import io.flarepath.agent.symbols.SymbolFiles;
import io.flarepath.agent.unwind.Unwinding;
import io.flarepath.bpf.BpfException;
import io.flarepath.bpf.NetworkEdges;
import io.flarepath.bpf.RequestBytes;
import io.flarepath.bpf.RequestPart;
import io.flarepath.bpf.Sampler;
import io.flarepath.bpf.SamplerOptions;
import io.flarepath.config.Address;
import io.flarepath.config.Configuration;
import io.flarepath.config.RecordedServices;
import io.flarepath.config.Setting;
import io.flarepath.symbolizer.binary.ExecutableCache;
import io.flarepath.symbolizer.binary.ExecutableCache.ReadySymbols;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of the agent: opens its parts in order, samples, and closes them in reverse. */
final class AgentRun implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentRun.class);

    /** Symbols kept on the heap, which is 64 MiB, until they are in symbol files. */
    private static final long SYMBOL_BYTES = 12L << 20;

    private static final int MAX_EXECUTABLES = 512;
    private static final long STOP_SECONDS = 5;

    private final Configuration configuration;
    private final MetricRegistry registry = new MetricRegistry();
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final AtomicReference<String> unready = new AtomicReference<>("starting");
    private Supplier<String> whyLess = () -> "";
    private final long startedMillis = System.currentTimeMillis();

    private AgentRun(Configuration configuration) {
        this.configuration = configuration;
    }

    /**
     * Samples until the process is told to stop.
     *
     * @throws CannotRunException if it cannot sample
     */
    static void untilStopped(Configuration configuration) throws CannotRunException {
        try (AgentRun run = new AgentRun(configuration)) {
            run.sample();
        } catch (BpfException | UnsupportedOperationException e) {
            throw new CannotRunException(
                    "cannot sample: " + e.getMessage() + " (`flarepath doctor` tells more)", e);
        } catch (IOException | UncheckedIOException e) {
            throw new CannotRunException("cannot start: " + e.getMessage(), e);
        }
    }

    private void sample() throws IOException {
        Sampler sampler = keep(Sampler.open(SamplerOptions.at(frequency())));
        Optional<Address> listen = configuration.optionalAddress(Setting.METRICS_LISTEN);
        if (listen.isPresent()) {
            String origin = configuration.origin(Setting.METRICS_LISTEN);
            keep(MetricsServer.start(listen.get(), origin, registry, unready::get));
        }
        HttpPost http =
                keep(
                        new HttpPost(
                                Credentials.headers(configuration),
                                Credentials.tls(configuration)));
        JvmRecordings recordings = recordings();
        RecordingQueue ordered = new RecordingQueue(recordings);
        boolean record = configuration.flag(Setting.RECORDINGS);
        ServerContact contact = keep(contact(http, record ? ordered : ContactListener.REFUSING));
        contact.start();
        Exporter exporter = keep(Exporter.start(configuration, Version.current(), http, registry));
        if (record) {
            keep(ordered);
            ordered.start(exporter::send, contact::hasNews);
        }
        contact.onReturn(exporter::serverIsBack);
        ProcessMetrics.register(registry);
        @Nullable SymbolFiles symbols = startSymbolFiles();
        ReadySymbols ready = symbols == null ? identity -> null : symbols;
        Processes processes =
                Processes.of(
                        configuration,
                        new ExecutableCache(MAX_EXECUTABLES, SYMBOL_BYTES, ready),
                        kernelFilter(sampler));
        keep(processes::close);
        Path tables = configuration.path(Setting.DATA).resolve("agent-unwind");
        long tableBytes = configuration.bytes(Setting.UNWIND_SIZE);
        Unwinding unwinding =
                keep(Unwinding.start(sampler, processes, tables, tableBytes, registry));
        contact.jvms(unwinding.machines()::seen);
        if (record) {
            recordContinuously(recordings, unwinding, exporter);
        }
        if (symbols != null) {
            processes.listener(symbols);
        }
        SamplerMetrics.register(registry, sampler, processes);
        ProcessQuestions questions = new ProcessQuestions();
        watchRequests(exporter, questions, processes);
        processes.scan(System.nanoTime());
        SampleLoop loop =
                Sampling.loop(
                        new SamplerRecords(
                                (direct, timeout) -> {
                                    questions.answer(processes);
                                    return sampler.drain(direct, timeout);
                                },
                                sampler::mappingEventsLost,
                                processes::mappingEventsLost),
                        processes,
                        unwinding,
                        exporter,
                        new AgentCounters(registry),
                        sampler.options().periodNanos(),
                        configuration.duration(Setting.WINDOW),
                        () -> contact.serverAway() || exporter.waiting(),
                        () -> tell(contact, trouble(exporter)));
        stopOnSignal(loop);
        tell(contact, "");
        keep(HeapShrinker.start());
        if (!sampler.runReaderFirst()) {
            LOG.info(
                    "the thread that reads samples waits its turn (no CAP_SYS_NICE): on a busy"
                            + " machine more stacks of new processes are cut");
        }
        loop.run();
        LOG.info("stopping: the last window is being sent");
    }

    /** Without them names are poorer, and the agent runs all the same. */
    private @Nullable SymbolFiles startSymbolFiles() {
        Path folder = configuration.path(Setting.DATA).resolve("agent-symbols");
        try {
            long bytes = configuration.bytes(Setting.SYMBOLS_SIZE);
            return keep(SymbolFiles.start(folder, bytes, registry));
        } catch (IOException e) {
            LOG.warn("inlined calls, lines and large symbol tables are not read: {}", e.toString());
            return null;
        }
    }

    private int frequency() {
        return configuration.integer(Setting.FREQUENCY);
    }

    private JvmRecordings recordings() {
        Path folder = configuration.path(Setting.DATA).resolve("agent-recordings");
        return new JvmRecordings(new JvmRecorder(folder), new ProcessResources(configuration));
    }

    /** Without it there are no requests, and the agent samples all the same. */
    private void watchRequests(Exporter exporter, ProcessQuestions questions, Processes processes) {
        if (!configuration.flag(Setting.REQUESTS)) {
            return;
        }
        try {
            RequestWatch watch = keep(RequestWatching.start(configuration, questions));
            RequestWatching.register(registry, watch);
            watchTls(watch.source(), processes);
            registry.counter(
                    "process_questions_refused_total",
                    "Questions who a process is that came too many at once.",
                    questions::refused);
            @Nullable NetworkEdges edges = openEdges();
            PointSource requests = withinBudget(watch, edges);
            PointSource points =
                    edges == null
                            ? requests
                            : RequestWatching.withNetwork(configuration, requests, watch, edges);
            keep(
                    PointClock.start(
                            points,
                            configuration.duration(Setting.WINDOW),
                            window -> {
                                registry.services().add(window);
                                exporter.send(window);
                                exporter.sendSpans(watch.takeSpans());
                            }));
        } catch (BpfException e) {
            LOG.warn("requests are not watched: {}", e.toString());
        }
    }

    private void watchTls(RequestBytes source, Processes processes) {
        if (source.has(RequestPart.TLS)) {
            TlsFiles files = keep(TlsFiles.start(source));
            processes.onMapping(files::mapped);
            RequestWatching.register(registry, files);
        }
    }

    /** Without them there are no metrics of TCP, and requests are told of all the same. */
    private @Nullable NetworkEdges openEdges() {
        try {
            NetworkEdges edges = keep(NetworkEdges.open());
            RequestWatching.register(registry, edges);
            return edges;
        } catch (BpfException e) {
            LOG.warn("TCP is not measured: {}", e.toString());
            return null;
        }
    }

    private PointSource withinBudget(RequestWatch watch, @Nullable NetworkEdges edges) {
        if (!configuration.flag(Setting.REQUESTS_PAYLOAD)) {
            CaptureLevel none = CaptureLevel.L4;
            watch.source().tell(none.mostBytes(), none.oneIn(), none.attached());
            return watch;
        }
        CaptureBudget budget = keep(RequestWatching.budget(configuration, registry, watch, edges));
        whyLess = budget::reason;
        return new SampledPoints(watch, budget::takeSampled);
    }

    private void recordContinuously(
            JvmRecordings recordings, Unwinding unwinding, Exporter exporter) {
        RecordedServices services = configuration.recordedServices(Setting.RECORDINGS_CONTINUOUS);
        if (services.isEmpty()) {
            return;
        }
        keep(new ContinuousRecordings(
                        recordings,
                        services,
                        configuration.duration(Setting.RECORDINGS_WINDOW),
                        unwinding.machines()::seen,
                        registry))
                .start(exporter::send);
    }

    private ServerContact contact(HttpPost http, ContactListener listener) {
        AgentIdentity identity =
                new AgentIdentity(
                        configuration.text(Setting.NODE),
                        Version.current(),
                        System.getProperty("os.version", ""),
                        frequency(),
                        startedMillis);
        return new ServerContact(
                configuration.url(Setting.SERVER), identity, http, registry, listener);
    }

    private String trouble(Exporter exporter) {
        String trouble = exporter.trouble();
        return trouble.isEmpty() ? whyLess.get() : trouble;
    }

    private void tell(ServerContact contact, String trouble) {
        unready.set("");
        contact.state(trouble.isEmpty() ? AgentState.SAMPLING : AgentState.DEGRADED, trouble);
    }

    private static SampledPids kernelFilter(Sampler sampler) {
        return new SampledPids() {
            @Override
            public void exclude(int pid) {
                try {
                    sampler.exclude(pid);
                } catch (BpfException e) {
                    // Its samples are then passed over here.
                    LOG.warn("process {} cannot be excluded in the kernel: {}", pid, e.toString());
                }
            }

            @Override
            public void include(int pid) {
                sampler.include(pid);
            }
        };
    }

    /** Lets the signal's thread wait until all is closed: the JVM ends when it returns. */
    private void stopOnSignal(SampleLoop loop) {
        Thread hook =
                new Thread(
                        () -> {
                            loop.stop();
                            awaitClosed();
                            Runtime.getRuntime().halt(0);
                        },
                        "stop");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private final CountDownLatch closed = new CountDownLatch(1);

    private void awaitClosed() {
        try {
            if (!closed.await(STOP_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("not everything was closed in {} s", STOP_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private <T extends AutoCloseable> T keep(T part) {
        opened.push(part);
        return part;
    }

    @Override
    public void close() {
        @Nullable AutoCloseable part = opened.poll();
        while (part != null) {
            try {
                part.close();
            } catch (Exception e) {
                LOG.warn("a part of the agent did not close: {}", e.toString());
            }
            part = opened.poll();
        }
        closed.countDown();
    }
}
