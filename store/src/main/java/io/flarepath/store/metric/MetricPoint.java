package io.flarepath.store.metric;

import io.flarepath.store.profile.Labels;

/**
 * One measurement of a series.
 *
 * @param metric what was measured
 * @param labels of the series
 * @param beganNanos since when it was counted, nanoseconds since 1970; 0 when nobody knows
 * @param timeNanos until when, or when it was looked at, nanoseconds since 1970
 * @param cumulative whether it is all since {@code beganNanos}, not what came since the last point
 * @param measure what was measured
 */
public record MetricPoint(
        Metric metric,
        Labels labels,
        long beganNanos,
        long timeNanos,
        boolean cumulative,
        Measure measure) {

    /** Refuses times before 1970, and what the metric is not. */
    public MetricPoint {
        if (beganNanos < 0 || timeNanos < 0 || MetricKind.of(measure) != metric.kind()) {
            throw new IllegalArgumentException(
                    "a point of " + metric + " at " + timeNanos + " cannot be " + measure);
        }
    }
}
