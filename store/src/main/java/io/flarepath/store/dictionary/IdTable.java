package io.flarepath.store.dictionary;

import java.util.Arrays;
import java.util.function.IntToLongFunction;

/**
 * Finds dense ids by the hash of what they stand for. It stores ids only; the owner compares, since
 * it has the columns. Open addressing, linear probing.
 */
final class IdTable {
    private static final int EMPTY = -1;

    private int[] slots = new int[16];
    private int used;

    IdTable() {
        Arrays.fill(slots, EMPTY);
    }

    /**
     * Makes room for so many ids, so that they need not be moved while they come. Only when empty.
     */
    void reserve(int ids) {
        int length = slots.length;
        while (length * 3L < ids * 5L) {
            length *= 2;
        }
        if (used == 0 && length > slots.length) {
            slots = new int[length];
            Arrays.fill(slots, EMPTY);
        }
    }

    /** The slot where the search for a hash starts. */
    int start(long hash) {
        return (int) mix(hash) & (slots.length - 1);
    }

    /** The id in a slot, or -1: what is searched for is not there. */
    int at(int slot) {
        return slots[slot];
    }

    /** The slot to look at when the id in this one stands for something else. */
    int next(int slot) {
        return (slot + 1) & (slots.length - 1);
    }

    /** Puts a new id where the search ended. */
    void put(int slot, int id, IntToLongFunction hashOfId) {
        slots[slot] = id;
        if (++used * 5L > slots.length * 3L) {
            grow(hashOfId);
        }
    }

    /** Bytes taken. */
    long bytes() {
        return 4L * slots.length;
    }

    private void grow(IntToLongFunction hashOfId) {
        int[] old = slots;
        slots = new int[old.length * 2];
        Arrays.fill(slots, EMPTY);
        for (int id : old) {
            if (id != EMPTY) {
                int slot = start(hashOfId.applyAsLong(id));
                while (slots[slot] != EMPTY) {
                    slot = next(slot);
                }
                slots[slot] = id;
            }
        }
    }

    /** Spreads a hash over all bits (the finaliser of MurmurHash3). */
    static long mix(long hash) {
        long h = hash;
        h = (h ^ (h >>> 33)) * 0xff51afd7ed558ccdL;
        h = (h ^ (h >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return h ^ (h >>> 33);
    }
}
