package io.flarepath.store.query;

import java.io.Serial;
import java.time.Duration;
import java.util.Locale;

/** The answer would cost more than is allowed; nothing is wrong with the store. */
public final class QueryRefusedException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    /** What was used up. */
    public enum Reason {
        /** Rows that may be read. */
        ROWS,
        /** Time. */
        TIME,
        /** The patience of the one who asked. */
        CANCELLED
    }

    private final Reason reason;

    QueryRefusedException(Reason reason, String limit) {
        super(limit);
        this.reason = reason;
    }

    private QueryRefusedException(QueryRefusedException cause, String message) {
        super(message, cause);
        this.reason = cause.reason;
    }

    /**
     * The same, with what would have fitted.
     *
     * @param done which part of the work was done, 0 to 1
     * @param spanNanos length of the range, where there is anything in it
     * @param series how many are selected
     */
    public QueryRefusedException advised(double done, long spanNanos, int series) {
        if (reason == Reason.CANCELLED) {
            return this;
        }
        long fits = (long) (done * spanNanos / 1e9);
        return new QueryRefusedException(
                this,
                String.format(
                        Locale.ROOT,
                        "the answer takes more than %s, which were used up after %.1f %% of it."
                                + " About %s of the %s that it covers would fit, or fewer of the %d"
                                + " series that are selected",
                        getMessage(),
                        100 * done,
                        told(fits),
                        told((long) (spanNanos / 1e9)),
                        series));
    }

    private static String told(long seconds) {
        Duration length = Duration.ofSeconds(Math.max(1, seconds));
        if (length.toDays() >= 2) {
            return length.toDays() + " d";
        }
        if (length.toHours() >= 2) {
            return length.toHours() + " h";
        }
        return length.toMinutes() >= 2 ? length.toMinutes() + " min" : length.toSeconds() + " s";
    }

    /** What was used up. */
    public Reason reason() {
        return reason;
    }
}
