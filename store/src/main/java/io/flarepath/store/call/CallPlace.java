package io.flarepath.store.call;

import java.util.Comparator;

/**
 * Where a call stands among others, whichever way they are ordered. Two calls of one place are one
 * call that came twice.
 *
 * @param startNanos when it began, nanoseconds since 1970
 * @param durationNanos how long it took
 * @param traceHigh first half of the trace's id
 * @param traceLow second half
 * @param spanId id of the span
 */
public record CallPlace(
        long startNanos, long durationNanos, long traceHigh, long traceLow, long spanId) {
    private static final Comparator<CallPlace> BY_IDS =
            Comparator.comparingLong(CallPlace::traceHigh)
                    .thenComparingLong(CallPlace::traceLow)
                    .thenComparingLong(CallPlace::spanId);

    /** The latest first. */
    static final Comparator<CallPlace> NEWEST =
            Comparator.comparingLong(CallPlace::startNanos)
                    .reversed()
                    .thenComparing(Comparator.comparingLong(CallPlace::durationNanos).reversed())
                    .thenComparing(BY_IDS);

    /** Those first that took longest. */
    static final Comparator<CallPlace> SLOWEST =
            Comparator.comparingLong(CallPlace::durationNanos)
                    .reversed()
                    .thenComparing(Comparator.comparingLong(CallPlace::startNanos).reversed())
                    .thenComparing(BY_IDS);
}
