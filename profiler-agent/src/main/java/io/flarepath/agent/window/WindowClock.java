package io.flarepath.agent.window;

import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * Turns times of the monotonic clock, which samples carry, into Unix time, and says when windows
 * end. What lies between the two clocks is measured anew for each window, so that a step of the
 * system's clock shows from the next window on.
 */
public final class WindowClock {
    private static final int TRIES = 5;

    private final LongSupplier monotonicNanos;
    private final LongSupplier unixNanos;
    private final long usualNanos;
    private long lengthNanos;
    private long offset;
    private long startUnix;
    private long endUnix;

    /**
     * @param monotonicNanos reads CLOCK_MONOTONIC
     * @param unixNanos reads nanoseconds since 1970
     * @param usualNanos length of a window; windows begin at multiples of it
     */
    public WindowClock(LongSupplier monotonicNanos, LongSupplier unixNanos, long usualNanos) {
        this.monotonicNanos = monotonicNanos;
        this.unixNanos = unixNanos;
        this.usualNanos = usualNanos;
        lengthNanos = usualNanos;
        begin();
    }

    /** Begins a window now; it ends at the next multiple of its length. */
    public void begin() {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < TRIES; i++) {
            long before = monotonicNanos.getAsLong();
            long unix = unixNanos.getAsLong();
            long spread = monotonicNanos.getAsLong() - before;
            // A pause between the two readings would be taken for a difference of the clocks.
            if (spread < best) {
                best = spread;
                offset = unix - before - spread / 2;
            }
        }
        long now = monotonicNanos.getAsLong() + offset;
        startUnix = now;
        endUnix = Math.floorDiv(now, lengthNanos) * lengthNanos + lengthNanos;
    }

    /** Begins the window after this one, at this one's end unless the clock was set. */
    public void next() {
        long end = endUnix;
        begin();
        // Late by less than a window: the samples since the end belong to this one.
        if (startUnix >= end && startUnix - end < usualNanos) {
            startUnix = end;
        }
    }

    /**
     * Sets how long windows are from now on. One that has lasted longer already ends now; a longer
     * length holds from the next window on.
     */
    public void length(long nanos) {
        if (nanos < lengthNanos) {
            endUnix = Math.min(endUnix, Math.max(startUnix + nanos, nowNanos() + offset));
        }
        lengthNanos = nanos;
    }

    /** Length of a window when nothing makes it shorter. */
    public long usualNanos() {
        return usualNanos;
    }

    /** Whether a sample of this time comes after the window. */
    public boolean isAfter(long monotonicTime) {
        return monotonicTime + offset >= endUnix;
    }

    /** Now, by the monotonic clock. */
    public long nowNanos() {
        return monotonicNanos.getAsLong();
    }

    /** The Unix time of a sample, within the window. */
    public long unixTime(long monotonicTime) {
        return Math.clamp(monotonicTime + offset, startUnix, endUnix - 1);
    }

    /** Start of the window, nanoseconds since 1970. */
    public long startNanos() {
        return startUnix;
    }

    /** End of the window, or now if that comes first. */
    public long endNanos() {
        return Math.min(endUnix, monotonicNanos.getAsLong() + offset);
    }

    /** Nanoseconds since 1970. On Linux {@link System#nanoTime} reads CLOCK_MONOTONIC. */
    public static long unixNow() {
        Instant now = Instant.now();
        return Math.addExact(
                Math.multiplyExact(now.getEpochSecond(), 1_000_000_000L), now.getNano());
    }
}
