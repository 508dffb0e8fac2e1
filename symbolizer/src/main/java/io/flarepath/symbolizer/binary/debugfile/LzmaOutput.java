package io.flarepath.symbolizer.binary.debugfile;

import io.flarepath.symbolizer.binary.MalformedBinaryException;
import java.util.Arrays;

/** What was unpacked, which is the dictionary too; grows up to a bound. */
final class LzmaOutput {
    private final int most;
    private byte[] bytes = new byte[1 << 14];
    private int size;

    LzmaOutput(int most) {
        this.most = most;
    }

    void add(int b) throws MalformedBinaryException {
        reserve(1);
        bytes[size++] = (byte) b;
    }

    void addAll(byte[] from, int start, int length) throws MalformedBinaryException {
        reserve(length);
        System.arraycopy(from, start, bytes, size, length);
        size += length;
    }

    /**
     * Repeats earlier bytes.
     *
     * @param distance how far back they start, at least 1
     * @param base where the dictionary begins
     */
    void repeat(long distance, int length, int base) throws MalformedBinaryException {
        if (distance > size - base) {
            throw new MalformedBinaryException("xz data refers to before its start");
        }
        reserve(length);
        int from = size - (int) distance;
        for (int i = 0; i < length; i++) {
            bytes[size++] = bytes[from++];
        }
    }

    /** The byte so far back, or 0 before the start. */
    int back(long distance, int base) {
        return distance > size - base ? 0 : Byte.toUnsignedInt(bytes[size - (int) distance]);
    }

    private void reserve(int length) throws MalformedBinaryException {
        if (length > most - size) {
            throw new MalformedBinaryException("xz data has more than " + most + " bytes unpacked");
        }
        if (size + length > bytes.length) {
            long larger = Math.max((long) size + length, bytes.length * 2L);
            bytes = Arrays.copyOf(bytes, (int) Math.min(most, larger));
        }
    }

    int size() {
        return size;
    }

    byte[] bytes() {
        return bytes;
    }

    byte[] toArray() {
        return Arrays.copyOf(bytes, size);
    }
}
