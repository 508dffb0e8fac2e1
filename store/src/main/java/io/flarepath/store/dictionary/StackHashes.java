package io.flarepath.store.dictionary;

import java.security.SecureRandom;

/**
 * Numbers of stacks by 96 bits of hash of their frames: a stack that is known is found in one step
 * instead of one a frame. The factors are secret, so that nobody can make two stacks meet, and by
 * chance they do not. In memory only. One writer.
 */
final class StackHashes {
    private static final SecureRandom SECRET = new SecureRandom();
    private static final long FACTOR_A = SECRET.nextLong() | 1;
    private static final long FACTOR_B = SECRET.nextLong() | 1;
    private static final long START_A = SECRET.nextLong();
    private static final long START_B = SECRET.nextLong();
    private static final int CELLS = 2;
    private static final long HASH = 0xFFFF_FFFF_0000_0000L;

    /** Two words a slot: the first half of the hash; the rest and 1 + the number, 0 for none. */
    private long[] slots = new long[CELLS << 6];

    private int used;
    private long a;
    private long b;

    /** Begins the hash of a stack. */
    void begin() {
        a = START_A;
        b = START_B;
    }

    /** Takes the next two frames towards the leaf; -1 is no second one. */
    void frames(int frame, int next) {
        long both = frame | (long) next << 32;
        long high = (a ^ both) * FACTOR_A;
        a = high ^ high >>> 32;
        long low = (b + both) * FACTOR_B;
        b = low ^ low >>> 29;
    }

    /** The number of the stack, or -1. */
    int find() {
        return (int) slots[place() + 1] - 1;
    }

    /** Remembers the number of the stack. */
    void put(int stack) {
        int at = place();
        if (slots[at + 1] == 0) {
            used++;
        }
        slots[at] = a;
        slots[at + 1] = (b & HASH) | (stack + 1);
        if (4L * used > 3L * slots.length / CELLS) {
            grow();
        }
    }

    private int place() {
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
        long keptA = a;
        long keptB = b;
        for (int at = 0; at < old.length; at += CELLS) {
            if (old[at + 1] != 0) {
                a = old[at];
                b = old[at + 1];
                System.arraycopy(old, at, slots, place(), CELLS);
            }
        }
        a = keptA;
        b = keptB;
    }

    /** Bytes taken. */
    long bytes() {
        return 8L * slots.length;
    }
}
