package io.flarepath.store.query;

/**
 * A half-open range of time: a profile counts where its start lies in {@code [from, until)}.
 *
 * @param fromNanos first instant, nanoseconds since 1970
 * @param untilNanos instant after the last
 */
public record TimeRange(long fromNanos, long untilNanos) {

    /** Refuses a range that ends before it starts. */
    public TimeRange {
        if (untilNanos < fromNanos) {
            throw new IllegalArgumentException(
                    "a time range must not end before it starts: from="
                            + fromNanos
                            + " until="
                            + untilNanos);
        }
    }

    /** Whether an instant lies within. */
    public boolean contains(long nanos) {
        return nanos >= fromNanos && nanos < untilNanos;
    }
}
