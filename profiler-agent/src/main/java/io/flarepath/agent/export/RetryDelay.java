package io.flarepath.agent.export;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: 0.5 s doubled up to a bound, with jitter so that the
 * agents of many nodes do not come back at once, and never less than the server asked for.
 */
public final class RetryDelay {
    private static final long FIRST_MILLIS = 500;

    /** A server that asks for more is not believed. */
    static final long MOST_ASKED_MILLIS = 300_000;

    private final InstantSource clock;
    private final RandomGenerator random;
    private final long mostMillis;
    private int failures;

    /**
     * Starts without a failure.
     *
     * @param most bound of what it waits by itself
     */
    public RetryDelay(InstantSource clock, RandomGenerator random, Duration most) {
        this.clock = clock;
        this.random = random;
        mostMillis = most.toMillis();
    }

    /** Attempts that failed since the last success. */
    public int failures() {
        return failures;
    }

    /** The last attempt has succeeded. */
    public void reset() {
        failures = 0;
    }

    /**
     * The last attempt has failed.
     *
     * @param retryAfter the header of that name: seconds, or a date of HTTP
     * @return how long to wait
     */
    public Duration next(Optional<String> retryAfter) {
        long base = Math.min(mostMillis, FIRST_MILLIS << Math.min(failures, 16));
        failures++;
        long jittered = Math.round(base * (0.8 + 0.4 * random.nextDouble()));
        long asked = retryAfter.map(this::asked).orElse(0L);
        long most = Math.min(mostMillis, jittered);
        return Duration.ofMillis(Math.max(most, Math.min(asked, MOST_ASKED_MILLIS)));
    }

    /** Milliseconds that the server asked for; what is not understood asks for nothing. */
    private long asked(String header) {
        String text = header.strip();
        if (text.matches("[0-9]{1,9}")) {
            return Long.parseLong(text) * 1000;
        }
        try {
            ZonedDateTime date = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
            return Duration.between(clock.instant(), date.toInstant()).toMillis();
        } catch (DateTimeException | ArithmeticException e) {
            return 0;
        }
    }
}
