package io.flarepath.store.dictionary;

import io.flarepath.store.profile.Frame;

/**
 * Numbers of frames by 96 bits of the hash of their content: found in one step, which touches
 * nothing but the frame and one place of this table. In memory only. One writer.
 */
final class FrameIds {
    private static final int CELLS = 2;
    private static final long HASH = 0xFFFF_FFFF_0000_0000L;

    /** Two words a slot: half of the hash; a quarter of it and 1 + the number, 0 for none. */
    private long[] slots = new long[CELLS << 6];

    private int used;

    /** The number of a frame, or -1. */
    int find(Frame frame) {
        return (int) slots[place(frame.hashA(), frame.hashB()) + 1] - 1;
    }

    /** Remembers the number of a frame that was not found. */
    void put(Frame frame, int id) {
        put(frame.hashA(), frame.hashB(), id + 1);
        if (++used * 3L > slots.length / CELLS * 2L) {
            grow();
        }
    }

    private void put(long a, long b, int stored) {
        int at = place(a, b);
        slots[at] = a;
        slots[at + 1] = (b & HASH) | stored;
    }

    /** Where a hash is, or belongs. */
    private int place(long a, long b) {
        int mask = slots.length / CELLS - 1;
        int slot = (int) (a ^ a >>> 32) & mask;
        while (slots[CELLS * slot + 1] != 0
                && (slots[CELLS * slot] != a || ((slots[CELLS * slot + 1] ^ b) & HASH) != 0)) {
            slot = (slot + 1) & mask;
        }
        return CELLS * slot;
    }

    private void grow() {
        long[] old = slots;
        slots = new long[old.length * 2];
        for (int at = 0; at < old.length; at += CELLS) {
            if (old[at + 1] != 0) {
                put(old[at], old[at + 1], (int) old[at + 1]);
            }
        }
    }

    /** Bytes taken. */
    long bytes() {
        return 8L * slots.length;
    }
}
