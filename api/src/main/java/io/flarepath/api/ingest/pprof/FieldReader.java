package io.flarepath.api.ingest.pprof;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serial;
import java.util.Arrays;

/**
 * Fields of protobuf messages (protobuf.dev, "Encoding") out of a stream, with a window of its
 * bytes in memory. Takes what protobuf's own reader takes, but for groups, which pprof never had;
 * it is faster, since it knows neither extensions nor other sources.
 */
final class FieldReader {
    private static final int WINDOW_BYTES = 64 << 10;

    /** Longer texts are read in steps: their length may be a lie. */
    private static final int STEP_BYTES = 1 << 20;

    private InputStream in;
    private final byte[] window = new byte[WINDOW_BYTES];
    private int at;
    private int size;

    /** Up to where in the window bytes of the message that is read lie. */
    private int limit;

    /** Bytes of the stream before the window. */
    private long before;

    /** Where the message that is read ends. */
    private long end = Long.MAX_VALUE;

    /** The bytes are no messages, or end within one. */
    static final class Damaged extends IOException {
        @Serial private static final long serialVersionUID = 1L;

        Damaged(String message) {
            super(message);
        }
    }

    FieldReader(InputStream in) {
        this.in = in;
    }

    /** Begins with another stream. */
    void restart(InputStream stream) {
        in = stream;
        at = 0;
        size = 0;
        limit = 0;
        before = 0;
        end = Long.MAX_VALUE;
    }

    /** How many bytes were read. */
    long position() {
        return before + at;
    }

    /** Whether the message that is read has no more fields. */
    boolean atEnd() throws IOException {
        if (at < limit) {
            return false;
        }
        if (position() >= end) {
            return true;
        }
        if (fill()) {
            return false;
        }
        if (end != Long.MAX_VALUE) {
            throw cut();
        }
        return true;
    }

    /** The next field's number and wire type; 0 at the end of the message. */
    int tag() throws IOException {
        if (atEnd()) {
            return 0;
        }
        int tag = (int) varint();
        if (tag >>> 3 == 0) {
            throw new Damaged("a field has the number 0");
        }
        return tag;
    }

    /** A varint of up to 64 bits. */
    long varint() throws IOException {
        if (at < limit) {
            byte only = window[at];
            if (only >= 0) {
                at++;
                return only;
            }
        }
        return longVarint();
    }

    private long longVarint() throws IOException {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            if (at == limit) {
                if (position() >= end) {
                    throw new Damaged("a number ends behind its message");
                }
                if (!fill()) {
                    throw cut();
                }
            }
            long next = window[at++];
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new Damaged("a number has more than ten bytes");
    }

    /**
     * Reads varints that follow each other, as many as there is room for and lie in memory whole.
     *
     * @return how many; 0 at the end of the message alone
     */
    int varints(long[] into) throws IOException {
        if (atEnd()) {
            return 0;
        }
        byte[] bytes = window;
        int behind = limit;
        int place = at;
        int count = 0;
        while (count < into.length && place < behind) {
            long value = bytes[place++];
            if (value < 0) {
                value &= 0x7f;
                int shift = 7;
                long next = -1;
                while (next < 0 && place < behind && shift < 70) {
                    next = bytes[place++];
                    value |= (next & 0x7f) << shift;
                    shift += 7;
                }
                if (next < 0) {
                    break;
                }
            }
            into[count++] = value;
            at = place;
        }
        if (count == 0) {
            into[count++] = varint();
        }
        return count;
    }

    /**
     * Enters the message, or the packed numbers, of the field whose tag was read.
     *
     * @return what {@link #leave} wants
     */
    long enter() throws IOException {
        int length = length();
        long outer = end;
        end = position() + length;
        limit();
        return outer;
    }

    /** Leaves a message that was read to its end. */
    void leave(long outer) {
        end = outer;
        limit();
    }

    private void limit() {
        limit = (int) Math.min(size, end - before);
    }

    /** The length of the field whose tag was read; it lies within the message. */
    int length() throws IOException {
        long length = varint();
        if (length < 0 || length > Integer.MAX_VALUE || length > end - position()) {
            throw new Damaged("a length of " + length + " bytes is more than there are");
        }
        return (int) length;
    }

    /** Leaves out the field whose tag was read. */
    void skip(int tag) throws IOException {
        switch (tag & 7) {
            case 0 -> {
                long _ = varint();
            }
            case 1 -> skipBytes(8);
            case 2 -> skipBytes(length());
            case 5 -> skipBytes(4);
            default -> throw new Damaged("a field has wire type " + (tag & 7));
        }
    }

    private void skipBytes(int count) throws IOException {
        if (count > end - position()) {
            throw new Damaged("a field ends behind its message");
        }
        int left = count;
        while (left > size - at) {
            left -= size - at;
            at = size;
            if (!fill()) {
                throw cut();
            }
        }
        at += left;
    }

    /**
     * Makes the next bytes lie in {@link #window} from {@link #windowPlace} on, and passes them.
     *
     * @return whether they do; longer ones than the window have to be {@link #copied}
     */
    boolean inWindow(int count) throws IOException {
        if (count > WINDOW_BYTES) {
            return false;
        }
        while (size - at < count) {
            System.arraycopy(window, at, window, 0, size - at);
            before += at;
            size -= at;
            at = 0;
            int read = in.read(window, size, WINDOW_BYTES - size);
            if (read < 0) {
                throw cut();
            }
            size += read;
            limit();
        }
        at += count;
        return true;
    }

    /** The bytes that are looked at. */
    byte[] window() {
        return window;
    }

    /** Where the so many bytes begin that were passed last. */
    int windowPlace(int count) {
        return at - count;
    }

    /** Copies the next bytes. */
    byte[] copied(int count) throws IOException {
        byte[] copy = new byte[Math.min(count, STEP_BYTES)];
        int have = 0;
        while (have < count) {
            if (at == size && !fill()) {
                throw cut();
            }
            if (have == copy.length) {
                copy = Arrays.copyOf(copy, (int) Math.min(count, 2L * have));
            }
            int some = Math.min(size - at, copy.length - have);
            System.arraycopy(window, at, copy, have, some);
            at += some;
            have += some;
        }
        return copy;
    }

    /** Fills the window anew when all of it has been read; false at the end of the stream. */
    private boolean fill() throws IOException {
        before += size;
        at = 0;
        size = 0;
        limit = 0;
        int read = in.read(window, 0, WINDOW_BYTES);
        if (read <= 0) {
            return false;
        }
        size = read;
        limit();
        return true;
    }

    private static Damaged cut() {
        return new Damaged("it ends in the middle of a field");
    }
}
