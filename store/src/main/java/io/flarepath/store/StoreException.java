package io.flarepath.store;

import java.io.Serial;

/** The store could not do what it was asked, through no fault of the caller. */
public final class StoreException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    /** Why it failed, which callers answer differently. */
    public enum Reason {
        /** Too much is under way: try again later. */
        BUSY,
        /** The disk is full or fails: nothing was stored. */
        DISK,
        /** What lies on disk cannot be read, or is of another version. */
        CORRUPT,
        /** The store has been closed. */
        CLOSED
    }

    private final Reason reason;

    /** A failure with its cause. */
    public StoreException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** A failure without a cause. */
    public StoreException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** Why. */
    public Reason reason() {
        return reason;
    }
}
