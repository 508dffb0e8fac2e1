package io.flarepath.store.chunk;

import io.flarepath.store.encoding.BitReader;
import io.flarepath.store.encoding.BitWriter;
import io.flarepath.store.encoding.Rice;

/**
 * In how many columns each stack is, where that is known to be at most so many: what it falls short
 * of the bound, in Rice's code with a mean of its own for every length of the bound in bits. Of a
 * bound of 1 nothing is written. One thread.
 */
final class BoundedCounts {
    /** Longer bounds share a mean. */
    private static final int MOST_BITS = 8;

    private final Rice[] byBits = new Rice[MOST_BITS + 1];

    BoundedCounts() {
        for (int bits = 0; bits <= MOST_BITS; bits++) {
            byBits[bits] = new Rice(bits < 2 ? 0 : (1 << (bits - 2)) >> 1);
        }
    }

    private Rice of(int bound) {
        return byBits[Math.min(MOST_BITS, 32 - Integer.numberOfLeadingZeros(bound))];
    }

    /** Appends a number from 1 to the bound. */
    void write(BitWriter out, int count, int bound) {
        if (bound > 1) {
            of(bound).write(out, bound - count);
        }
    }

    /** Reads the next; below 1 where no number was written so. */
    long read(BitReader in, int bound) {
        return bound > 1 ? bound - of(bound).read(in) : bound;
    }
}
