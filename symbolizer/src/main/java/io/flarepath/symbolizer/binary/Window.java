package io.flarepath.symbolizer.binary;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Checked little-endian reads of a {@link ByteSource} through one buffer of fixed size. */
public final class Window {
    /** Bytes of the buffer, unless told otherwise. */
    public static final int BYTES = 1 << 16;

    private final ByteSource source;
    private final long size;
    private final ByteBuffer buffer;
    private long start;

    /** A window with a buffer of {@link #BYTES}. */
    public Window(ByteSource source) throws IOException {
        this(source, BYTES);
    }

    /** A window with a buffer of another size: a small one suits reads that jump. */
    public Window(ByteSource source, int bufferBytes) throws IOException {
        this.source = source;
        this.size = source.size();
        this.buffer = ByteBuffer.allocate(bufferBytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.limit(0);
    }

    /** What it reads. */
    public ByteSource source() {
        return source;
    }

    /** Number of bytes of the source. */
    public long size() {
        return size;
    }

    /** Whether the range lies within the source. */
    public boolean contains(long position, long length) {
        return position >= 0 && length >= 0 && position <= size && length <= size - position;
    }

    /** Two bytes, unsigned. */
    public int u16(long position) throws IOException {
        return Short.toUnsignedInt(buffer.getShort(at(position, 2)));
    }

    /** One byte, unsigned. */
    public int u8(long position) throws IOException {
        return Byte.toUnsignedInt(buffer.get(at(position, 1)));
    }

    /** Four bytes. */
    public int i32(long position) throws IOException {
        return buffer.getInt(at(position, 4));
    }

    /** Four bytes, unsigned. */
    public long u32(long position) throws IOException {
        return Integer.toUnsignedLong(i32(position));
    }

    /** Eight bytes. */
    public long i64(long position) throws IOException {
        return buffer.getLong(at(position, 8));
    }

    /** Copies {@code length} bytes, at most as many as the buffer has. */
    public byte[] bytes(long position, int length) throws IOException {
        byte[] copy = new byte[length];
        buffer.get(at(position, length), copy);
        return copy;
    }

    /**
     * Appends the bytes up to (not with) the next NUL to {@code target}, {@code limit} at most.
     *
     * @return whether the NUL was found within the limit and the file
     */
    boolean string(long position, long end, int limit, ByteColumn target) throws IOException {
        long last = Math.min(end, size);
        for (int length = 0; length < limit && position + length < last; length++) {
            byte b = (byte) u8(position + length);
            if (b == 0) {
                return true;
            }
            target.add(b);
        }
        return false;
    }

    private int at(long position, int length) throws IOException {
        if (!contains(position, length) || length > buffer.capacity()) {
            throw new MalformedBinaryException(
                    "a reference of "
                            + length
                            + " bytes at offset 0x"
                            + Long.toHexString(position)
                            + " lies outside the file of "
                            + size
                            + " bytes: the file is cut or damaged");
        }
        if (position < start || position + length > start + buffer.limit()) {
            fill(position);
            if (length > buffer.limit()) {
                throw new MalformedBinaryException(
                        "the file shrank while it was read: " + size + " bytes were announced");
            }
        }
        return (int) (position - start);
    }

    private void fill(long position) throws IOException {
        buffer.clear();
        start = position;
        while (buffer.hasRemaining() && source.read(buffer, position + buffer.position()) > 0) {
            // until the window is full or the file ends
        }
        buffer.flip();
    }
}
