package io.flarepath.agent.export;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growing buffer of protocol-buffer fields. Written by hand, because the generated messages cost
 * the agent more memory for their descriptors alone than everything that it sends. Source of the
 * format: protobuf.dev/programming-guides/encoding.
 */
final class WireBuffer {
    /** What a buffer keeps over a reset; a rare huge window must not stay in memory for ever. */
    private static final int KEPT = 1 << 18;

    private byte[] bytes = new byte[1024];
    private int length;

    int length() {
        return length;
    }

    void reset() {
        length = 0;
        if (bytes.length > KEPT) {
            bytes = new byte[1024];
        }
    }

    byte[] array() {
        return bytes;
    }

    /** A number field of type int32, int64 or uint64; zero is the default and is left out. */
    void number(int field, long value) {
        if (value != 0) {
            varint((long) field << 3);
            varint(value);
        }
    }

    /** A number field within a oneof, where zero must be written. */
    void chosenNumber(int field, long value) {
        varint((long) field << 3);
        varint(value);
    }

    /** A field of type fixed64. */
    void fixed64(int field, long value) {
        varint((long) field << 3 | 1);
        rawFixed64(value);
    }

    /** A field of type sint32 or sint64; zero is the default and is left out. */
    void zigzag(int field, long value) {
        number(field, (value << 1) ^ (value >> 63));
    }

    /** A field of type fixed64 whose zero is the default and is left out. */
    void fixed64Unless0(int field, long value) {
        if (value != 0) {
            fixed64(field, value);
        }
    }

    /** A field of type double, which is written even if it is zero. */
    void real(int field, double value) {
        fixed64(field, Double.doubleToRawLongBits(value));
    }

    /** The tag and length of a field whose bytes follow. */
    void header(int field, int size) {
        varint((long) field << 3 | 2);
        varint(size);
    }

    void message(int field, WireBuffer message) {
        header(field, message.length);
        append(message);
    }

    void bytes(int field, byte[] value) {
        header(field, value.length);
        reserve(value.length);
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
    }

    void string(int field, String value) {
        bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    void append(WireBuffer other) {
        reserve(other.length);
        System.arraycopy(other.bytes, 0, bytes, length, other.length);
        length += other.length;
    }

    void rawFixed64(long value) {
        reserve(8);
        for (int i = 0; i < 8; i++) {
            bytes[length++] = (byte) (value >>> (8 * i));
        }
    }

    void varint(long value) {
        reserve(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
    }

    private void reserve(int more) {
        if (bytes.length - length < more) {
            int needed = Math.addExact(length, more);
            bytes = Arrays.copyOf(bytes, Math.max(needed, Math.min(bytes.length, 1 << 29) * 2));
        }
    }
}
