package io.flarepath.symbolizer.binary.unwind;

import io.flarepath.symbolizer.binary.MalformedBinaryException;
import java.util.Arrays;

/**
 * Ranges and the numbers of their rules, in columns of ten bytes a row. Where ranges overlap, the
 * one that came first stays. Addresses are offsets of 32 bits.
 */
final class RuleColumns {
    /** Enough for a browser; putting them in order takes some 80 MiB. */
    static final int MAX_ROWS = 3_000_000;

    private static final long UNSIGNED = 0xffff_ffffL;

    private int[] starts;

    /** The last offset of each range, not the one behind it, which may need 33 bits. */
    private int[] lasts;

    private char[] rules;
    private int count;
    private boolean ordered = true;

    private final int mostRows;

    /** Columns of so many rows at most. */
    RuleColumns(int mostRows) {
        this(mostRows, 1024);
    }

    private RuleColumns(int mostRows, int room) {
        this.mostRows = mostRows;
        starts = new int[room];
        lasts = new int[room];
        rules = new char[room];
    }

    int count() {
        return count;
    }

    long start(int row) {
        return starts[row] & UNSIGNED;
    }

    /** The offset behind the range. */
    long end(int row) {
        return (lasts[row] & UNSIGNED) + 1;
    }

    int rule(int row) {
        return rules[row];
    }

    /**
     * Adds a range.
     *
     * @throws MalformedBinaryException if there are more than it may have
     */
    void add(long start, long end, int rule) throws MalformedBinaryException {
        if (count > 0 && end(count - 1) == start && rules[count - 1] == rule) {
            lasts[count - 1] = (int) (end - 1);
            return;
        }
        if (count >= mostRows) {
            throw new MalformedBinaryException("more than " + mostRows + " unwind rows");
        }
        ordered &= count == 0 || end(count - 1) <= start;
        append(start, end, rule);
    }

    private void append(long start, long end, int rule) {
        if (count == starts.length) {
            int larger = count + (count >> 1);
            starts = Arrays.copyOf(starts, larger);
            lasts = Arrays.copyOf(lasts, larger);
            rules = Arrays.copyOf(rules, larger);
        }
        starts[count] = (int) start;
        lasts[count] = (int) (end - 1);
        rules[count++] = (char) rule;
    }

    /** Sorts the ranges and cuts them, so that none overlaps another. */
    void settle() {
        if (ordered) {
            return;
        }
        long[] keys = sortedKeys();
        RuleColumns settled = new RuleColumns(mostRows, count + 1024);
        Waiting waiting = new Waiting();
        int next = 0;
        long at = 0;
        while (next < keys.length || waiting.count > 0) {
            while (next < keys.length && start(keys[next]) <= at) {
                waiting.push((int) keys[next++]);
            }
            while (waiting.count > 0 && end(waiting.first()) <= at) {
                waiting.pop();
            }
            long nextStart = next < keys.length ? start(keys[next]) : Long.MAX_VALUE;
            if (waiting.count > 0) {
                int row = waiting.first();
                long until = Math.min(end(row), nextStart);
                settled.join(at, until, rules[row]);
                at = until;
            } else {
                at = nextStart;
            }
        }
        starts = settled.starts;
        lasts = settled.lasts;
        rules = settled.rules;
        count = settled.count;
        ordered = true;
    }

    /** Start and number of each row in one number, sorted; the column of starts is given up. */
    private long[] sortedKeys() {
        long[] keys = new long[count];
        for (int i = 0; i < count; i++) {
            keys[i] = ((long) starts[i] << 32 ^ Long.MIN_VALUE) | i;
        }
        starts = new int[0];
        Arrays.sort(keys);
        return keys;
    }

    private static long start(long key) {
        return (key ^ Long.MIN_VALUE) >>> 32;
    }

    private void join(long start, long end, int rule) {
        if (count > 0 && end(count - 1) == start && rules[count - 1] == rule) {
            lasts[count - 1] = (int) (end - 1);
        } else {
            append(start, end, rule);
        }
    }

    /** Rows that have started, the one that came first on top: a binary heap. */
    private static final class Waiting {
        private int[] rows = new int[16];
        private int count;

        int first() {
            return rows[0];
        }

        void push(int row) {
            if (count == rows.length) {
                rows = Arrays.copyOf(rows, count * 2);
            }
            int at = count++;
            while (at > 0 && rows[(at - 1) / 2] > row) {
                rows[at] = rows[(at - 1) / 2];
                at = (at - 1) / 2;
            }
            rows[at] = row;
        }

        void pop() {
            int row = rows[--count];
            int at = 0;
            while (2 * at + 1 < count) {
                int child = 2 * at + 1;
                if (child + 1 < count && rows[child + 1] < rows[child]) {
                    child++;
                }
                if (rows[child] >= row) {
                    break;
                }
                rows[at] = rows[child];
                at = child;
            }
            rows[at] = row;
        }
    }
}
