package io.flarepath.store.engine;

/**
 * Walks keys of one family in the order of their unsigned bytes. To be closed soon: it pins what it
 * reads. One thread.
 */
public interface Cursor extends AutoCloseable {

    /** Goes to the first key of {@code [from, until)}; {@link #next()} then takes it. */
    void seek(byte[] from, byte[] until);

    /** Takes the next key; false when there is none before {@code until}. */
    boolean next();

    /** The key taken. */
    byte[] key();

    /** The value of the key taken. */
    byte[] value();

    @Override
    void close();
}
