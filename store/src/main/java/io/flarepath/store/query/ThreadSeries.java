package io.flarepath.store.query;

import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.SampledThread;
import java.util.Arrays;

/**
 * What one thread of one series took over time.
 *
 * @param series labels of the series
 * @param thread the thread
 * @param fromNanos where the first step starts, nanoseconds since 1970
 * @param stepNanos width of a step
 * @param values sum by step, in the sample unit
 */
public record ThreadSeries(
        Labels series, SampledThread thread, long fromNanos, long stepNanos, long[] values) {
    /** The sum of all values. */
    public long total() {
        return Arrays.stream(values).sum();
    }
}
