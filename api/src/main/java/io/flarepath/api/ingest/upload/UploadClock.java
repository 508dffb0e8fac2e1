package io.flarepath.api.ingest.upload;

import io.flarepath.api.server.ApiError;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

/** Which start times a profile may have. */
public final class UploadClock {
    /** More than any clock is wrong that somebody looks after. */
    private static final Duration AHEAD = Duration.ofDays(1);

    /** To be added to a time of today, of which a long of nanoseconds ends in 2262. */
    private static final Duration CENTURIES = Duration.ofDays(2 * 36_500);

    private final LongSupplier nowNanos;
    private final Duration retention;
    private final Duration ahead;

    /**
     * A clock.
     *
     * @param nowNanos nanoseconds since 1970
     * @param retention how long profiles are kept; an older one would vanish at once
     */
    public UploadClock(LongSupplier nowNanos, Duration retention) {
        this(nowNanos, retention, AHEAD);
    }

    private UploadClock(LongSupplier nowNanos, Duration retention, Duration ahead) {
        this.nowNanos = nowNanos;
        this.retention = retention;
        this.ahead = ahead;
    }

    /** The system's clock for profiles that are looked at by themselves: any time will do. */
    public static UploadClock ofAnyTime() {
        return new UploadClock(
                UploadClock::systemNanos, Duration.ofNanos(Long.MAX_VALUE), CENTURIES);
    }

    /** The system's clock, nanoseconds since 1970. */
    public static long systemNanos() {
        Instant now = Instant.now();
        return Math.addExact(
                Math.multiplyExact(now.getEpochSecond(), 1_000_000_000L), now.getNano());
    }

    /** Nanoseconds since 1970. */
    public long now() {
        return nowNanos.getAsLong();
    }

    /** Whether a profile that started then would be removed at once. */
    public boolean isTooOld(long startNanos) {
        return startNanos < now() - retention.toNanos();
    }

    /**
     * The start of a profile, checked.
     *
     * @throws ApiError 400 when it lies before the retention or more than a day ahead
     */
    public long check(long startNanos) {
        if (isTooOld(startNanos)) {
            throw ApiError.invalid(
                    "the profile started at "
                            + shown(startNanos)
                            + ", before the retention of "
                            + retention
                            + " (setting retention): it would be removed at once; for a pprof, from=now stores"
                            + " it under the time of the upload");
        }
        if (startNanos > now() + ahead.toNanos()) {
            throw ApiError.invalid(
                    "the profile starts at "
                            + shown(startNanos)
                            + ", which is more than a day ahead of the server's clock, "
                            + shown(now())
                            + ": check the client's clock");
        }
        return startNanos;
    }

    /**
     * Checks the time of a part of an upload, of which the rest may be stored.
     *
     * @param what the part, for the refusal
     * @param field where the time stands
     * @throws ApiError 400 when there is none, or it lies before the retention or more than a day
     *     ahead
     */
    public void check(long nanos, String what, String field) {
        if (nanos <= 0) {
            throw ApiError.invalid(what + " has no time (" + field + ")");
        }
        if (isTooOld(nanos) || nanos > now() + ahead.toNanos()) {
            throw ApiError.invalid(
                    what
                            + " lies before the retention, or more than a day ahead of the server's"
                            + " clock: check the client's clock");
        }
    }

    /** The same clock for what is kept for another time. */
    public UploadClock keeping(Duration other) {
        return new UploadClock(nowNanos, other, ahead);
    }

    private static String shown(long nanos) {
        return Instant.ofEpochSecond(0, nanos).toString();
    }
}
