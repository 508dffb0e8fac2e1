package io.flarepath.store.query;

import io.flarepath.store.profile.Labels;

/** Takes the totals of single profiles. */
@FunctionalInterface
public interface ProfileTotals {
    /**
     * One profile.
     *
     * @param group those of its labels that were grouped by
     * @param series all labels of its series
     * @param startNanos when it started, nanoseconds since 1970
     * @param total sum of its values, in the sample unit
     */
    void found(Labels group, Labels series, long startNanos, long total);
}
