package io.flarepath.store.metric;

import java.util.Random;

/** Measures by chance. */
public final class Measures {
    private Measures() {}

    /** One of a kind, of any shape. */
    public static Measure of(MetricKind kind, Random random) {
        return switch (kind) {
            case COUNTER -> Amount.of(random.nextInt(1_000_000) / 7.0);
            case GAUGE -> Gauge.of((random.nextInt(2_000) - 1_000) / 3.0);
            case HISTOGRAM -> histogram(random);
        };
    }

    static Histogram histogram(Random random) {
        long[] counts = new long[random.nextInt(900)];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = random.nextInt(3) == 0 ? random.nextInt(1_000) : 0;
        }
        return Histogram.of(
                random.nextInt(7),
                random.nextInt(5),
                random.nextInt(1_000) - 900,
                counts,
                Amount.of(random.nextInt(1_000_000) / 9.0));
    }
}
