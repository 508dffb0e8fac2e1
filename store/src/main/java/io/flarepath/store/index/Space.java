package io.flarepath.store.index;

import io.flarepath.store.chunk.Level;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Family;
import java.util.List;

/** What series are of: profiles and metrics have their own, with numbers of their own. */
public enum Space {
    /** Series of profiles. */
    PROFILES('s', 'p', 0, Family.SERIES, Family.PRESENCE, Family.SPANS, Family.ROLLUP),
    /** Series of metrics. */
    METRICS(
            'S',
            'P',
            16,
            Family.METRIC_SERIES,
            Family.METRIC_PRESENCE,
            Family.METRIC_SPANS,
            Family.METRIC_SUMS);

    private final char servicePrefix;
    private final char typePrefix;
    private final int firstShelf;
    private final Family series;
    private final Family presence;
    private final Family spans;
    private final Family sums;

    Space(
            char servicePrefix,
            char typePrefix,
            int firstShelf,
            Family series,
            Family presence,
            Family spans,
            Family sums) {
        this.servicePrefix = servicePrefix;
        this.typePrefix = typePrefix;
        this.firstShelf = firstShelf;
        this.series = series;
        this.presence = presence;
        this.spans = spans;
        this.sums = sums;
    }

    /** Prefix of the keys of services' numbers. */
    char servicePrefix() {
        return servicePrefix;
    }

    /** Prefix of the keys of types' numbers. */
    char typePrefix() {
        return typePrefix;
    }

    /** Where it lies on disk from when on there are details; sums of each level follow. */
    public int firstShelf() {
        return firstShelf;
    }

    /** Labels of series. */
    Family series() {
        return series;
    }

    /** In which windows there is anything of a series. */
    public Family presence() {
        return presence;
    }

    /** The same for longer stretches of time. */
    public Family spans() {
        return spans;
    }

    /** Sums, by level first. */
    public Family sums() {
        return sums;
    }

    /** What finished windows hold, by window first. */
    public List<Family> detail() {
        return switch (this) {
            case PROFILES -> List.of(Family.MEMBERS, Family.DETAIL);
            case METRICS -> List.of(Family.METRIC_SLOTS);
        };
    }

    /** Puts into a batch that a series has something of a type in a longer stretch of time. */
    public void stageSpan(Batch batch, Level level, int bucket, int tenant, int series, int type) {
        byte[] key =
                new ByteWriter(17)
                        .u8(level.code())
                        .u32(bucket)
                        .u32(tenant)
                        .u32(series)
                        .u32(type)
                        .toArray();
        batch.put(spans, key, new byte[0]);
    }
}
