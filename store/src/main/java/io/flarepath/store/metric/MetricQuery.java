package io.flarepath.store.metric;

import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import java.util.List;

/**
 * What is asked for. Ten seconds are the finest that is told apart.
 *
 * @param tenant whose
 * @param selector which series; {@code __name__}, {@code __type__} (the kind) and {@code __unit__}
 *     are the metric's
 * @param range a slot counts where its start lies within
 * @param stepNanos width of a step, a multiple of ten seconds
 * @param groupBy labels that are told apart
 */
public record MetricQuery(
        String tenant, Selector selector, TimeRange range, long stepNanos, List<String> groupBy) {

    /** Refuses steps that are none. */
    public MetricQuery {
        groupBy = List.copyOf(groupBy);
        if (stepNanos <= 0 || stepNanos % MeasureSlots.SLOT_NANOS != 0) {
            throw new IllegalArgumentException(
                    "a step is a multiple of ten seconds, not " + stepNanos + " ns");
        }
    }
}
