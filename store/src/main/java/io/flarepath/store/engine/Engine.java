package io.flarepath.store.engine;

import org.jspecify.annotations.Nullable;

/**
 * Ordered keys and values. Safe for many threads. Failures are {@link
 * io.flarepath.store.StoreException}s; after a failed write nothing of the batch is visible, and
 * after {@link #close()} every call fails with reason CLOSED.
 */
public interface Engine extends AutoCloseable {

    /**
     * Applies a batch. When it returns, the batch survives a kill of the process; whether it
     * survives a power cut too is up to {@link #sync()}.
     */
    void write(Batch batch);

    /** The value of a key, or null. */
    byte @Nullable [] get(Family family, byte[] key);

    /** A cursor over one family; it stands nowhere until it is told to seek. */
    Cursor scan(Family family);

    /** Everything as it is at this moment, whatever is written afterwards. */
    View view();

    /** Removes all keys of {@code [from, until)}, cheaply. */
    void dropRange(Family family, byte[] from, byte[] until);

    /** Puts all finished writes on stable storage; concurrent calls share one disk flush. */
    void sync();

    /**
     * Makes its files as small as they can be at little cost, when it is worth that; called now and
     * then.
     */
    void settle();

    /** Size of its files, in bytes. */
    long bytesOnDisk();

    /** Waits for calls that are under way, syncs, closes. Again is allowed. */
    @Override
    void close();
}
