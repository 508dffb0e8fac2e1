package io.flarepath.agent.window;

import java.util.function.LongSupplier;

/**
 * By how much Unix time is ahead of CLOCK_MONOTONIC. It changes when somebody sets the clock.
 *
 * @param nanos the difference
 */
public record ClockDifference(long nanos) {
    private static final int TRIES = 5;

    /** As it is now. */
    public static ClockDifference now() {
        // On Linux System.nanoTime reads CLOCK_MONOTONIC.
        return between(System::nanoTime, WindowClock::unixNow);
    }

    static ClockDifference between(LongSupplier monotonicNanos, LongSupplier unixNanos) {
        long best = Long.MAX_VALUE;
        long difference = 0;
        for (int i = 0; i < TRIES; i++) {
            long before = monotonicNanos.getAsLong();
            long unix = unixNanos.getAsLong();
            long spread = monotonicNanos.getAsLong() - before;
            // A pause between the two readings would be taken for a difference of the clocks.
            if (spread < best) {
                best = spread;
                difference = unix - before - spread / 2;
            }
        }
        return new ClockDifference(difference);
    }

    /** The Unix time, in nanoseconds, of one of the monotonic clock. */
    public long unixTime(long monotonicTime) {
        return monotonicTime + nanos;
    }
}
