package io.flarepath.agent.requests.stream;

/**
 * Cuts one direction of a connection into units: messages, or parts of them. What it does must
 * depend on the bytes alone, never on how they were split into segments.
 */
public interface StreamParser {
    /** The bytes do not make a unit yet. */
    long NEED_MORE = 0;

    /** The bytes are not of this protocol. */
    long MALFORMED = -1;

    /**
     * Reads the next unit.
     *
     * @param view the bytes known of it, at least one; with {@link ByteView#isCut} no more will
     *     come
     * @return how long the unit is in bytes, which may be more than are in view: the rest is passed
     *     over without being looked at; or {@link #NEED_MORE}, or {@link #MALFORMED}
     */
    long parse(ByteView view);

    /**
     * Bytes are missing where the next unit begins, of which nothing has been seen. Its length, if
     * it is known from what went before, and it is then taken as read; else {@link #NEED_MORE}.
     */
    default long parseUnseen() {
        return NEED_MORE;
    }

    /**
     * The last byte of the unit has gone by.
     *
     * @param nanos when
     * @param thread the thread that read or wrote it
     */
    default void passed(long nanos, int thread) {}

    /**
     * Bytes are missing in the message that goes by, its end perhaps among them. Whether it is the
     * only one on its way: it is then over when the other side speaks next, and the place in the
     * stream is known again.
     */
    default boolean isAlone() {
        return false;
    }

    /**
     * The message that was alone is over, though not all of it was seen.
     *
     * @param bytes of it that were not read
     * @param end its last bytes, as far as they were captured, perhaps none; with the time at which
     *     the last one went by that is known of, and the thread that read or wrote that
     */
    default void passedUnseen(long bytes, ByteView end) {}

    /** Bytes are missing, or were not understood: where the next message begins is not known. */
    void lost();

    /**
     * Whether a message begins here. Asked at the beginnings of segments while the place in the
     * stream is not known: must be sure of it.
     */
    boolean startsMessage(ByteView view);

    /** Bytes held back in it, roughly, besides a small constant. */
    default int heldBytes() {
        return 0;
    }
}
