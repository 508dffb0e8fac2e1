package io.flarepath.store.chunk;

/**
 * Values by stack, in order of stacks.
 *
 * @param stacks numbers in the dictionary, ascending, each once
 * @param values their values, above 0
 */
public record Rows(int[] stacks, long[] values) {

    /** How many there are. */
    public int count() {
        return stacks.length;
    }

    /** The sum of all values. */
    public long total() {
        long sum = 0;
        for (long value : values) {
            sum += value;
        }
        return sum;
    }

    /** The largest number that divides all values, 1 when there are none. */
    long unit() {
        long unit = 0;
        for (long value : values) {
            unit = gcd(unit, value);
            if (unit == 1) {
                break;
            }
        }
        return Math.max(1, unit);
    }

    static long gcd(long a, long b) {
        long x = a;
        long y = b;
        while (y != 0) {
            long rest = x % y;
            x = y;
            y = rest;
        }
        return x;
    }
}
