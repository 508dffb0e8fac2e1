package io.flarepath.symbolizer.binary.dwarf;

import io.flarepath.symbolizer.binary.RowSort;
import java.util.Arrays;

/** Ranges of addresses, in two columns. */
final class Ranges {
    private long[] starts = new long[64];
    private long[] ends = new long[64];
    private int count;

    void clear() {
        count = 0;
    }

    void add(long start, long end) {
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, count * 2);
            ends = Arrays.copyOf(ends, count * 2);
        }
        starts[count] = start;
        ends[count++] = end;
    }

    /** Brings them in the order of their starts. */
    void sort() {
        int[] order = RowSort.by(count, (a, b) -> Long.compare(starts[a], starts[b]));
        long[] oldStarts = Arrays.copyOf(starts, count);
        long[] oldEnds = Arrays.copyOf(ends, count);
        for (int i = 0; i < count; i++) {
            starts[i] = oldStarts[order[i]];
            ends[i] = oldEnds[order[i]];
        }
    }

    int count() {
        return count;
    }

    long start(int index) {
        return starts[index];
    }

    long end(int index) {
        return ends[index];
    }
}
