package io.flarepath.api.query.flamebearer;

import java.util.Arrays;

/** A hash table from two ints to one, without boxes: trees have millions of edges. */
final class PairTable {
    private long[] keys;
    private int[] values;
    private int used;

    PairTable(int expected) {
        int capacity = Integer.highestOneBit(Math.max(16, Math.min(expected, 1 << 28)) * 2) << 1;
        keys = new long[capacity];
        values = emptyValues(capacity);
    }

    /** The value stored under the pair, or -1 after storing the given one, which must be ≥ 0. */
    int putIfAbsent(int first, int second, int value) {
        if (used * 2 > values.length) {
            rehash();
        }
        long key = ((long) first << 32) | (second & 0xffffffffL);
        int slot = slot(key);
        if (values[slot] >= 0) {
            return values[slot];
        }
        keys[slot] = key;
        values[slot] = value;
        used++;
        return -1;
    }

    private int slot(long key) {
        int mask = values.length - 1;
        long mixed = (key ^ (key >>> 29)) * 0xbf58476d1ce4e5b9L;
        int slot = (int) (mixed >>> 32) & mask;
        while (values[slot] >= 0 && keys[slot] != key) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void rehash() {
        long[] oldKeys = keys;
        int[] oldValues = values;
        keys = new long[oldKeys.length * 2];
        values = emptyValues(keys.length);
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldValues[i] >= 0) {
                int slot = slot(oldKeys[i]);
                keys[slot] = oldKeys[i];
                values[slot] = oldValues[i];
            }
        }
    }

    private static int[] emptyValues(int capacity) {
        int[] empty = new int[capacity];
        Arrays.fill(empty, -1);
        return empty;
    }
}
