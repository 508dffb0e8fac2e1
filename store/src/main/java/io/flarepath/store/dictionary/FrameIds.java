package io.flarepath.store.dictionary;

import io.flarepath.store.profile.Frame;

/**
 * Numbers of frames by 128 bits of hash of their content: found in one step, which touches nothing
 * but the frame and this table. In memory only. One writer.
 */
final class FrameIds {
    /** Words a slot: both halves of the hash. */
    private static final int WORDS = 2;

    private long[] slots = new long[WORDS << 6];

    /** 1 + the number in a slot, 0 for none. */
    private int[] ids = new int[1 << 6];

    private int used;

    /** The number of a frame, or -1. */
    int find(Frame frame) {
        return ids[slot(frame.hashA(), frame.hashB())] - 1;
    }

    /** Remembers the number of a frame that was not found. */
    void put(Frame frame, int id) {
        put(frame.hashA(), frame.hashB(), id + 1);
        if (++used * 3L > ids.length * 2L) {
            grow();
        }
    }

    private void put(long a, long b, int stored) {
        int slot = slot(a, b);
        slots[WORDS * slot] = a;
        slots[WORDS * slot + 1] = b;
        ids[slot] = stored;
    }

    /** Where a hash is, or belongs. */
    private int slot(long a, long b) {
        int mask = ids.length - 1;
        int slot = (int) (a ^ a >>> 32) & mask;
        while (ids[slot] != 0 && (slots[WORDS * slot] != a || slots[WORDS * slot + 1] != b)) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        long[] oldSlots = slots;
        int[] oldIds = ids;
        slots = new long[oldSlots.length * 2];
        ids = new int[oldIds.length * 2];
        for (int slot = 0; slot < oldIds.length; slot++) {
            if (oldIds[slot] != 0) {
                put(oldSlots[WORDS * slot], oldSlots[WORDS * slot + 1], oldIds[slot]);
            }
        }
    }

    /** Bytes taken. */
    long bytes() {
        return 8L * slots.length + 4L * ids.length;
    }
}
