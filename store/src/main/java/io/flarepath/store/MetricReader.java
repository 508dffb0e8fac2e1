package io.flarepath.store;

import io.flarepath.store.chunk.Level;
import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import io.flarepath.store.engine.View;
import io.flarepath.store.index.Selected;
import io.flarepath.store.index.SeriesIndex;
import io.flarepath.store.index.TenantIndex;
import io.flarepath.store.metric.Measure;
import io.flarepath.store.metric.MeasureSlots;
import io.flarepath.store.metric.Metric;
import io.flarepath.store.metric.MetricQuery;
import io.flarepath.store.metric.MetricSeries;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.query.Allowance;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import io.flarepath.store.retention.KeptFrom;
import io.flarepath.store.retention.TenantAges;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The way out of metrics. Where a longer stretch of time lies within a step and the range, its sums
 * are read; so they are where nothing finer is kept, and count where they begin. What lies by
 * itself is in no sums, and is added.
 */
final class MetricReader {
    private static final long MOST_STEPS = 100_000;

    /** Steps of all groups together; a histogram takes kilobytes. */
    private static final int MOST_CELLS = 100_000;

    private static final int SERIES_BYTES = 8;

    private final Engine engine;
    private final SeriesIndex index;
    private final ZstdPool zstd;
    private final KeptFrom kept;
    private final TenantAges tenants;
    private final Damage damage;

    MetricReader(
            Engine engine,
            SeriesIndex index,
            ZstdPool zstd,
            KeptFrom kept,
            TenantAges tenants,
            Damage damage) {
        this.engine = engine;
        this.index = index;
        this.zstd = zstd;
        this.kept = kept;
        this.tenants = tenants;
        this.damage = damage;
    }

    /** A series and a metric by their numbers, within a service. */
    private record Column(int metric, int series) {}

    private record Group(Metric metric, Labels labels) {}

    List<MetricSeries> read(MetricQuery query) {
        long oldest = tenants.firstWindow(query.tenant()) * ProfileKey.WINDOW_NANOS;
        long from = Math.max(Math.max(0, query.range().fromNanos()), oldest);
        long until = query.range().untilNanos();
        TenantIndex tenant = index.find(query.tenant());
        if (tenant == null || until <= from) {
            return List.of();
        }
        int first = Math.max(ProfileKey.windowOf(from), Math.max(0, index.firstWindow()));
        int end = Math.min(ProfileKey.windowOf(until - 1), index.lastWindow()) + 1;
        if (Math.ceilDiv((end - first) * ProfileKey.WINDOW_NANOS, query.stepNanos()) > MOST_STEPS) {
            throw new IllegalArgumentException(
                    "the range has more than " + MOST_STEPS + " steps: ask for longer ones");
        }
        Map<Group, SortedMap<Long, Measure>> groups = new HashMap<>();
        Map<Integer, Map<Column, Group>> services = new TreeMap<>();
        for (Selected each : tenant.select(query.selector(), first, end)) {
            Map<String, String> labels = new HashMap<>();
            query.groupBy().forEach(name -> labels.put(name, each.label(name)));
            services.computeIfAbsent(each.series().service(), id -> new HashMap<>())
                    .put(
                            new Column(each.typeId(), each.series().id()),
                            new Group(Metric.of(each.type()), Labels.of(labels)));
        }
        try (View view = engine.view()) {
            services.forEach((service, columns) ->
                    new Scan(view, tenant.id(), service, columns, groups, from, until, query)
                            .run(first, end));
        }
        List<MetricSeries> found = new ArrayList<>();
        groups.forEach((group, steps) ->
                found.add(new MetricSeries(group.metric(), group.labels(), steps)));
        found.sort(
                Comparator.comparing((MetricSeries one) -> one.metric().name())
                        .thenComparing(one -> one.metric().kind())
                        .thenComparing(one -> one.metric().unit())
                        .thenComparing(one -> one.labels().toString()));
        return found;
    }

    boolean isAny(String tenant, Selector selector, TimeRange range) {
        TenantIndex found = index.find(tenant);
        if (found == null || range.untilNanos() <= Math.max(0, range.fromNanos())) {
            return false;
        }
        int first =
                Math.max(
                        tenants.firstWindow(tenant),
                        ProfileKey.windowOf(Math.max(0, range.fromNanos())));
        int last = Math.min(ProfileKey.windowOf(range.untilNanos() - 1), index.lastWindow());
        return !found.select(selector, first, last + 1).isEmpty();
    }

    /** Reads a service's. */
    private final class Scan {
        private final View view;
        private final int tenant;
        private final int service;
        private final Map<Column, Group> columns;
        private final Map<Group, SortedMap<Long, Measure>> groups;
        private final long from;
        private final long until;
        private final long step;
        private final Allowance allowance = Allowance.current();

        /** Numbers of the metrics that are asked for, in order. */
        private final int[] metrics;

        private Scan(
                View view,
                int tenant,
                int service,
                Map<Column, Group> columns,
                Map<Group, SortedMap<Long, Measure>> groups,
                long from,
                long until,
                MetricQuery query) {
            this.view = view;
            this.tenant = tenant;
            this.service = service;
            this.columns = columns;
            this.groups = groups;
            this.from = from;
            this.until = until;
            this.step = query.stepNanos();
            this.metrics =
                    columns.keySet().stream()
                            .mapToInt(Column::metric)
                            .distinct()
                            .sorted()
                            .toArray();
        }

        private void run(int first, int end) {
            try (Cursor points = view.scan(Family.METRIC_POINTS);
                    Cursor slots = view.scan(Family.METRIC_SLOTS);
                    Cursor sums = view.scan(Family.METRIC_SUMS)) {
                for (int window : MetricFinaliser.windows(points, first, end)) {
                    slots(points, window);
                }
                int window = first;
                while (window < end) {
                    Level level = fitting(window);
                    if (level == null) {
                        slots(slots, window);
                        window++;
                    } else {
                        int bucket = level.bucketOf(window);
                        sum(sums, level, bucket);
                        window = level.firstWindow(bucket + 1);
                    }
                }
            }
        }

        /** The level whose sums are read from a window on; null for slots. */
        private @Nullable Level fitting(int window) {
            for (int code = Level.DAY.code(); code >= 0; code--) {
                Level level = Level.ofCode(code);
                long start = window * ProfileKey.WINDOW_NANOS;
                long end = start + level.windows() * ProfileKey.WINDOW_NANOS;
                if (window % level.windows() == 0
                        && start >= from
                        && end <= until
                        && start / step == (end - 1) / step
                        && window >= kept.of(level)) {
                    return level;
                }
            }
            if (window >= kept.detail()) {
                return null;
            }
            for (Level level : Level.values()) {
                if (window >= kept.of(level)) {
                    return level;
                }
            }
            return Level.DAY;
        }

        private void slots(Cursor cursor, int window) {
            long start = window * ProfileKey.WINDOW_NANOS;
            scan(
                    cursor,
                    new ByteWriter(20).u32(window).u32(tenant).u32(service),
                    (group, slot, measure) ->
                            add(group, start + slot * MeasureSlots.SLOT_NANOS, measure));
        }

        private void sum(Cursor cursor, Level level, int bucket) {
            long start = level.firstWindow(bucket) * ProfileKey.WINDOW_NANOS;
            scan(
                    cursor,
                    MetricFinaliser.sums(level, bucket, tenant, service),
                    (group, slot, measure) -> add(group, start, measure));
        }

        private void scan(Cursor cursor, ByteWriter prefix, Sink sink) {
            byte[] service = prefix.toArray();
            for (int metric : metrics) {
                cursor.seek(with(service, metric), with(service, metric + 1));
                while (cursor.next()) {
                    byte[] key = cursor.key();
                    ByteReader in = new ByteReader(key, service.length, key.length);
                    Group group = columns.get(new Column(in.u32(), in.u32()));
                    allowance.spend(1);
                    if (group != null) {
                        read(cursor.value(), group, sink);
                    }
                }
            }
        }

        private void read(byte[] value, Group group, Sink sink) {
            try {
                MeasureSlots.decode(value, zstd)
                        .forEach((slot, measure) -> sink.take(group, slot, measure));
            } catch (CorruptValueException | IllegalArgumentException e) {
                damage.found("a metric: " + e.getMessage());
            }
        }

        private void add(Group group, long at, Measure measure) {
            if (at >= from && at < until) {
                SortedMap<Long, Measure> steps =
                        groups.computeIfAbsent(group, absent -> new TreeMap<>());
                if (steps.size() > MOST_CELLS / groups.size()) {
                    throw new IllegalArgumentException(
                            groups.size()
                                    + " groups have more than "
                                    + MOST_CELLS
                                    + " steps together: ask for fewer of either");
                }
                steps.merge(at / step * step, measure, Measure::plus);
            }
        }

        private static byte[] with(byte[] service, int metric) {
            return new ByteWriter(service.length + SERIES_BYTES)
                    .bytes(service, 0, service.length)
                    .u32(metric)
                    .toArray();
        }
    }

    @FunctionalInterface
    private interface Sink {
        void take(Group group, int slot, Measure measure);
    }
}
