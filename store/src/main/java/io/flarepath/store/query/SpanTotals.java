package io.flarepath.store.query;

import io.flarepath.store.profile.Labels;

/** Takes what single profiles have of single spans. */
@FunctionalInterface
public interface SpanTotals {
    /**
     * One span in one profile.
     *
     * @param group those of its labels that were grouped by
     * @param series all labels of its series
     * @param startNanos when the profile started, nanoseconds since 1970
     * @param span number of the span
     * @param trace its trace, of zeros when it is not known
     * @param total sum of its values, in the sample unit
     */
    void found(
            Labels group,
            Labels series,
            long startNanos,
            long span,
            SpanSelection.TraceId trace,
            long total);
}
