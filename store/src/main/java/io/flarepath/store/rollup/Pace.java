package io.flarepath.store.rollup;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Lets profiles go first that come in, since somebody waits for their acknowledgement: while they
 * do, work that nobody waits for rests three times as long as it was at it. One thread.
 */
public final class Pace {
    /** Shorter than what a client notices. */
    private static final long STRETCH_NANOS = 4_000_000;

    /** A stretch is not taken for longer: the thread may have been the one that had to wait. */
    private static final long LONGEST_NANOS = 2 * STRETCH_NANOS;

    private static final int REST_FACTOR = 3;

    private final LongSupplier written;
    private long seen;
    private long began = System.nanoTime();

    /**
     * A pace.
     *
     * @param written how many profiles have been written so far
     */
    public Pace(LongSupplier written) {
        this.written = written;
        this.seen = written.getAsLong();
    }

    /** Rests if it is time to: called often, and where nothing is held that a writer waits for. */
    void step() {
        long worked = System.nanoTime() - began;
        if (worked < STRETCH_NANOS) {
            return;
        }
        long now = written.getAsLong();
        if (now != seen) {
            LockSupport.parkNanos(REST_FACTOR * Math.min(worked, LONGEST_NANOS));
        }
        seen = now;
        began = System.nanoTime();
    }
}
