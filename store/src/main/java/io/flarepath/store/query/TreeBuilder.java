package io.flarepath.store.query;

import io.flarepath.store.dictionary.Trie;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects values under paths of frames and lays them out as a {@link FlameTree}. Frames are told
 * apart by function, file, mapping, kind and whether they are inlined; line and address are left
 * out, the build-id stays where all frames of a node have the same. Confidence is no part of it
 * either: a node is of low confidence when anything in it is, since two bars for one function would
 * tell of two callers where there is one. One thread.
 */
public final class TreeBuilder {
    static final Frame OTHER = Frame.named("other");

    /** Trees of so many nodes are seldom looked at as a whole. */
    private static final int LARGE = 4096;

    private final Trie trie = new Trie();
    private final List<Frame> frames = new ArrayList<>();
    private final Map<Frame, Integer> numbers = new HashMap<>();
    private long[] selfs = new long[64];
    private final Map<Integer, Long> others = new HashMap<>();
    private final BitSet lowConfidence = new BitSet();
    private final boolean exact;

    /** Collects by function. */
    public TreeBuilder() {
        this(false);
    }

    /**
     * Collects.
     *
     * @param exact whether line, address, build-id and start line tell frames apart as well
     */
    public TreeBuilder(boolean exact) {
        this.exact = exact;
    }

    /** The number of a frame, the same for all frames that are not told apart. */
    public int number(Frame frame) {
        if (!exact) {
            return number(frame, numbers, frames);
        }
        Frame identity = frame.withLowConfidence(false);
        Integer known = numbers.putIfAbsent(identity, frames.size());
        if (known == null) {
            frames.add(identity);
            return frames.size() - 1;
        }
        return known;
    }

    /**
     * The number of a frame among others; it is added when it is new. A frame of a second build
     * takes the build-id from the one that stands there.
     */
    static int number(Frame frame, Map<Frame, Integer> numbers, List<Frame> frames) {
        Frame identity = reduced(frame, "");
        Integer known = numbers.putIfAbsent(identity, frames.size());
        if (known == null) {
            frames.add(reduced(frame, frame.buildId()));
            return frames.size() - 1;
        }
        if (!frames.get(known).buildId().equals(frame.buildId())) {
            frames.set(known, identity);
        }
        return known;
    }

    private static Frame reduced(Frame frame, String buildId) {
        return new Frame(
                frame.function(),
                frame.file(),
                0,
                frame.mapping(),
                buildId,
                0,
                frame.kind(),
                frame.inlined());
    }

    /** The child of a node (0 is the root) with a frame, made when there is none. */
    public int child(int parent, Frame frame) {
        return childOf(parent, number(frame), frame.lowConfidence());
    }

    /** The child of a node with the frame of a number, marked when it is of low confidence. */
    int childOf(int parent, int number, boolean low) {
        int child = trie.child(parent, number);
        if (low) {
            lowConfidence.set(child);
        }
        return child;
    }

    /** Adds to what ended in a node itself. */
    public void addSelf(int node, long value) {
        if (node >= selfs.length) {
            selfs = Arrays.copyOf(selfs, Math.max(node + 1, selfs.length * 2));
        }
        selfs[node] = Math.addExact(selfs[node], value);
    }

    /** Adds to the leaf "other" of a node. */
    void other(int parent, long value) {
        others.merge(parent, value, Math::addExact);
    }

    /**
     * The tree.
     *
     * @param samples samples behind it, 0 if that is not known
     * @throws IllegalArgumentException when the sum of all values does not fit 63 bits
     */
    public FlameTree build(long samples) {
        return build(samples, 0);
    }

    FlameTree build(long samples, int hidden) {
        int nodes = trie.size();
        int size = nodes + others.size();
        int[] parents = Arrays.copyOf(trie.parents(), size);
        Frame[] frameOf = new Frame[size];
        for (int node = 1; node < nodes; node++) {
            Frame frame = frames.get(trie.labels()[node]);
            frameOf[node] = frame.withLowConfidence(lowConfidence.get(node));
        }
        long[] own = Arrays.copyOf(selfs, size);
        Arrays.fill(own, Math.min(nodes, selfs.length), size, 0);
        int next = nodes;
        for (Map.Entry<Integer, Long> other : others.entrySet()) {
            parents[next] = other.getKey();
            frameOf[next] = OTHER;
            own[next++] = other.getValue();
        }
        long[] totals = totals(parents, own);
        frameOf[0] = new Frame("", "", 0, "", "", 0, FrameKind.UNKNOWN, false);
        if (size >= LARGE) {
            return new UnsortedTree(parents, frameOf, own, totals, nodes, samples, hidden);
        }
        int[] order = Layout.order(parents, frameOf, totals);
        return laidOut(order, parents, frameOf, own, totals, nodes, samples, hidden);
    }

    /** Puts nodes in the order of {@link Layout}. */
    static ColumnTree laidOut(
            int[] order,
            int[] parents,
            Frame[] frames,
            long[] selfs,
            long[] totals,
            int firstOther,
            long samples,
            int hidden) {
        int size = order.length;
        int[] placeOf = new int[size];
        for (int place = 0; place < size; place++) {
            placeOf[order[place]] = place;
        }
        int[] newParents = new int[size];
        Frame[] newFrames = new Frame[size];
        long[] newSelfs = new long[size];
        long[] newTotals = new long[size];
        boolean[] newOthers = new boolean[size];
        for (int place = 0; place < size; place++) {
            int node = order[place];
            newParents[place] = node == 0 ? -1 : placeOf[parents[node]];
            newFrames[place] = frames[node];
            newSelfs[place] = selfs[node];
            newTotals[place] = totals[node];
            newOthers[place] = node >= firstOther;
        }
        return new ColumnTree(
                newParents, newFrames, newSelfs, newTotals, newOthers, samples, hidden);
    }

    /** Adds every node to its parent; children have larger numbers. */
    static long[] totals(int[] parents, long[] selfs) {
        long[] totals = selfs.clone();
        try {
            for (int node = totals.length - 1; node > 0; node--) {
                totals[parents[node]] = Math.addExact(totals[parents[node]], totals[node]);
            }
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "the sum of all values is above 2^63: ask for a shorter range", e);
        }
        return totals;
    }
}
