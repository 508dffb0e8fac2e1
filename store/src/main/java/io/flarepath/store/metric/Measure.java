package io.flarepath.store.metric;

/**
 * What was measured in a stretch of time. Measures of one metric add up in any order to the same,
 * bit by bit.
 */
public sealed interface Measure permits Amount, Gauge, Histogram {

    /**
     * Both together.
     *
     * @throws IllegalArgumentException for measures of two kinds
     */
    Measure plus(Measure other);

    /** What to say of measures that do not add up. */
    static IllegalArgumentException mixed(Measure one, Measure other) {
        return new IllegalArgumentException(
                "a "
                        + MetricKind.of(one)
                        + " and a "
                        + MetricKind.of(other)
                        + " cannot be added up");
    }
}
