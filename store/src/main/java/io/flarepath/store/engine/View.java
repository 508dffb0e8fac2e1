package io.flarepath.store.engine;

import org.jspecify.annotations.Nullable;

/**
 * All families as they were at one moment: what a batch moves from one to another is seen once. To
 * be closed soon: what it sees cannot be freed. One thread.
 */
public interface View extends AutoCloseable {

    /** The value of a key, or null. */
    byte @Nullable [] get(Family family, byte[] key);

    /** A cursor over one family; to be closed before the view. */
    Cursor scan(Family family);

    @Override
    void close();
}
