package io.flarepath.store.metric;

import io.flarepath.store.encoding.CorruptValueException;

/** What the points of a metric are. */
public enum MetricKind {
    /** How much came to what was there before: {@link Amount}. */
    COUNTER(0),
    /** What something stood at: {@link Gauge}. */
    GAUGE(1),
    /** How many values lay where: {@link Histogram}. */
    HISTOGRAM(2);

    private final int code;

    MetricKind(int code) {
        this.code = code;
    }

    /** The number on disk. */
    int code() {
        return code;
    }

    static MetricKind ofCode(int code) {
        for (MetricKind kind : values()) {
            if (kind.code == code) {
                return kind;
            }
        }
        throw new CorruptValueException("no kind of metric has the number " + code);
    }

    /** Of a measure. */
    public static MetricKind of(Measure measure) {
        return switch (measure) {
            case Amount _ -> COUNTER;
            case Gauge _ -> GAUGE;
            case Histogram _ -> HISTOGRAM;
        };
    }
}
