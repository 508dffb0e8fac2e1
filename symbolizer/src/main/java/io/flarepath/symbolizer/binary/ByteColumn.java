package io.flarepath.symbolizer.binary;

import java.util.Arrays;

/** Bytes that grow: the names of a symbol table, one after the other, each ended by a NUL. */
final class ByteColumn {
    private byte[] bytes = new byte[1024];
    private int size;

    int size() {
        return size;
    }

    void add(byte b) {
        if (size == bytes.length) {
            bytes = Arrays.copyOf(bytes, size + (size >> 1));
        }
        bytes[size++] = b;
    }

    void addAll(byte[] from, int start, int end) {
        for (int i = start; i < end; i++) {
            add(from[i]);
        }
    }

    byte get(int index) {
        return bytes[index];
    }

    void truncate(int newSize) {
        size = newSize;
    }

    byte[] toArray() {
        return Arrays.copyOf(bytes, size);
    }
}
