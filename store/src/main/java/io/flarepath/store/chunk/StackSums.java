package io.flarepath.store.chunk;

import java.util.Arrays;

/** Sums by stack number: merging a profile is to add its vector. One thread. */
public final class StackSums {
    private long[] sums = new long[1024];
    private int size;
    private long total;
    private long samples;

    /** Adds rows in order of their stacks. */
    public void add(int[] stacks, long[] values) {
        int rows = stacks.length;
        if (rows == 0) {
            return;
        }
        reach(stacks[rows - 1]);
        long added = 0;
        for (int i = 0; i < rows; i++) {
            sums[stacks[i]] += values[i];
            added += values[i];
        }
        total += added;
    }

    /** Adds to the sum of one number. */
    public void add(int stack, long value) {
        reach(stack);
        sums[stack] += value;
        total += value;
    }

    private void reach(int stack) {
        if (stack >= sums.length) {
            sums = Arrays.copyOf(sums, Math.max(stack + 1, sums.length * 2));
        }
        size = Math.max(size, stack + 1);
    }

    /** Adds rows, and how many samples they are. */
    public void add(Rows rows, long ofSamples) {
        add(rows.stacks(), rows.values());
        samples += ofSamples;
    }

    /** One more than the largest number. */
    public int size() {
        return size;
    }

    /** The sum of a number. */
    public long get(int stack) {
        return sums[stack];
    }

    /** The sum of everything. */
    public long total() {
        return total;
    }

    /** How many samples that is, as far as it was told. */
    public long samples() {
        return samples;
    }

    /** The stacks that have a sum, in order. */
    public Rows rows() {
        int rows = 0;
        for (int i = 0; i < size; i++) {
            if (sums[i] != 0) {
                rows++;
            }
        }
        int[] stacks = new int[rows];
        long[] values = new long[rows];
        int at = 0;
        for (int i = 0; i < size; i++) {
            if (sums[i] != 0) {
                stacks[at] = i;
                values[at++] = sums[i];
            }
        }
        return new Rows(stacks, values);
    }

    /** Back to nothing. */
    public void clear() {
        Arrays.fill(sums, 0, size, 0);
        size = 0;
        total = 0;
        samples = 0;
    }
}
