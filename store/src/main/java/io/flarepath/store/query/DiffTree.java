package io.flarepath.store.query;

import io.flarepath.store.dictionary.Trie;
import io.flarepath.store.profile.Frame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Two trees on one: every node stands in it that stands in either, with the values of both sides.
 * Node 0 is the root; parents stand before children, siblings by their larger share of a side's
 * total, then by name. Immutable.
 *
 * <p>Invariants, on each side: {@code total(n) = self(n) + sum of total(children)}, and {@code
 * total(0)} is the total of that side's tree. To look at a part, focus both trees first.
 */
public final class DiffTree {
    /** Shares as whole numbers: what they are ordered and cut by. */
    private static final double SHARE_UNITS = 1L << 52;

    /** Label of leaves "other" while the sides are joined; frames have labels from 0. */
    private static final int OTHER_LABEL = -2;

    private final int[] parents;
    private final Frame[] frames;
    private final boolean[] others;
    private final long[] selfA;
    private final long[] totalA;
    private final long[] selfB;
    private final long[] totalB;
    private final int hidden;

    /** Takes columns in any order that has parents before children, and lays them out. */
    private DiffTree(
            int[] parents,
            Frame[] frames,
            boolean[] others,
            long[] selfA,
            long[] selfB,
            int hidden) {
        long[] sumsA = TreeBuilder.totals(parents, selfA);
        long[] sumsB = TreeBuilder.totals(parents, selfB);
        int[] order = Layout.order(parents, frames, shares(sumsA, sumsB));
        int size = order.length;
        int[] placeOf = new int[size];
        for (int place = 0; place < size; place++) {
            placeOf[order[place]] = place;
        }
        this.parents = new int[size];
        this.frames = new Frame[size];
        this.others = new boolean[size];
        for (int place = 0; place < size; place++) {
            int node = order[place];
            this.parents[place] = node == 0 ? -1 : placeOf[parents[node]];
            this.frames[place] = frames[node];
            this.others[place] = others[node];
        }
        this.selfA = placed(selfA, order);
        this.totalA = placed(sumsA, order);
        this.selfB = placed(selfB, order);
        this.totalB = placed(sumsB, order);
        this.hidden = hidden;
    }

    private static long[] placed(long[] column, int[] order) {
        long[] placed = new long[order.length];
        Arrays.setAll(placed, place -> column[order[place]]);
        return placed;
    }

    /** The larger of a node's shares of each side's total. */
    private static long[] shares(long[] totalA, long[] totalB) {
        long[] shares = new long[totalA.length];
        double unitA = totalA[0] == 0 ? 0 : SHARE_UNITS / totalA[0];
        double unitB = totalB[0] == 0 ? 0 : SHARE_UNITS / totalB[0];
        Arrays.setAll(shares, node -> (long) Math.max(totalA[node] * unitA, totalB[node] * unitB));
        return shares;
    }

    /** Joins two trees, {@code left} as side A. */
    public static DiffTree of(FlameTree left, FlameTree right) {
        Trie trie = new Trie();
        List<Frame> frames = new ArrayList<>();
        Map<Frame, Integer> labels = new HashMap<>();
        BitSet low = new BitSet();
        int[] placesA = join(left, trie, frames, labels, low);
        int[] placesB = join(right, trie, frames, labels, low);
        int size = trie.size();
        Frame[] frameOf = new Frame[size];
        boolean[] others = new boolean[size];
        frameOf[0] = Frame.named("");
        for (int node = 1; node < size; node++) {
            int label = trie.labels()[node];
            others[node] = label == OTHER_LABEL;
            frameOf[node] =
                    others[node]
                            ? TreeBuilder.OTHER
                            : frames.get(label).withLowConfidence(low.get(node));
        }
        return new DiffTree(
                Arrays.copyOf(trie.parents(), size),
                frameOf,
                others,
                selfs(left, placesA, size),
                selfs(right, placesB, size),
                Math.max(left.hiddenNodes(), right.hiddenNodes()));
    }

    private static int[] join(
            FlameTree tree, Trie trie, List<Frame> frames, Map<Frame, Integer> labels, BitSet low) {
        int[] places = new int[tree.size()];
        for (int node = 1; node < places.length; node++) {
            int label = OTHER_LABEL;
            if (!tree.isOther(node)) {
                label = TreeBuilder.number(tree.frame(node), labels, frames);
            }
            places[node] = trie.child(places[tree.parent(node)], label);
            if (!tree.isOther(node) && tree.frame(node).lowConfidence()) {
                low.set(places[node]);
            }
        }
        return places;
    }

    private static long[] selfs(FlameTree tree, int[] places, int size) {
        long[] selfs = new long[size];
        for (int node = 0; node < places.length; node++) {
            selfs[places[node]] += tree.self(node);
        }
        return selfs;
    }

    /** Number of nodes, at least 1. */
    public int size() {
        return parents.length;
    }

    /** Parent of a node; -1 for the root. */
    public int parent(int node) {
        return parents[node];
    }

    /** Frame of a node other than the root. */
    public Frame frame(int node) {
        if (node == 0) {
            throw new IllegalArgumentException("the root has no frame");
        }
        return frames[node];
    }

    /** Whether the node stands for several that were cut away. */
    public boolean isOther(int node) {
        return others[node];
    }

    /** What ended in the node itself on side A. */
    public long selfA(int node) {
        return selfA[node];
    }

    /** The node and all below it on side A. */
    public long totalA(int node) {
        return totalA[node];
    }

    /** What ended in the node itself on side B. */
    public long selfB(int node) {
        return selfB[node];
    }

    /** The node and all below it on side B. */
    public long totalB(int node) {
        return totalB[node];
    }

    /** How many nodes were cut away. */
    public int hiddenNodes() {
        return hidden;
    }

    /**
     * The tree of at most {@code maxNodes} nodes with the largest share of either side, leaves
     * "other" besides; every total stays exact.
     */
    public DiffTree top(int maxNodes) {
        long[] shares = shares(totalA, totalB);
        Truncation cut = Truncation.of(parents, others, node -> shares[node], maxNodes);
        if (cut.isNothing()) {
            return this;
        }
        Columns kept = new Columns(size());
        int[] places = new int[size()];
        int[] otherOf = new int[size()];
        for (int node = 0; node < size(); node++) {
            if (cut.keeps(node)) {
                places[node] =
                        kept.add(
                                node == 0 ? -1 : places[parents[node]],
                                frames[node],
                                false,
                                selfA[node],
                                selfB[node]);
            } else if (cut.keeps(parents[node])) {
                int parent = parents[node];
                if (otherOf[parent] == 0) {
                    otherOf[parent] = kept.add(places[parent], TreeBuilder.OTHER, true, 0, 0);
                }
                kept.selfA[otherOf[parent]] += totalA[node];
                kept.selfB[otherOf[parent]] += totalB[node];
            }
        }
        return kept.tree(hidden + cut.hidden());
    }

    /** Columns that are being filled, parents before children. */
    private static final class Columns {
        private final int[] parents;
        private final Frame[] frames;
        private final boolean[] others;
        private final long[] selfA;
        private final long[] selfB;
        private int size;

        Columns(int room) {
            parents = new int[room];
            frames = new Frame[room];
            others = new boolean[room];
            selfA = new long[room];
            selfB = new long[room];
        }

        int add(int parent, Frame frame, boolean other, long a, long b) {
            parents[size] = parent;
            frames[size] = frame;
            others[size] = other;
            selfA[size] = a;
            selfB[size] = b;
            return size++;
        }

        DiffTree tree(int hiddenNodes) {
            return new DiffTree(
                    Arrays.copyOf(parents, size),
                    Arrays.copyOf(frames, size),
                    Arrays.copyOf(others, size),
                    Arrays.copyOf(selfA, size),
                    Arrays.copyOf(selfB, size),
                    hiddenNodes);
        }
    }
}
