package io.flarepath.store.metric;

import io.flarepath.store.profile.Labels;
import java.util.SortedMap;

/**
 * A metric of one group of series over time.
 *
 * @param metric what was measured
 * @param labels the group: only the labels that were grouped by
 * @param steps what was measured in each step that has anything, by the step's left edge in
 *     nanoseconds since 1970, a multiple of its width
 */
public record MetricSeries(Metric metric, Labels labels, SortedMap<Long, Measure> steps) {

    /** All steps together. */
    public Measure total() {
        return steps.values().stream().reduce(Measure::plus).orElseThrow();
    }
}
