package io.flarepath.api.ingest.upload;

import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.MemoryBudget;

/**
 * What one upload takes of the heap while it is decoded. A few hostile bytes can stand for a long
 * stack, so the decoders charge what they build, not what they read. Used by one thread.
 */
public final class UploadMemory implements AutoCloseable {
    private static final long STEP_BYTES = 256 << 10;

    /** An upload that takes more than this part of the budget has to be the only such one. */
    private static final long BIG_PART = 12;

    /** Together with the decoding this stays below what clients wait for. */
    private static final long WAIT_MILLIS = 2_000;

    private final MemoryBudget.Reservation reservation;
    private final long limitBytes;
    private final MemoryBudget budget;
    private long charged;
    private boolean big;

    /** Memory out of a budget; one upload may take nine tenths of it. */
    public UploadMemory(MemoryBudget budget) {
        this.budget = budget;
        this.reservation = budget.open();
        this.limitBytes = budget.bytes() / 10 * 9;
    }

    /**
     * Takes more; less than 0 gives back what can be collected, for what this upload takes later.
     *
     * @throws ApiError 413 when this upload alone takes too much; 429 when all together do, or when
     *     the big ones before it take too long
     */
    public void charge(long bytes) {
        charged += bytes;
        if (charged > limitBytes) {
            throw ApiError.tooLarge(
                    "the upload takes "
                            + charged
                            + " bytes or more of memory when decoded, the limit is "
                            + limitBytes
                            + " (22 % of the server's heap, -Xmx): split it, or give the server"
                            + " more");
        }
        if (!big && charged > budget.bytes() / BIG_PART) {
            budget.takeTurn(WAIT_MILLIS);
            big = true;
        }
        if (charged > reservation.held()) {
            reservation.grow(Math.max(STEP_BYTES, charged - reservation.held()));
        }
    }

    @Override
    public void close() {
        reservation.close();
        if (big) {
            big = false;
            // The serial collector lets what a big upload left lie until the heap is full, and the
            // process would grow to its limit by a few bad uploads.
            System.gc();
            budget.passTurn();
        }
    }
}
