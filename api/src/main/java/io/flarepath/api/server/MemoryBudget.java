package io.flarepath.api.server;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A number of bytes shared by all requests: what one reserves the others cannot have. Keeps the sum
 * of bodies and decoded uploads below what the heap (or the disk) bears. Safe for many threads.
 */
public final class MemoryBudget {
    private final String what;
    private final long bytes;
    private final AtomicLong reserved = new AtomicLong();
    private final Semaphore turn = new Semaphore(1, true);

    /**
     * A budget of which nothing is reserved.
     *
     * @param what what the bytes hold, for messages
     */
    public MemoryBudget(String what, long bytes) {
        this.what = what;
        this.bytes = bytes;
    }

    /** How many bytes may be reserved in all. */
    public long bytes() {
        return bytes;
    }

    /** How many bytes are reserved. */
    public long reserved() {
        return reserved.get();
    }

    /**
     * Waits until no other holds the turn of those who need much; blocks.
     *
     * @throws Overloaded when it does not come within the time
     */
    public void takeTurn(long waitMillis) {
        try {
            if (turn.tryAcquire(waitMillis, TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new Overloaded(
                "several big "
                        + what
                        + " came at once, and this one waited "
                        + waitMillis
                        + " ms for its turn, which is the limit: try again later");
    }

    /** Gives the turn to the next. */
    public void passTurn() {
        turn.release();
    }

    /** Starts a reservation of nothing. */
    public Reservation open() {
        return new Reservation();
    }

    /** What one request holds. Used by one thread after the other. */
    public final class Reservation implements AutoCloseable {
        private long held;

        private Reservation() {}

        /**
         * Reserves more.
         *
         * @throws Overloaded when the others hold too much; what was held stays so
         */
        public void grow(long more) {
            long now = reserved.addAndGet(more);
            if (now > bytes) {
                reserved.addAndGet(-more);
                throw new Overloaded(
                        what
                                + " would take "
                                + now
                                + " bytes over all requests, the limit is "
                                + bytes
                                + ": try again later");
            }
            held += more;
        }

        /** How many bytes are held. */
        public long held() {
            return held;
        }

        /** Gives all back. */
        @Override
        public void close() {
            reserved.addAndGet(-held);
            held = 0;
        }
    }
}
