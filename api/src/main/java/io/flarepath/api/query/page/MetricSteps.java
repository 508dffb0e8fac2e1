package io.flarepath.api.query.page;

import io.flarepath.store.metric.MeasureSlots;
import io.flarepath.store.query.TimeRange;

/**
 * The steps of an answer about metrics: they start at multiples of their width, so that answers of
 * a moving range agree; of the first and the last only a part may lie in the range.
 *
 * @param range that was asked for
 * @param stepNanos width of a step
 */
record MetricSteps(TimeRange range, long stepNanos) {

    /** The left edge of a step. */
    long at(int step) {
        return Math.floorDiv(range.fromNanos(), stepNanos) * stepNanos + step * stepNanos;
    }

    /** How many steps there are. */
    int points() {
        return Math.toIntExact(Math.ceilDiv(range.untilNanos() - at(0), stepNanos));
    }

    /** How many slots of a step lie in the range. */
    long slots(int step) {
        return slots(
                Math.max(range.fromNanos(), at(step)), Math.min(range.untilNanos(), at(step + 1)));
    }

    /** How many slots lie in a range. */
    static long slots(TimeRange range) {
        return slots(range.fromNanos(), range.untilNanos());
    }

    private static long slots(long from, long until) {
        long slot = MeasureSlots.SLOT_NANOS;
        return Math.max(0, Math.ceilDiv(until, slot) - Math.ceilDiv(from, slot));
    }
}
