package io.flarepath.agent;

import io.flarepath.agent.budget.CaptureBudget;
import io.flarepath.agent.budget.CaptureLevel;
import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.agent.network.NetworkWatch;
import io.flarepath.agent.points.PointSource;
import io.flarepath.agent.processes.ProcessQuestions;
import io.flarepath.agent.requests.RequestCounters;
import io.flarepath.agent.requests.capture.RequestWatch;
import io.flarepath.agent.requests.capture.SystemCallCost;
import io.flarepath.agent.requests.log.CallLog;
import io.flarepath.agent.requests.log.KeptReason;
import io.flarepath.agent.requests.tls.TlsCost;
import io.flarepath.agent.requests.tls.TlsFiles;
import io.flarepath.bpf.EdgeCounters;
import io.flarepath.bpf.MessageCounters;
import io.flarepath.bpf.NetworkEdges;
import io.flarepath.bpf.ProgramTime;
import io.flarepath.bpf.RequestBytes;
import io.flarepath.bpf.RequestPart;
import io.flarepath.config.Configuration;
import io.flarepath.config.Setting;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the watch over requests as configured, and shows what it counts. */
final class RequestWatching {
    private static final Logger LOG = LoggerFactory.getLogger(RequestWatching.class);

    private static final String LOST_HELP =
            "Messages of connections of which bytes were not read, by why and by the program in the"
                    + " kernel.";

    private RequestWatching() {}

    /**
     * Begins to watch.
     *
     * @param questions to whoever follows the processes of this machine
     * @throws io.flarepath.bpf.BpfException when the kernel refuses
     */
    static RequestWatch start(Configuration configuration, ProcessQuestions questions) {
        long wanted = configuration.bytes(Setting.REQUESTS_RING);
        int ring = (int) Long.highestOneBit(wanted * 2 - 1);
        RequestBytes source =
                RequestBytes.open(ring, (int) ProcessHandle.current().pid(), parts(configuration));
        source.missing().forEach((part, why) -> LOG.warn("no {}: {}", part.title(), why));
        if (source.bySystemCalls()) {
            LOG.warn(
                    "requests over TCP are seen by system calls, not those by io_uring: this kernel"
                            + " does not take the programs that see all (Linux 6.16 does): {}",
                    source.whyBySystemCalls());
        }
        return RequestWatch.start(
                source,
                configuration.globs(Setting.REQUESTS_ROUTES).patterns(),
                new CallLog(
                        configuration.integer(Setting.REQUESTS_CALLS_RATE),
                        configuration.integer(Setting.REQUESTS_CALLS_SAMPLE)),
                questions::ask);
    }

    /** What is wanted of the programs in the kernel. */
    static Set<RequestPart> parts(Configuration configuration) {
        return configuration.flag(Setting.REQUESTS_TLS)
                ? EnumSet.allOf(RequestPart.class)
                : EnumSet.of(RequestPart.STREAMS, RequestPart.DATAGRAMS);
    }

    /** Has the windows of requests tell of TCP and UDP too. */
    static PointSource withNetwork(
            Configuration configuration,
            PointSource requests,
            RequestWatch watch,
            NetworkEdges edges) {
        SortedMap<String, String> machine = new TreeMap<>();
        machine.put("service.name", "kernel");
        machine.put("host.name", configuration.text(Setting.NODE));
        return new NetworkWatch(requests, edges, machine, watch::expect);
    }

    static void register(MetricRegistry registry, RequestWatch watch) {
        kernel(registry, watch, "ring_full", "sending", MessageCounters::sendingLost);
        kernel(registry, watch, "ring_full", "sent", MessageCounters::sentLost);
        kernel(registry, watch, "ring_full", "received", MessageCounters::receivedLost);
        kernel(registry, watch, "ring_full", "state_changed", MessageCounters::closesLost);
        kernel(registry, watch, "ring_full", "tls_returned", MessageCounters::clearLost);
        kernel(registry, watch, "no_connection", "tls_returned", MessageCounters::unjoined);
        kernel(registry, watch, "unreadable", "any", MessageCounters::unreadable);
        kernel(registry, watch, "no_memory", "any", MessageCounters::stateless);
        kernel(registry, watch, "left_out", "any", MessageCounters::leftOut);
        registry.counter(
                "messages_lost_total",
                LOST_HELP,
                () -> watch.counter(counters -> counters.unownedDatagrams),
                "reason",
                "no_process",
                "program",
                "datagram_received");
        registry.counter(
                "messages_total",
                "Messages of connections that were seen.",
                () -> watch.kernelCounter(MessageCounters::messages));
        connections(registry, watch, "encrypted", counters -> counters.encryptedConnections);
        registry.counter(
                "tls_connections_unseen_total",
                "Connections of TLS of which is not read what they carry.",
                watch::unseenConnections);
        for (RequestPart part : RequestPart.values()) {
            registry.gauge(
                    "requests_part",
                    "What the programs in the kernel tell of: 1 for a part that they do.",
                    () -> has(watch, part) ? 1 : 0,
                    "part",
                    part.name().toLowerCase(Locale.ROOT));
        }
        connections(registry, watch, "unknown", counters -> counters.unknownConnections);
        connections(registry, watch, "opaque", counters -> counters.opaqueConnections);
        connections(registry, watch, "forgotten", counters -> counters.forgottenConnections);
        for (KeptReason reason : KeptReason.values()) {
            registry.counter(
                    "calls_kept_total",
                    "Single calls that are told of, by why.",
                    () -> watch.logged(log -> log.kept(reason)),
                    "kept",
                    reason.label());
            registry.counter(
                    "calls_dropped_total",
                    "Single calls that are not told of, since there were too many.",
                    () -> watch.logged(log -> log.dropped(reason)),
                    "kept",
                    reason.label());
        }
        registry.gauge("connections", "Connections that are followed.", watch::connections);
    }

    /**
     * Keeps what all of it takes within the budget, and shows it.
     *
     * @param edges null where there are none
     */
    static CaptureBudget budget(
            Configuration configuration,
            MetricRegistry registry,
            RequestWatch watch,
            @Nullable NetworkEdges edges) {
        Supplier<List<ProgramTime>> programs =
                () -> {
                    List<ProgramTime> times = new ArrayList<>();
                    watch.source()
                            .times()
                            .forEach(time ->
                                    times.add(SystemCallCost.withWay(TlsCost.withTrap(time))));
                    if (edges != null) {
                        times.addAll(edges.times());
                    }
                    return times;
                };
        CaptureBudget budget =
                CaptureBudget.start(
                        watch.source(),
                        programs,
                        watch::readerNanos,
                        configuration.integer(Setting.REQUESTS_BUDGET) / 100.0);
        for (String name : programs.get().stream().map(ProgramTime::name).distinct().toList()) {
            registry.counter(
                    "requests_kernel_nanoseconds_total",
                    "Time that the programs of requests and of the network took in the kernel; told"
                            + " from a tenth of it.",
                    () -> budget.kernelNanos(name),
                    "program",
                    name);
        }
        for (CaptureLevel level : CaptureLevel.values()) {
            registry.gauge(
                    "requests_level",
                    "How much is read of requests: 1 for the level that holds.",
                    () -> budget.level() == level ? 1 : 0,
                    "level",
                    level.label());
        }
        registry.counter(
                "requests_level_changes_total",
                "How often more or less was read of requests, to keep within the budget.",
                budget::changes);
        registry.gauge(
                "requests_cpu_share",
                "Share of all CPUs that requests and the network took, in the kernel and in the"
                        + " agent.",
                budget::share);
        return budget;
    }

    private static boolean has(RequestWatch watch, RequestPart part) {
        try {
            return watch.source().has(part);
        } catch (IllegalStateException e) {
            return false; // It is closed: the agent is stopping.
        }
    }

    static void register(MetricRegistry registry, TlsFiles files) {
        registry.gauge(
                "tls_files",
                "Files with OpenSSL of which is seen what goes through them.",
                files::watched);
        registry.counter(
                "tls_files_refused_total",
                "Files with OpenSSL that could not be watched.",
                files::refused);
    }

    static void register(MetricRegistry registry, NetworkEdges edges) {
        edges(registry, edges, "no_room", EdgeCounters::overflows);
        edges(registry, edges, "lost", EdgeCounters::lost);
        edges(registry, edges, "no_memory", EdgeCounters::stateless);
    }

    private static void edges(
            MetricRegistry registry,
            NetworkEdges edges,
            String reason,
            ToLongFunction<EdgeCounters> which) {
        registry.counter(
                "network_overflow_total",
                "Sums of TCP and UDP by what became of them: told without their peer, or not told.",
                () -> counted(edges, which),
                "reason",
                reason);
    }

    private static long counted(NetworkEdges edges, ToLongFunction<EdgeCounters> which) {
        try {
            return which.applyAsLong(edges.counters());
        } catch (IllegalStateException e) {
            return 0; // They are closed: the agent is stopping.
        }
    }

    private static void kernel(
            MetricRegistry registry,
            RequestWatch watch,
            String reason,
            String program,
            ToLongFunction<MessageCounters> which) {
        registry.counter(
                "messages_lost_total",
                LOST_HELP,
                () -> watch.kernelCounter(which),
                "reason",
                reason,
                "program",
                program);
    }

    private static void connections(
            MetricRegistry registry,
            RequestWatch watch,
            String reason,
            ToLongFunction<RequestCounters> which) {
        registry.counter(
                "connections_unread_total",
                "Connections whose requests are not read.",
                () -> watch.counter(which),
                "reason",
                reason);
    }
}
