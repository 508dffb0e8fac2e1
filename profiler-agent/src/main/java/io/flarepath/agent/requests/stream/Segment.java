package io.flarepath.agent.requests.stream;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that went over a connection in one direction. Segments may be missing, come twice, overlap,
 * or come out of order; the first one of a connection may lie anywhere in it.
 *
 * @param connection whose bytes
 * @param direction which way
 * @param position bytes of this direction before these, since the connection was opened
 * @param length bytes that went over the wire, at least {@code captured}
 * @param bytes where the first {@code captured} of them lie; not kept nor changed by the reader,
 *     unless the segment has to wait for an earlier one, when it is copied
 * @param offset where they begin in {@code bytes}
 * @param captured how many of them were copied
 * @param nanos monotonic clock when they went through the socket
 * @param thread thread that read or wrote them, 0 if that is not known
 */
public record Segment(
        ConnectionKey connection,
        Direction direction,
        long position,
        int length,
        byte[] bytes,
        int offset,
        int captured,
        long nanos,
        int thread) {

    /** Checks that the numbers fit together; the position may be anything that is not negative. */
    public Segment {
        Objects.checkFromIndexSize(offset, captured, bytes.length);
        if (position < 0 || length < captured || position > Long.MAX_VALUE - length) {
            throw new IllegalArgumentException(
                    "a segment of "
                            + length
                            + " bytes, "
                            + captured
                            + " captured, at position "
                            + position);
        }
    }

    /** Longest header that programs read by itself, to learn how long its message is. */
    private static final int LONGEST_LEAD = 16;

    /** Whether it may be the header of a message whose rest is read by itself. */
    public boolean isLead() {
        return captured == length && length <= LONGEST_LEAD;
    }

    /**
     * Both as one, read when this one was.
     *
     * @param lead a segment of the same direction
     * @return null if it is no {@linkplain #isLead header}, or this one does not follow it
     */
    public @Nullable Segment after(Segment lead) {
        if (!lead.isLead() || lead.end() != position) {
            return null;
        }
        byte[] joined = new byte[lead.captured + captured];
        System.arraycopy(lead.bytes, lead.offset, joined, 0, lead.captured);
        System.arraycopy(bytes, offset, joined, lead.captured, captured);
        return new Segment(
                connection,
                direction,
                lead.position,
                lead.length + length,
                joined,
                0,
                joined.length,
                nanos,
                thread);
    }

    /** Position after the last byte. */
    long end() {
        return position + length;
    }

    /** The same without the first so many bytes. */
    Segment from(int skipped) {
        int lost = Math.min(skipped, captured);
        return new Segment(
                connection,
                direction,
                position + skipped,
                length - skipped,
                bytes,
                offset + lost,
                captured - lost,
                nanos,
                thread);
    }

    /** The same with bytes of its own. */
    public Segment copied() {
        byte[] own = new byte[captured];
        System.arraycopy(bytes, offset, own, 0, captured);
        return new Segment(
                connection, direction, position, length, own, 0, captured, nanos, thread);
    }
}
