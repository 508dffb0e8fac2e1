package io.flarepath.agent.requests.stream;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * The bytes of a stream that follow the last message, as far as they are known. A reader gets it
 * for the time of one call. Indices are checked: bytes come from strangers.
 */
public final class ByteView {
    private byte[] bytes = new byte[0];
    private int start;
    private int length;
    private boolean cut;
    private long nanos;
    private int thread;

    /** An empty view, to be set. */
    public ByteView() {}

    /** Shows other bytes, all of which were seen at one moment. */
    public ByteView of(byte[] array, int from, int count, long atNanos, int byThread) {
        return set(array, from, count, false, atNanos, byThread);
    }

    ByteView set(byte[] array, int from, int count, boolean isCut, long atNanos, int byThread) {
        Objects.checkFromIndexSize(from, count, array.length);
        bytes = array;
        start = from;
        length = count;
        cut = isCut;
        nanos = atNanos;
        thread = byThread;
        return this;
    }

    /** Number of bytes. */
    public int length() {
        return length;
    }

    /** Whether what follows these bytes was not captured, so that waiting for it is of no use. */
    public boolean isCut() {
        return cut;
    }

    /** Monotonic time at which the first of these bytes was seen. */
    public long nanos() {
        return nanos;
    }

    /** The thread that read or wrote the first of these bytes, or 0. */
    public int thread() {
        return thread;
    }

    /** One byte, 0 to 255. */
    public int u8(int index) {
        return bytes[start + Objects.checkIndex(index, length)] & 0xFF;
    }

    /** Two bytes, the most significant first. */
    public int u16(int index) {
        return u8(index) << 8 | u8(index + 1);
    }

    /** Three bytes, the most significant first. */
    public int u24(int index) {
        return u16(index) << 8 | u8(index + 2);
    }

    /** Four bytes as a signed number, the most significant first. */
    public int i32(int index) {
        return u16(index) << 16 | u16(index + 2);
    }

    /** Three bytes, the least significant first. */
    public int u24Little(int index) {
        return u8(index) | u8(index + 1) << 8 | u8(index + 2) << 16;
    }

    /** Index of a byte at or after {@code from}, or -1. */
    public int indexOf(int value, int from) {
        for (int i = Math.max(0, from); i < length; i++) {
            if (bytes[start + i] == (byte) value) {
                return i;
            }
        }
        return -1;
    }

    /** Whether the bytes from {@code index} on are this ASCII text. */
    public boolean hasAscii(int index, String text) {
        if (index < 0 || text.length() > length - index) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (u8(index + i) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Bytes as characters of the same number: nothing is lost and nothing fails. */
    public String latin1(int from, int to) {
        Objects.checkFromToIndex(from, to, length);
        return new String(bytes, start + from, to - from, StandardCharsets.ISO_8859_1);
    }

    /** Bytes as UTF-8; what is not becomes the replacement character. */
    public String utf8(int from, int to) {
        Objects.checkFromToIndex(from, to, length);
        return new String(bytes, start + from, to - from, StandardCharsets.UTF_8);
    }

    /** A copy of some of the bytes. */
    public byte[] copy(int from, int to) {
        Objects.checkFromToIndex(from, to, length);
        byte[] copy = new byte[to - from];
        System.arraycopy(bytes, start + from, copy, 0, copy.length);
        return copy;
    }
}
