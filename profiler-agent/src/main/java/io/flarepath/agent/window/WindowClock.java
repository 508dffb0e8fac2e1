package io.flarepath.agent.window;

import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * Turns times of the monotonic clock, which samples carry, into Unix time, and says when windows
 * end. What lies between the two clocks is measured anew for each window, so that a step of the
 * system's clock shows from the next window on.
 */
public final class WindowClock {
    private final LongSupplier monotonicNanos;
    private final LongSupplier unixNanos;
    private final long usualNanos;
    private long lengthNanos;
    private ClockDifference unix = new ClockDifference(0);
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
        unix = ClockDifference.between(monotonicNanos, unixNanos);
        long now = unix.unixTime(nowNanos());
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
            endUnix = Math.min(endUnix, Math.max(startUnix + nanos, unix.unixTime(nowNanos())));
        }
        lengthNanos = nanos;
    }

    /** Length of a window when nothing makes it shorter. */
    public long usualNanos() {
        return usualNanos;
    }

    /** Whether a sample of this time comes after the window. */
    public boolean isAfter(long monotonicTime) {
        return unix.unixTime(monotonicTime) >= endUnix;
    }

    /** Now, by the monotonic clock. */
    public long nowNanos() {
        return monotonicNanos.getAsLong();
    }

    /** The Unix time of a sample, within the window. */
    public long unixTime(long monotonicTime) {
        return Math.clamp(unix.unixTime(monotonicTime), startUnix, endUnix - 1);
    }

    /** Start of the window, nanoseconds since 1970. */
    public long startNanos() {
        return startUnix;
    }

    /** End of the window, or now if that comes first. */
    public long endNanos() {
        return Math.min(endUnix, unix.unixTime(nowNanos()));
    }

    /** Nanoseconds since 1970. On Linux {@link System#nanoTime} reads CLOCK_MONOTONIC. */
    public static long unixNow() {
        Instant now = Instant.now();
        return Math.addExact(
                Math.multiplyExact(now.getEpochSecond(), 1_000_000_000L), now.getNano());
    }
}
