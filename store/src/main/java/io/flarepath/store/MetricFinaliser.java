package io.flarepath.store;

import io.flarepath.store.chunk.Level;
import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import io.flarepath.store.index.Space;
import io.flarepath.store.metric.Measure;
import io.flarepath.store.metric.MeasureSlots;
import io.flarepath.store.metric.PointKey;
import io.flarepath.store.retention.KeptFrom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Moves the points of windows that are over into slots, and into the sums of every level, in one
 * batch: a point lies by itself, or is in all of these. Points that come later are added in the
 * same way.
 */
final class MetricFinaliser {
    private static final long BATCH_BYTES = 4L << 20;

    private final Engine engine;
    private final ZstdPool zstd;
    private final KeptFrom kept;
    private final long graceNanos;
    private final Damage damage;

    MetricFinaliser(Engine engine, ZstdPool zstd, KeptFrom kept, Duration grace, Damage damage) {
        this.engine = engine;
        this.zstd = zstd;
        this.kept = kept;
        this.graceNanos = grace.toNanos();
        this.damage = damage;
    }

    /** The windows of {@code [from, until)} with points that lie by themselves. */
    static List<Integer> windows(Cursor points, int from, int until) {
        List<Integer> windows = new ArrayList<>();
        points.seek(ProfileKey.first(from), ProfileKey.first(until));
        while (points.next()) {
            int window = PointKey.of(points.key()).window();
            windows.add(window);
            points.seek(ProfileKey.first(window + 1), ProfileKey.first(until));
        }
        return windows;
    }

    /** Does all that is due at a time, in nanoseconds since 1970. */
    synchronized void run(long nowNanos) {
        if (nowNanos < graceNanos) {
            return;
        }
        try (Cursor points = engine.scan(Family.METRIC_POINTS)) {
            int due = ProfileKey.windowOf(nowNanos - graceNanos);
            for (int window : windows(points, 0, due)) {
                finish(points, window);
            }
        }
    }

    private void finish(Cursor points, int window) {
        Batch batch = new Batch();
        PointKey under = null;
        TreeMap<Integer, Measure> slots = new TreeMap<>();
        points.seek(ProfileKey.first(window), ProfileKey.first(window + 1));
        while (points.next()) {
            PointKey key = PointKey.of(points.key());
            if (under == null || !under.sharesSlots(key)) {
                if (under != null) {
                    stage(batch, under, slots);
                    // Between two series: what is in a batch is in no other.
                    if (batch.bytes() > BATCH_BYTES) {
                        engine.write(batch);
                        batch = new Batch();
                    }
                }
                slots.clear();
                under = key;
            }
            addAll(slots, points.value());
            batch.delete(Family.METRIC_POINTS, points.key());
        }
        if (under != null) {
            stage(batch, under, slots);
        }
        engine.write(batch);
    }

    private void stage(Batch batch, PointKey key, SortedMap<Integer, Measure> slots) {
        if (slots.isEmpty()) {
            return;
        }
        Measure total = slots.values().stream().reduce(Measure::plus).orElseThrow();
        if (key.window() >= kept.detail()) {
            put(batch, Family.METRIC_SLOTS, key.slots(), slots);
        }
        for (Level level : Level.values()) {
            if (key.window() >= kept.of(level)) {
                int bucket = level.bucketOf(key.window());
                TreeMap<Integer, Measure> sum = new TreeMap<>();
                sum.put(0, total);
                put(batch, Family.METRIC_SUMS, sumKey(level, bucket, key), sum);
                if (level != Level.TEN_MINUTES) {
                    Space.METRICS.stageSpan(
                            batch, level, bucket, key.tenant(), key.series(), key.metric());
                }
            }
        }
    }

    /** Adds to what lies there. */
    private void put(Batch batch, Family family, byte[] key, SortedMap<Integer, Measure> more) {
        TreeMap<Integer, Measure> all = new TreeMap<>(more);
        byte[] there = engine.get(family, key);
        if (there != null) {
            addAll(all, there);
        }
        batch.put(family, key, MeasureSlots.encode(all, zstd));
    }

    private void addAll(Map<Integer, Measure> slots, byte[] value) {
        try {
            MeasureSlots.decode(value, zstd)
                    .forEach((slot, measure) -> MeasureSlots.add(slots, slot, measure));
        } catch (CorruptValueException | IllegalArgumentException e) {
            damage.found("a metric: " + e.getMessage());
        }
    }

    private static byte[] sumKey(Level level, int bucket, PointKey key) {
        return sums(level, bucket, key.tenant(), key.service())
                .u32(key.metric())
                .u32(key.series())
                .toArray();
    }

    /** How the keys of the sums of a service in a bucket begin. */
    static ByteWriter sums(Level level, int bucket, int tenant, int service) {
        return new ByteWriter(21).u8(level.code()).u32(bucket).u32(tenant).u32(service);
    }
}
