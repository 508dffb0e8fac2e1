package io.flarepath.api.server;

import io.flarepath.store.ProfileStore;
import io.flarepath.store.StoreStatistics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** The service's counters, in Prometheus' format. Safe for many threads. */
public final class ServerMetrics implements AutoCloseable {
    /** Services that have counters of their own. */
    static final int MOST_SERVICES = 200;

    /** Tenants that have counters of their own. */
    static final int MOST_TENANTS = 200;

    /** Ways for a stack to end; the agent knows a dozen. */
    static final int MOST_ENDS = 24;

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final Words stackServices = new Words(MOST_SERVICES);
    private final Words stackEnds = new Words(MOST_ENDS);
    private final Words limitedTenants = new Words(MOST_TENANTS);

    /** Metrics of this JVM and nothing else yet. */
    public ServerMetrics() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        collections.bindTo(registry);
    }

    /**
     * Counts and times a request at its end. Routes are few: the path of the route, not of the
     * request.
     */
    void observe(RoutingContext context) {
        long started = System.nanoTime();
        context.addEndHandler(ended -> {
            Route route = context.currentRoute();
            String path = route == null ? null : route.getPath();
            Timer.builder("flarepath.http.requests")
                    .tag("route", path == null ? "none" : path)
                    .tag("method", context.request().method().name())
                    .tag("status", Integer.toString(context.response().getStatusCode()))
                    .register(registry)
                    .record(System.nanoTime() - started, TimeUnit.NANOSECONDS);
        });
        context.next();
    }

    /** Counts an upload that was stored. */
    public void ingested(String format, int profiles, int duplicates, long bytes) {
        counter("flarepath.ingest.profiles", "format", format).increment(profiles);
        counter("flarepath.ingest.duplicates", "format", format).increment(duplicates);
        counter("flarepath.ingest.bytes", "format", format).increment((double) bytes);
    }

    /** Counts an upload of metrics that was stored. */
    public void ingestedPoints(String format, int points, int duplicates, long bytes) {
        counter("flarepath.ingest.points", "format", format).increment(points);
        counter("flarepath.ingest.duplicates", "format", format).increment(duplicates);
        counter("flarepath.ingest.bytes", "format", format).increment((double) bytes);
    }

    /** Counts an upload of calls that was stored. */
    public void ingestedCalls(String format, int calls, int duplicates, long bytes) {
        counter("flarepath.ingest.calls", "format", format).increment(calls);
        counter("flarepath.ingest.duplicates", "format", format).increment(duplicates);
        counter("flarepath.ingest.bytes", "format", format).increment((double) bytes);
    }

    /** Counts an upload of which nothing was stored. */
    public void refused(String format, ApiError why) {
        Counter.builder("flarepath.ingest.refusals")
                .tag("format", format)
                .tag("status", Integer.toString(why.status()))
                .tag("reason", why.code())
                .register(registry)
                .increment();
    }

    /**
     * Counts an upload that its tenant sent too fast. Tenants beyond a number of them are counted
     * as one.
     */
    public void tooFast(String tenant) {
        Counter.builder("flarepath.ingest.limited")
                .description("Uploads that were refused since their tenant is ahead of its rate.")
                .tag("tenant", limitedTenants.bounded(tenant))
                .register(registry)
                .increment();
    }

    /** Counts parts of uploads that were left out, by reason. */
    public void dropped(String reason, long count) {
        if (count > 0) {
            counter("flarepath.ingest.dropped", "reason", reason).increment((double) count);
        }
    }

    /**
     * Counts samples by how their stacks end. Services and ends beyond a number of them are counted
     * as one, since both are words of clients.
     *
     * @param end {@code complete}, or why the stack does not reach its root
     */
    public void stacks(String service, String end, long count) {
        Counter.builder("flarepath.stacks")
                .description("Samples by service and by how their stacks end.")
                .tag("service_name", stackServices.bounded(service))
                .tag("end", stackEnds.bounded(end))
                .register(registry)
                .increment((double) count);
    }

    /** The first so many words of clients; the rest is one. */
    private static final class Words {
        private static final int LONGEST = 256;
        private static final String OTHER = "other";

        private final Set<String> known = ConcurrentHashMap.newKeySet();
        private final int most;

        Words(int most) {
            this.most = most;
        }

        String bounded(String word) {
            if (known.contains(word)) {
                return word;
            }
            synchronized (this) {
                if (word.length() > LONGEST || known.size() >= most) {
                    return OTHER;
                }
                known.add(word);
                return word;
            }
        }
    }

    private Counter counter(String name, String tag, String value) {
        return Counter.builder(name).tag(tag, value).register(registry);
    }

    /** Shows how much a pool has to do. */
    public void watch(String pool, BlockingCalls calls) {
        Gauge.builder("flarepath.calls.queued", calls, BlockingCalls::queued)
                .tag("pool", pool)
                .register(registry);
        Gauge.builder("flarepath.calls.running", calls, BlockingCalls::running)
                .tag("pool", pool)
                .register(registry);
    }

    /** Shows how many connections there are. */
    void watch(ConnectionWatch connections) {
        Gauge.builder("flarepath.connections", connections, ConnectionWatch::open)
                .register(registry);
        FunctionCounter.builder(
                        "flarepath.connections.refused", connections, ConnectionWatch::refusals)
                .register(registry);
    }

    /** Shows how much of the memory for uploads is taken. */
    public void watch(MemoryBudget memory) {
        Gauge.builder("flarepath.ingest.memory", memory, MemoryBudget::reserved)
                .baseUnit("bytes")
                .register(registry);
    }

    /**
     * Shows what lies in the store; asked at each scrape, which runs on a thread that may block.
     */
    public void watch(ProfileStore store) {
        written("flarepath.store.profiles", store, StoreStatistics::profiles);
        written("flarepath.store.duplicates", store, StoreStatistics::duplicates);
        written("flarepath.store.folded.stacks", store, StoreStatistics::foldedStacks);
        written("flarepath.store.dictionary.loads", store, StoreStatistics::dictionaryLoads);
        written("flarepath.store.folded.profiles", store, StoreStatistics::foldedProfiles);
        written("flarepath.store.metric.points", store, s -> s.metrics().points());
        written("flarepath.store.metric.duplicates", store, s -> s.metrics().duplicates());
        written("flarepath.store.metric.folded", store, s -> s.metrics().folded());
        written("flarepath.store.metric.dropped", store, s -> s.metrics().dropped());
        stored("flarepath.store.exemplars.bytes", store, StoreStatistics::exemplarBytes);
        written(
                "flarepath.store.exemplars.dropped.bytes",
                store,
                StoreStatistics::exemplarBytesDropped);
        stored("flarepath.store.fine.bytes", store, StoreStatistics::fineBytes);
        written("flarepath.store.fine.dropped.bytes", store, StoreStatistics::fineBytesDropped);
        stored("flarepath.store.metric.series", store, s -> s.metrics().series());
        written("flarepath.store.groups.left.out", store, StoreStatistics::groupsLeftOut);
        written("flarepath.store.corrupt.values", store, StoreStatistics::corruptValues);
        stored("flarepath.store.reads.open", store, StoreStatistics::reads);
        stored("flarepath.store.series", store, StoreStatistics::series);
        stored("flarepath.store.disk.bytes", store, StoreStatistics::bytesOnDisk);
        stored("flarepath.store.calls.bytes", store, StoreStatistics::callBytes);
        stored("flarepath.store.oldest.seconds", store, s -> s.oldestNanos() / 1e9);
        stored("flarepath.store.newest.seconds", store, s -> s.newestNanos() / 1e9);
    }

    private void written(String name, ProfileStore store, ToDoubleFunction<StoreStatistics> value) {
        FunctionCounter.builder(name, store, s -> value.applyAsDouble(s.statistics()))
                .register(registry);
    }

    private void stored(String name, ProfileStore store, ToDoubleFunction<StoreStatistics> value) {
        Gauge.builder(name, store, s -> value.applyAsDouble(s.statistics())).register(registry);
    }

    /** For meters that a part of the service keeps itself. */
    public PrometheusMeterRegistry registry() {
        return registry;
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
