package io.flarepath.store;

import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import io.flarepath.store.index.Series;
import io.flarepath.store.index.SeriesIndex;
import io.flarepath.store.index.TenantIndex;
import io.flarepath.store.metric.Amount;
import io.flarepath.store.metric.Histogram;
import io.flarepath.store.metric.Measure;
import io.flarepath.store.metric.MeasureSlots;
import io.flarepath.store.metric.Metric;
import io.flarepath.store.metric.MetricPoint;
import io.flarepath.store.metric.PointKey;
import io.flarepath.store.profile.Labels;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The way in of metrics: the points of an upload become one batch, in which what only grows becomes
 * what came to it. One upload at a time.
 */
final class MetricWriter {
    /** Names are clients' words: of more a tenant's are counted together. */
    private static final int MOST_METRICS = 1000;

    /** A counter that is new, and not older than that, began to count when it was not there. */
    private static final long NEW_NANOS = ProfileKey.WINDOW_NANOS;

    private final Engine engine;
    private final SeriesIndex index;
    private final Uploads uploads;
    private final ZstdPool zstd;
    private final SeriesCap cap;
    private final Damage damage;
    private final AtomicLong stored = new AtomicLong();
    private final AtomicLong duplicates = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();

    MetricWriter(
            Engine engine,
            SeriesIndex index,
            Uploads uploads,
            ZstdPool zstd,
            SeriesCap cap,
            Damage damage) {
        this.engine = engine;
        this.index = index;
        this.uploads = uploads;
        this.zstd = zstd;
        this.cap = cap;
        this.damage = damage;
    }

    MetricStatistics statistics() {
        return new MetricStatistics(
                stored.get(), duplicates.get(), index.size(), cap.folded(), dropped.get());
    }

    /** A series and metric of an upload. */
    private record Target(Series series, int metric) {}

    /** Where the points of an upload add up. */
    private record Place(Target target, int window, int slot) {}

    private record FirstInWindow(Target target, int window) {}

    /** What something that only grows stood at, and since and until when that was counted. */
    private record Stand(long beganNanos, long timeNanos, Measure measure) {}

    synchronized WriteResult write(String tenantName, byte[] upload, List<MetricPoint> points) {
        if (points.isEmpty()) {
            return new WriteResult(0, 0);
        }
        TenantIndex tenant = index.of(tenantName);
        long start = points.stream().mapToLong(MetricPoint::timeNanos).min().orElseThrow();
        if (uploads.contains(Uploads.Kind.METRICS, tenant.id(), start, upload)) {
            duplicates.addAndGet(points.size());
            return new WriteResult(0, points.size());
        }
        Batch batch = new Batch();
        Map<Labels, Series> fresh = new HashMap<>();
        Map<Place, Measure> sums = new HashMap<>();
        Map<Target, Stand> stands = new HashMap<>();
        Set<FirstInWindow> first = new HashSet<>();
        int count = 0;
        int folded = 0;
        for (MetricPoint point : points) {
            Metric metric = metric(tenant, point.metric());
            Labels labels = cap.labels(tenant, point.labels(), fresh.size());
            boolean whole = labels.equals(point.labels()) && metric.equals(point.metric());
            if (point.cumulative() && !whole) {
                continue; // which of those that are counted together stood there nobody knows
            }
            folded += whole ? 0 : 1;
            count++;
            Target target = new Target(series(tenant, labels, fresh), tenant.typeId(metric.type()));
            Measure came =
                    point.cumulative() ? grown(tenant, target, point, stands) : point.measure();
            int window = ProfileKey.windowOf(point.timeNanos());
            if (came != null) {
                sums.merge(
                        new Place(target, window, MeasureSlots.slotOf(point.timeNanos())),
                        came,
                        Measure::plus);
            }
            if (!target.series().has(target.metric(), window)) {
                // Where only a stand is known, too: without any window a series is forgotten.
                first.add(new FirstInWindow(target, window));
            }
        }
        long number = new ByteReader(upload, 0, upload.length).u64();
        sums.forEach((place, measure) -> stage(batch, tenant, place, number, measure));
        stands.forEach((target, stand) ->
                batch.put(Family.METRIC_STANDS, standKey(tenant, target), encode(stand)));
        first.forEach(entry ->
                index.stagePresence(
                        batch,
                        tenant.id(),
                        entry.target().series().id(),
                        entry.target().metric(),
                        entry.window()));
        fresh.values().forEach(series -> index.stage(batch, tenant, series));
        uploads.stage(batch, Uploads.Kind.METRICS, tenant.id(), start, upload);
        engine.write(batch);
        first.forEach(entry ->
                index.publish(
                        tenant, entry.target().series(), entry.target().metric(), entry.window()));
        cap.count(folded);
        stored.addAndGet(count);
        dropped.addAndGet(points.size() - count);
        return new WriteResult(count, 0);
    }

    private static Metric metric(TenantIndex tenant, Metric metric) {
        return tenant.types() < MOST_METRICS || tenant.findType(metric.type()) >= 0
                ? metric
                : metric.others();
    }

    private static Series series(TenantIndex tenant, Labels labels, Map<Labels, Series> fresh) {
        Series known = tenant.find(labels);
        if (known != null) {
            return known;
        }
        String name = labels.get("service_name");
        int service = tenant.serviceId(name == null ? "" : name);
        return fresh.computeIfAbsent(labels, of -> tenant.prepare(service, of));
    }

    private void stage(Batch batch, TenantIndex tenant, Place place, long upload, Measure measure) {
        Series series = place.target().series();
        PointKey key =
                new PointKey(
                        place.window(),
                        tenant.id(),
                        series.service(),
                        place.target().metric(),
                        series.id(),
                        place.slot(),
                        upload);
        batch.put(Family.METRIC_POINTS, key.toBytes(), one(place.slot(), measure));
    }

    private byte[] one(int slot, Measure measure) {
        return MeasureSlots.encode(new TreeMap<>(Map.of(slot, measure)), zstd);
    }

    /**
     * What came to a counter or histogram since it was last heard of.
     *
     * @return null when that cannot be known, or is in a later point already
     */
    private @Nullable Measure grown(
            TenantIndex tenant, Target target, MetricPoint point, Map<Target, Stand> stands) {
        Stand last = stands.containsKey(target) ? stands.get(target) : stand(tenant, target);
        if (last != null
                && (point.timeNanos() <= last.timeNanos()
                        || point.beganNanos() < last.beganNanos())) {
            return null;
        }
        stands.put(target, new Stand(point.beganNanos(), point.timeNanos(), point.measure()));
        if (last == null) {
            boolean isNew =
                    point.beganNanos() > 0 && point.timeNanos() - point.beganNanos() <= NEW_NANOS;
            return isNew ? point.measure() : null;
        }
        if (point.beganNanos() != last.beganNanos()) {
            return point.measure();
        }
        Measure more = since(point.measure(), last.measure());
        // Some begin anew and do not say so.
        return more == null ? point.measure() : more;
    }

    private static @Nullable Measure since(Measure now, Measure then) {
        if (now instanceof Amount amount && then instanceof Amount earlier) {
            Amount more = amount.minus(earlier);
            return more.isNegative() ? null : more;
        }
        if (now instanceof Histogram histogram && then instanceof Histogram earlier) {
            return histogram.since(earlier);
        }
        throw new IllegalArgumentException("a gauge does not grow: " + now);
    }

    private @Nullable Stand stand(TenantIndex tenant, Target target) {
        byte[] value = engine.get(Family.METRIC_STANDS, standKey(tenant, target));
        if (value == null) {
            return null;
        }
        try {
            ByteReader in = new ByteReader(value, 0, value.length);
            long began = in.u64();
            long time = in.u64();
            byte[] rest = Arrays.copyOfRange(value, in.position(), value.length);
            Measure measure = MeasureSlots.decode(rest, zstd).get(0);
            if (measure == null) {
                throw new CorruptValueException("nothing stands there");
            }
            return new Stand(began, time, measure);
        } catch (CorruptValueException e) {
            damage.found("what a counter stood at: " + e.getMessage());
            return null;
        }
    }

    private byte[] encode(Stand stand) {
        byte[] measure = one(0, stand.measure());
        return new ByteWriter(16 + measure.length)
                .u64(stand.beganNanos())
                .u64(stand.timeNanos())
                .bytes(measure, 0, measure.length)
                .toArray();
    }

    private static byte[] standKey(TenantIndex tenant, Target target) {
        return new ByteWriter(16)
                .u32(tenant.id())
                .u32(target.series().service())
                .u32(target.series().id())
                .u32(target.metric())
                .toArray();
    }

    /** Forgets the windows of a service before one, and what its counters stood at with them. */
    synchronized void forget(TenantIndex tenant, int service, int window) {
        if (index.removeBefore(tenant, service, window)) {
            engine.dropRange(
                    Family.METRIC_STANDS,
                    ofService(tenant, service),
                    ofService(tenant, service + 1));
        }
    }

    private static byte[] ofService(TenantIndex tenant, int service) {
        return new ByteWriter(8).u32(tenant.id()).u32(service).toArray();
    }
}
