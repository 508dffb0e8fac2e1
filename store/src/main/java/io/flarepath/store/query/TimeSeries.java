package io.flarepath.store.query;

import io.flarepath.store.profile.Labels;

/**
 * Totals of one group of series over time.
 *
 * @param labels the group: only the labels that were grouped by
 * @param startNanos left edge of the first step
 * @param stepNanos width of a step
 * @param values total of the profiles that started in each step, in the sample unit
 * @param samples how many samples that is, as far as the profiles tell the value of one
 */
public record TimeSeries(
        Labels labels, long startNanos, long stepNanos, long[] values, long samples) {

    /** Without a number of samples. */
    public TimeSeries(Labels labels, long startNanos, long stepNanos, long[] values) {
        this(labels, startNanos, stepNanos, values, 0);
    }

    /** The sum of all steps. */
    public long total() {
        long sum = 0;
        for (long value : values) {
            sum += value;
        }
        return sum;
    }
}
