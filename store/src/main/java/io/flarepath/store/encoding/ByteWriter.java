package io.flarepath.store.encoding;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Appends numbers and texts to a growing array. Fixed widths are big-endian. One thread. */
public final class ByteWriter {
    private byte[] bytes;
    private int size;

    /** An empty writer with room for some bytes. */
    public ByteWriter(int expectedBytes) {
        this.bytes = new byte[Math.max(16, expectedBytes)];
    }

    /** Bytes written so far. */
    public int size() {
        return size;
    }

    /** A copy of what was written. */
    public byte[] toArray() {
        return Arrays.copyOf(bytes, size);
    }

    /** The array that is written to; only the first {@link #size()} bytes count. */
    public byte[] array() {
        return bytes;
    }

    /** The low 8 bits. */
    public ByteWriter u8(int value) {
        room(1);
        bytes[size++] = (byte) value;
        return this;
    }

    /** The low 16 bits. */
    public ByteWriter u16(int value) {
        return u8(value >>> 8).u8(value);
    }

    /** 32 bits. */
    public ByteWriter u32(int value) {
        return u16(value >>> 16).u16(value);
    }

    /** 64 bits. */
    public ByteWriter u64(long value) {
        return u32((int) (value >>> 32)).u32((int) value);
    }

    /** Seven bits a byte, low ones first, the high bit set on all but the last (LEB128). */
    public ByteWriter varint(long value) {
        room(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
        return this;
    }

    /** The length in bytes as a varint, then UTF-8. */
    public ByteWriter text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return varint(utf8.length).bytes(utf8, 0, utf8.length);
    }

    /** Bytes as they are. */
    public ByteWriter bytes(byte[] source, int offset, int length) {
        room(length);
        System.arraycopy(source, offset, bytes, size, length);
        size += length;
        return this;
    }

    private void room(int more) {
        int needed = Math.addExact(size, more);
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.max(needed, Math.min(1L << 30, 2L * size)));
        }
    }
}
