package io.flarepath.symbolizer.binary;

import java.io.IOException;

/** A position that moves through a {@link Window}, for formats that are read front to back. */
public final class Cursor {
    private static final int MAX_LEB_BYTES = 10;

    private final Window window;
    private long position;

    /** Starts at a position, which may lie anywhere: a read outside the window is refused. */
    public Cursor(Window window, long position) {
        this.window = window;
        this.position = position;
    }

    /** Where the next read starts. */
    public long position() {
        return position;
    }

    /** Moves to a position. */
    public void seek(long target) {
        position = target;
    }

    /** What is read. */
    public Window window() {
        return window;
    }

    public int u8() throws IOException {
        int value = window.u8(position);
        position++;
        return value;
    }

    public int u16() throws IOException {
        int value = window.u16(position);
        position += 2;
        return value;
    }

    public long u32() throws IOException {
        long value = window.u32(position);
        position += 4;
        return value;
    }

    public long i64() throws IOException {
        long value = window.i64(position);
        position += 8;
        return value;
    }

    /** An unsigned number of 1, 2, 3, 4 or 8 bytes. */
    public long unsigned(int bytes) throws IOException {
        return switch (bytes) {
            case 1 -> u8();
            case 2 -> u16();
            case 3 -> u8() | ((long) u16() << 8);
            case 4 -> u32();
            case 8 -> i64();
            default ->
                    throw new MalformedBinaryException(
                            "a number has 1, 2, 3, 4 or 8 bytes, not " + bytes);
        };
    }

    /** Unsigned LEB128 (DWARF 5, section 7.6); bits above the 64th are dropped. */
    public long uleb() throws IOException {
        long value = 0;
        for (int i = 0; i < MAX_LEB_BYTES; i++) {
            int b = u8();
            value |= (long) (b & 0x7f) << (7 * i);
            if (b < 0x80) {
                return value;
            }
        }
        throw new MalformedBinaryException(
                "a LEB128 number at offset 0x"
                        + Long.toHexString(position)
                        + " has more than "
                        + MAX_LEB_BYTES
                        + " bytes");
    }

    /** Signed LEB128. */
    public long sleb() throws IOException {
        long value = 0;
        for (int i = 0; i < MAX_LEB_BYTES; i++) {
            int b = u8();
            value |= (long) (b & 0x7f) << (7 * i);
            if (b < 0x80) {
                int used = 7 * (i + 1);
                return (b & 0x40) != 0 && used < 64 ? value | (-1L << used) : value;
            }
        }
        throw new MalformedBinaryException(
                "a LEB128 number at offset 0x"
                        + Long.toHexString(position)
                        + " has more than "
                        + MAX_LEB_BYTES
                        + " bytes");
    }

    /** Passes over bytes. */
    public void skip(long bytes) throws MalformedBinaryException {
        if (bytes < 0 || bytes > window.size() - position) {
            throw new MalformedBinaryException(
                    "a skip of "
                            + bytes
                            + " bytes at offset 0x"
                            + Long.toHexString(position)
                            + " leaves the section of "
                            + window.size()
                            + " bytes");
        }
        position += bytes;
    }

    /** Passes over a string and the NUL that ends it. */
    public void skipString() throws IOException {
        while (u8() != 0) {
            // until its end
        }
    }
}
