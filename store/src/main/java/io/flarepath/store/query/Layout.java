package io.flarepath.store.query;

import io.flarepath.store.profile.Frame;
import java.util.Arrays;
import java.util.Comparator;

/** The order of a tree's nodes: level by level, siblings by total, largest first, then by name. */
final class Layout {
    private Layout() {}

    /** Nodes in their order; a parent must have a smaller number than its children. */
    static int[] order(int[] parents, Frame[] frames, long[] totals) {
        int size = parents.length;
        int[] ends = new int[size + 1];
        for (int node = 1; node < size; node++) {
            ends[parents[node] + 1]++;
        }
        for (int node = 0; node < size; node++) {
            ends[node + 1] += ends[node];
        }
        int[] starts = ends.clone();
        int[] children = new int[Math.max(0, size - 1)];
        for (int node = 1; node < size; node++) {
            children[starts[parents[node]]++] = node;
        }
        Comparator<Integer> bySize = bySize(frames, totals);
        int[] order = new int[size];
        int filled = 1;
        for (int place = 0; place < filled; place++) {
            int from = ends[order[place]];
            int until = ends[order[place] + 1];
            sort(children, from, until, bySize);
            System.arraycopy(children, from, order, filled, until - from);
            filled += until - from;
        }
        return order;
    }

    static Comparator<Integer> bySize(Frame[] frames, long[] totals) {
        return (a, b) -> {
            int larger = Long.compare(totals[b], totals[a]);
            return larger != 0 ? larger : compare(frames[a], frames[b]);
        };
    }

    private static int compare(Frame a, Frame b) {
        int names = a.function().compareTo(b.function());
        if (names == 0) {
            names = a.file().compareTo(b.file());
        }
        if (names == 0) {
            names = a.mapping().compareTo(b.mapping());
        }
        if (names == 0) {
            names = a.kind().compareTo(b.kind());
        }
        if (names == 0) {
            names = Boolean.compare(a.inlined(), b.inlined());
        }
        if (names == 0) {
            names = Integer.compare(a.line(), b.line());
        }
        return names == 0 ? Long.compareUnsigned(a.address(), b.address()) : names;
    }

    private static void sort(int[] nodes, int from, int until, Comparator<Integer> order) {
        if (until - from < 2) {
            return;
        }
        Integer[] boxed = new Integer[until - from];
        Arrays.setAll(boxed, i -> nodes[from + i]);
        Arrays.sort(boxed, order);
        for (int i = 0; i < boxed.length; i++) {
            nodes[from + i] = boxed[i];
        }
    }
}
