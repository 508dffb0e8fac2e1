package io.flarepath.api.query.page;

import io.flarepath.store.metric.MeasureSlots;
import io.flarepath.store.profile.TimedSamples;
import io.flarepath.store.query.TimeRange;

/** Widths of steps that people read well. */
final class Steps {
    /** In seconds. None is shorter than an agent's window: a line over those would saw. */
    private static final long[] WIDTHS = {
        10, 15, 20, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200,
        86_400, 604_800, 2_592_000
    };

    private Steps() {}

    /** The same, or the next larger one, that has whole slots of metrics. */
    static long ofSlots(long stepNanos) {
        long slot = MeasureSlots.SLOT_NANOS;
        return Math.ceilDiv(stepNanos, slot) * slot;
    }

    /** The smallest width of whole tenths of a second that makes at most so many steps. */
    static long fine(TimeRange range, int points) {
        long needed = Math.ceilDiv(range.untilNanos() - range.fromNanos(), points);
        return Math.max(1, Math.ceilDiv(needed, TimedSamples.SLOT_NANOS)) * TimedSamples.SLOT_NANOS;
    }

    /** The smallest width that makes at most so many steps of the range. */
    static long nanos(TimeRange range, int points) {
        long needed = Math.ceilDiv(range.untilNanos() - range.fromNanos(), points);
        for (long width : WIDTHS) {
            if (width * 1_000_000_000 >= needed) {
                return width * 1_000_000_000;
            }
        }
        long widest = WIDTHS[WIDTHS.length - 1] * 1_000_000_000;
        return Math.ceilDiv(needed, widest) * widest;
    }
}
