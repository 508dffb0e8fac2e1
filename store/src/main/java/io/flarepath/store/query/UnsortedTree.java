package io.flarepath.store.query;

import io.flarepath.store.profile.Frame;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A large tree whose nodes are put in order when somebody looks at them: most look at its top
 * alone, which is chosen without. Safe for many threads.
 */
final class UnsortedTree implements FlameTree {
    private final int[] parents;
    private final Frame[] frames;
    private final long[] selfs;
    private final long[] totals;
    private final int firstOther;
    private final long samples;
    private final int hidden;
    private volatile @Nullable FlameTree sorted;

    /**
     * A tree.
     *
     * @param parents of each node, smaller than its own number
     * @param firstOther number from which on nodes are leaves "other"
     */
    UnsortedTree(
            int[] parents,
            Frame[] frames,
            long[] selfs,
            long[] totals,
            int firstOther,
            long samples,
            int hidden) {
        this.parents = parents;
        this.frames = frames;
        this.selfs = selfs;
        this.totals = totals;
        this.firstOther = firstOther;
        this.samples = samples;
        this.hidden = hidden;
    }

    /** The same in its order. */
    FlameTree sorted() {
        FlameTree known = sorted;
        if (known == null) {
            int[] order = Layout.order(parents, frames, totals);
            known =
                    TreeBuilder.laidOut(
                            order, parents, frames, selfs, totals, firstOther, samples, hidden);
            sorted = known;
        }
        return known;
    }

    @Override
    public FlameTree top(int maxNodes) {
        boolean[] others = new boolean[parents.length];
        Arrays.fill(others, firstOther, others.length, true);
        Truncation cut = Truncation.of(parents, others, node -> totals[node], maxNodes);
        if (cut.isNothing()) {
            return sorted();
        }
        int[] places = new int[parents.length];
        long[] cutAway = new long[maxNodes];
        int[] newParents = new int[2 * maxNodes];
        Frame[] newFrames = new Frame[2 * maxNodes];
        long[] newSelfs = new long[2 * maxNodes];
        long[] newTotals = new long[2 * maxNodes];
        int kept = 0;
        for (int node = 0; node < parents.length; node++) {
            if (cut.keeps(node)) {
                places[node] = kept;
                newParents[kept] = node == 0 ? -1 : places[parents[node]];
                newFrames[kept] = frames[node];
                newSelfs[kept] = selfs[node];
                newTotals[kept++] = totals[node];
            } else if (cut.keeps(parents[node])) {
                cutAway[places[parents[node]]] += totals[node];
            }
        }
        int size = kept;
        for (int place = 0; place < kept; place++) {
            if (cutAway[place] > 0) {
                newParents[size] = place;
                newFrames[size] = TreeBuilder.OTHER;
                newSelfs[size] = cutAway[place];
                newTotals[size++] = cutAway[place];
            }
        }
        return new UnsortedTree(
                        Arrays.copyOf(newParents, size),
                        Arrays.copyOf(newFrames, size),
                        Arrays.copyOf(newSelfs, size),
                        Arrays.copyOf(newTotals, size),
                        kept,
                        samples,
                        hidden + cut.hidden())
                .sorted();
    }

    @Override
    public int size() {
        return parents.length;
    }

    @Override
    public long samples() {
        return samples;
    }

    @Override
    public int hiddenNodes() {
        return hidden;
    }

    @Override
    public int parent(int node) {
        return sorted().parent(node);
    }

    @Override
    public Frame frame(int node) {
        return sorted().frame(node);
    }

    @Override
    public long self(int node) {
        return sorted().self(node);
    }

    @Override
    public long total(int node) {
        return node == 0 ? totals[0] : sorted().total(node);
    }

    @Override
    public boolean isOther(int node) {
        return sorted().isOther(node);
    }

    @Override
    public FlameTree focus(List<String> path) {
        return sorted().focus(path);
    }
}
