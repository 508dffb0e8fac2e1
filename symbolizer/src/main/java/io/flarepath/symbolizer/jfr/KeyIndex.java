package io.flarepath.symbolizer.jfr;

import java.util.function.LongConsumer;

/** Keys to numbers that are not negative, by open addressing. */
final class KeyIndex {
    /** A table that has just grown lies there twice, for a moment. */
    private static final int BYTES_A_SLOT = 24;

    private final LongConsumer memory;
    private long[] keys = new long[16];
    private long[] values = new long[16];
    private int size;

    KeyIndex(LongConsumer memory) {
        this.memory = memory;
    }

    /** The number of a key, or -1. */
    long get(long key) {
        return values[slotOf(key)] - 1;
    }

    /** Sets the number of a key; the last one holds. */
    void put(long key, long value) {
        int slot = slotOf(key);
        if (values[slot] == 0) {
            keys[slot] = key;
            if (++size * 2 > keys.length) {
                grow();
                slot = slotOf(key);
                keys[slot] = key;
            }
        }
        values[slot] = value + 1;
    }

    private int slotOf(long key) {
        int mask = keys.length - 1;
        long hash = key * 0x9E3779B97F4A7C15L;
        int slot = (int) (hash >>> 32) & mask;
        while (values[slot] != 0 && keys[slot] != key) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldValues = values;
        memory.accept((long) BYTES_A_SLOT * oldKeys.length);
        keys = new long[oldKeys.length * 2];
        values = new long[oldKeys.length * 2];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldValues[i] != 0) {
                int slot = slotOf(oldKeys[i]);
                keys[slot] = oldKeys[i];
                values[slot] = oldValues[i];
            }
        }
    }
}
