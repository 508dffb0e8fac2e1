package io.flarepath.symbolizer.binary;

import java.util.Arrays;

/** Numbers by number, in two columns. Values are not negative; at most a given count is kept. */
public final class LongIntMap {
    private final int most;
    private long[] keys = new long[64];
    private int[] values = new int[64];
    private int size;

    /**
     * @param most how many are kept; what comes then is not
     */
    public LongIntMap(int most) {
        this.most = most;
        Arrays.fill(values, -1);
    }

    /** The value of a key, or -1. */
    public int get(long key) {
        return values[slot(key)];
    }

    /** Sets the value of a key, unless the map is full. */
    public void put(long key, int value) {
        int slot = slot(key);
        if (values[slot] < 0) {
            if (size >= most) {
                return;
            }
            if (++size * 2 > keys.length) {
                grow();
                slot = slot(key);
            }
        }
        keys[slot] = key;
        values[slot] = value;
    }

    /** Number of keys. */
    public int size() {
        return size;
    }

    /** Forgets all. */
    public void clear() {
        if (size > 0) {
            keys = new long[64];
            values = new int[64];
            Arrays.fill(values, -1);
            size = 0;
        }
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldValues = values;
        keys = new long[oldKeys.length * 2];
        values = new int[keys.length];
        Arrays.fill(values, -1);
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldValues[i] >= 0) {
                int slot = slot(oldKeys[i]);
                keys[slot] = oldKeys[i];
                values[slot] = oldValues[i];
            }
        }
    }

    private int slot(long key) {
        int mask = keys.length - 1;
        int slot = (int) ((key * 0x9E3779B97F4A7C15L) >>> 32) & mask;
        while (values[slot] >= 0 && keys[slot] != key) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }
}
