package io.flarepath.store.index;

import java.util.Arrays;
import java.util.BitSet;

/** A set of windows, kept as runs: a series that never pauses takes one. Not synchronized. */
final class WindowRuns {
    /** First window of a run, then the one after its last, in order. */
    private int[] edges = new int[2];

    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    boolean contains(int window) {
        int run = runEndingAfter(window);
        return run < size && edges[run] <= window;
    }

    /** Whether any window of {@code [from, until)} is in it. */
    boolean intersects(int from, int until) {
        int run = runEndingAfter(from);
        return run < size && edges[run] < until;
    }

    /** The first window at or after one, or -1. */
    int firstFrom(int window) {
        int run = runEndingAfter(window);
        return run == size ? -1 : Math.max(window, edges[run]);
    }

    /** Sets a bit for every stretch of so many windows in which there is one. */
    void addBuckets(BitSet buckets, int windows) {
        for (int run = 0; run < size; run += 2) {
            buckets.set(edges[run] / windows, (edges[run + 1] - 1) / windows + 1);
        }
    }

    int last() {
        return edges[size - 1] - 1;
    }

    void add(int window) {
        int run = runEndingAfter(window);
        if (run < size && edges[run] <= window) {
            return;
        }
        boolean joinsBefore = run > 0 && edges[run - 1] == window;
        boolean joinsAfter = run < size && edges[run] == window + 1;
        if (joinsBefore && joinsAfter) {
            System.arraycopy(edges, run + 1, edges, run - 1, size - run - 1);
            size -= 2;
        } else if (joinsBefore) {
            edges[run - 1]++;
        } else if (joinsAfter) {
            edges[run]--;
        } else {
            if (size == edges.length) {
                edges = Arrays.copyOf(edges, size * 2);
            }
            System.arraycopy(edges, run, edges, run + 2, size - run);
            edges[run] = window;
            edges[run + 1] = window + 1;
            size += 2;
        }
    }

    void removeBefore(int window) {
        int run = runEndingAfter(window);
        System.arraycopy(edges, run, edges, 0, size - run);
        size -= run;
        if (size > 0 && edges[0] < window) {
            edges[0] = window;
        }
    }

    /** Index of the first edge of the first run that ends after a window; the size if none does. */
    private int runEndingAfter(int window) {
        int low = 0;
        int high = size / 2;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (edges[2 * middle + 1] <= window) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return 2 * low;
    }
}
