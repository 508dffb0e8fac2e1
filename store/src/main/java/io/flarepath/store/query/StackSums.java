package io.flarepath.store.query;

import java.util.Arrays;

/** Sums by stack number: merging a profile is to add its vector. One thread. */
public final class StackSums {
    private long[] sums = new long[1024];
    private int size;

    /** Adds rows. */
    public void add(int[] stacks, long[] values) {
        if (stacks.length == 0) {
            return;
        }
        int last = stacks[stacks.length - 1];
        if (last >= sums.length) {
            sums = Arrays.copyOf(sums, Math.max(last + 1, sums.length * 2));
        }
        size = Math.max(size, last + 1);
        for (int i = 0; i < stacks.length; i++) {
            sums[stacks[i]] += values[i];
        }
    }

    /** One more than the largest number. */
    int size() {
        return size;
    }

    /** The sum of a number. */
    long get(int stack) {
        return sums[stack];
    }
}
