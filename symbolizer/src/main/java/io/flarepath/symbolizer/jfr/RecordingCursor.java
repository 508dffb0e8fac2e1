package io.flarepath.symbolizer.jfr;

import io.flarepath.symbolizer.binary.ByteSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads a recording forwards from any place, through one buffer. Nothing is read at or behind the
 * limit that the last {@link #seek} set.
 *
 * <p>Integers are LEB128 of at most nine bytes, the ninth of which has eight bits, where the chunk
 * says that it is compressed; else big-endian (jdk.jfr.internal.consumer.RecordingInput).
 */
final class RecordingCursor {
    /** Longer texts are cut: no name that is shown is as long. */
    static final int MOST_TEXT_BYTES = 8 << 10;

    private static final int NULL = 0;
    private static final int EMPTY = 1;
    private static final int POOLED = 2;
    private static final int UTF8 = 3;
    private static final int CHARACTERS = 4;
    private static final int LATIN1 = 5;

    private final ByteSource source;
    private final byte[] buffer;
    private long bufferStart;
    private int filled;
    private int next;
    private long limit;
    private boolean compressed = true;

    RecordingCursor(ByteSource source, int bufferBytes) {
        this.source = source;
        this.buffer = new byte[bufferBytes];
    }

    /** Whether the integers that follow are compressed. */
    void compressed(boolean yes) {
        this.compressed = yes;
    }

    /** Goes to a place, from which bytes before {@code end} may be read. */
    void seek(long position, long end) throws MalformedRecordingException {
        if (position < 0 || position > end) {
            throw new MalformedRecordingException(
                    "a reference to byte " + position + " lies outside of what ends at " + end);
        }
        limit = end;
        if (position >= bufferStart && position <= bufferStart + filled) {
            next = (int) (position - bufferStart);
        } else {
            bufferStart = position;
            filled = 0;
            next = 0;
        }
    }

    long position() {
        return bufferStart + next;
    }

    /** Bytes up to the limit. */
    long left() {
        return limit - position();
    }

    /** One byte, unsigned. */
    int u1() throws IOException {
        if (position() >= limit) {
            throw outside(1);
        }
        if (next == filled) {
            fill();
        }
        return buffer[next++] & 0xff;
    }

    private void fill() throws IOException {
        bufferStart += filled;
        next = 0;
        filled = 0;
        ByteBuffer target = ByteBuffer.wrap(buffer);
        while (target.hasRemaining() && source.read(target, bufferStart + target.position()) > 0) {
            // until the buffer is full or the recording ends
        }
        filled = target.position();
        if (filled == 0) {
            throw new MalformedRecordingException(
                    "the recording ends at byte " + bufferStart + ", in the middle of a chunk");
        }
    }

    private MalformedRecordingException outside(long bytes) {
        return new MalformedRecordingException(
                "a value of "
                        + bytes
                        + " bytes at byte "
                        + position()
                        + " does not fit in what ends at "
                        + limit);
    }

    void skip(long bytes) throws MalformedRecordingException {
        if (bytes < 0 || bytes > left()) {
            throw outside(bytes);
        }
        seek(position() + bytes, limit);
    }

    /** A big-endian number, compressed or not. */
    long bigEndian(int bytes) throws IOException {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value = value << 8 | u1();
        }
        return value;
    }

    /** An integer of a width; of a narrower one the higher bits are undefined. */
    long integer(int width) throws IOException {
        if (width == 1) {
            return u1();
        }
        return compressed ? varint() : bigEndian(width);
    }

    /** A {@code long}. */
    long longNumber() throws IOException {
        return integer(8);
    }

    /** An {@code int}. */
    int intNumber() throws IOException {
        return (int) integer(4);
    }

    /** A number of values, each of which takes at least a byte. */
    int count(String what) throws IOException {
        int count = intNumber();
        if (count < 0 || count > left()) {
            throw new MalformedRecordingException(
                    "at byte " + position() + " the number of " + what + " is " + count);
        }
        return count;
    }

    private long varint() throws IOException {
        long value = 0;
        for (int shift = 0; shift < 56; shift += 7) {
            int one = u1();
            value |= (long) (one & 0x7f) << shift;
            if (one < 0x80) {
                return value;
            }
        }
        return value | (long) u1() << 56;
    }

    /** Texts that others refer to by their key. */
    @FunctionalInterface
    interface PooledTexts {
        @Nullable String text(long key) throws IOException;
    }

    /** A text, or null. */
    @Nullable String text(PooledTexts pool) throws IOException {
        int encoding = u1();
        return switch (encoding) {
            case NULL -> null;
            case EMPTY -> "";
            case POOLED -> pool.text(longNumber());
            case UTF8 -> new String(textBytes(), StandardCharsets.UTF_8);
            case CHARACTERS -> characters();
            case LATIN1 -> new String(textBytes(), StandardCharsets.ISO_8859_1);
            default -> throw unknown(encoding);
        };
    }

    void skipText() throws IOException {
        int encoding = u1();
        switch (encoding) {
            case NULL, EMPTY -> {}
            case POOLED -> longNumber();
            case UTF8, LATIN1 -> skip(count("bytes of a text"));
            case CHARACTERS -> {
                for (int i = count("characters of a text"); i > 0; i--) {
                    integer(2);
                }
            }
            default -> throw unknown(encoding);
        }
    }

    private MalformedRecordingException unknown(int encoding) {
        return new MalformedRecordingException(
                "the text before byte " + position() + " has the unknown encoding " + encoding);
    }

    private byte[] textBytes() throws IOException {
        int length = count("bytes of a text");
        byte[] bytes = new byte[Math.min(length, MOST_TEXT_BYTES)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) u1();
        }
        skip(length - bytes.length);
        return bytes;
    }

    private String characters() throws IOException {
        int length = count("characters of a text");
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            char one = (char) integer(2);
            if (i < MOST_TEXT_BYTES) {
                text.append(one);
            }
        }
        return text.toString();
    }
}
