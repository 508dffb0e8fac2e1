package io.flarepath.api.time;

import io.flarepath.api.server.ApiError;
import io.flarepath.store.query.TimeRange;

/** Instants in milliseconds since 1970, bounded so that they can be nanoseconds too. */
public final class Instants {
    /** The last instant that is understood, in the year 2255: later ones overflow nanoseconds. */
    public static final long LATEST_MILLIS = 9_000_000_000_000L;

    /** Everything that can be stored. */
    public static final TimeRange ALWAYS = new TimeRange(0, LATEST_MILLIS * 1_000_000);

    private Instants() {}

    /** Moves an instant into what is understood. */
    public static long bounded(long millis) {
        return Math.clamp(millis, 0, LATEST_MILLIS);
    }

    /** The range between two instants, which must not be empty. */
    public static TimeRange range(String from, long fromMillis, String until, long untilMillis) {
        if (fromMillis >= untilMillis) {
            throw ApiError.invalid(
                    from
                            + " must be before "
                            + until
                            + ", and "
                            + fromMillis
                            + " is not before "
                            + untilMillis
                            + " (Unix milliseconds)");
        }
        return new TimeRange(fromMillis * 1_000_000, untilMillis * 1_000_000);
    }
}
