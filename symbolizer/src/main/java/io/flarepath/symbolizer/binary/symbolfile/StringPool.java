package io.flarepath.symbolizer.binary.symbolfile;

import java.io.IOException;
import java.util.Arrays;

/** Texts that are kept once each, as they stand in a symbol file. */
final class StringPool {
    private static final int LONGEST = 1 << 14;

    private final long most;
    private byte[] bytes = new byte[1 << 12];
    private int size = 1;
    private int[] slots = new int[1 << 10];
    private int[] hashes = new int[1 << 10];
    private int count;

    StringPool(long most) {
        this.most = Math.min(most, Integer.MAX_VALUE - (1L << 16));
    }

    /** The offset of a text, 0 for an empty one; the end of a very long one is left out. */
    int add(byte[] utf8, int wholeLength) throws IOException {
        int length = Math.min(wholeLength, LONGEST);
        if (length == 0) {
            return 0;
        }
        int hash = hash(utf8, length);
        int slot = slot(hash, utf8, length);
        if (slots[slot] > 0) {
            return slots[slot];
        }
        if (size + (long) length + 5 > most) {
            throw SymbolFileWriter.tooMany("bytes of names", most);
        }
        int at = size;
        append(utf8, length);
        slots[slot] = at;
        hashes[slot] = hash;
        if (++count * 2 > slots.length) {
            grow();
        }
        return at;
    }

    byte[] bytes() {
        return bytes;
    }

    int size() {
        return size;
    }

    private void append(byte[] utf8, int length) {
        if (size + length + 5 > bytes.length) {
            long larger = Math.max(size + length + 5L, bytes.length + (bytes.length >> 1));
            bytes = Arrays.copyOf(bytes, (int) Math.min(larger, Integer.MAX_VALUE - 16));
        }
        int rest = length;
        while (rest > 0x7f) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
        System.arraycopy(utf8, 0, bytes, size, length);
        size += length;
    }

    private int slot(int hash, byte[] utf8, int length) {
        int mask = slots.length - 1;
        int slot = hash & mask;
        while (slots[slot] > 0 && !(hashes[slot] == hash && isAt(slots[slot], utf8, length))) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private boolean isAt(int offset, byte[] utf8, int length) {
        int at = offset;
        int there = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = bytes[at++];
            there |= (b & 0x7f) << shift;
            if (b >= 0) {
                break;
            }
        }
        return there == length && Arrays.equals(bytes, at, at + length, utf8, 0, length);
    }

    private void grow() {
        int[] oldSlots = slots;
        int[] oldHashes = hashes;
        slots = new int[oldSlots.length * 2];
        hashes = new int[slots.length];
        int mask = slots.length - 1;
        for (int i = 0; i < oldSlots.length; i++) {
            if (oldSlots[i] > 0) {
                int slot = oldHashes[i] & mask;
                while (slots[slot] > 0) {
                    slot = (slot + 1) & mask;
                }
                slots[slot] = oldSlots[i];
                hashes[slot] = oldHashes[i];
            }
        }
    }

    private static int hash(byte[] utf8, int length) {
        int hash = length;
        for (int i = 0; i < length; i++) {
            hash = hash * 31 + utf8[i];
        }
        hash *= 0x9E3779B9;
        return hash ^ (hash >>> 15);
    }
}
