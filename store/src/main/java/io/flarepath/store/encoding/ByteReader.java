package io.flarepath.store.encoding;

import java.nio.charset.StandardCharsets;

/**
 * Reads what {@link ByteWriter} wrote; whatever does not fit is a {@link CorruptValueException}.
 */
public final class ByteReader {
    private final byte[] bytes;
    private final int limit;
    private int at;

    /** Reads {@code bytes[from .. until)}. */
    public ByteReader(byte[] bytes, int from, int until) {
        if (from < 0 || from > until || until > bytes.length) {
            throw new CorruptValueException(
                    "bytes " + from + " to " + until + " do not lie in " + bytes.length);
        }
        this.bytes = bytes;
        this.at = from;
        this.limit = until;
    }

    /** Bytes not read yet. */
    public int remaining() {
        return limit - at;
    }

    /** Where the next byte lies in the array. */
    public int position() {
        return at;
    }

    /** The next byte, unsigned. */
    public int u8() {
        if (at >= limit) {
            throw new CorruptValueException("the value ends early, at byte " + limit);
        }
        return bytes[at++] & 0xFF;
    }

    /** The next two bytes, unsigned. */
    public int u16() {
        return u8() << 8 | u8();
    }

    /** The next four bytes. */
    public int u32() {
        return u16() << 16 | u16();
    }

    /** The next eight bytes. */
    public long u64() {
        return (long) u32() << 32 | (u32() & 0xFFFF_FFFFL);
    }

    /** A varint of up to 64 bits. */
    public long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int next = u8();
            value |= (long) (next & 0x7F) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw new CorruptValueException("a varint is longer than 10 bytes, at byte " + at);
    }

    /** A varint that must lie in {@code [0, max]}. */
    public int varintUpTo(int max, String what) {
        long value = varint();
        if (value < 0 || value > max) {
            throw new CorruptValueException(what + " must be at most " + max + ", not " + value);
        }
        return (int) value;
    }

    /** A text: length and UTF-8. */
    public String text() {
        int length = varintUpTo(Integer.MAX_VALUE, "the length of a text");
        if (length > remaining()) {
            throw new CorruptValueException(
                    "a text of " + length + " bytes where " + remaining() + " are left");
        }
        String text = new String(bytes, at, length, StandardCharsets.UTF_8);
        at += length;
        return text;
    }

    /** Goes past some bytes. */
    public void skip(int count) {
        if (count < 0 || count > remaining()) {
            throw new CorruptValueException(
                    "the value ends early: " + count + " bytes wanted, " + remaining() + " left");
        }
        at += count;
    }
}
