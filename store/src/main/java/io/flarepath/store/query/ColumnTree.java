package io.flarepath.store.query;

import io.flarepath.store.profile.Frame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A tree in columns, level by level, laid out by {@link Layout}. Immutable. */
final class ColumnTree implements FlameTree {
    private final int[] parents;
    private final Frame[] frames;
    private final long[] selfs;
    private final long[] totals;
    private final boolean[] others;
    private final long samples;
    private final int hidden;

    ColumnTree(
            int[] parents,
            Frame[] frames,
            long[] selfs,
            long[] totals,
            boolean[] others,
            long samples,
            int hidden) {
        this.parents = parents;
        this.frames = frames;
        this.selfs = selfs;
        this.totals = totals;
        this.others = others;
        this.samples = samples;
        this.hidden = hidden;
    }

    @Override
    public int size() {
        return parents.length;
    }

    @Override
    public int parent(int node) {
        return parents[node];
    }

    @Override
    public Frame frame(int node) {
        if (node == 0) {
            throw new IllegalArgumentException("the root has no frame");
        }
        return frames[node];
    }

    @Override
    public long self(int node) {
        return selfs[node];
    }

    @Override
    public long total(int node) {
        return totals[node];
    }

    @Override
    public boolean isOther(int node) {
        return others[node];
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
    public FlameTree top(int maxNodes) {
        Truncation cut = Truncation.of(parents, others, node -> totals[node], maxNodes);
        if (cut.isNothing()) {
            return this;
        }
        TreeBuilder builder = new TreeBuilder(true);
        int[] places = new int[size()];
        builder.addSelf(0, selfs[0]);
        long[] cutAway = new long[size()];
        for (int node = 1; node < size(); node++) {
            if (cut.keeps(node)) {
                places[node] = builder.child(places[parents[node]], frames[node]);
                builder.addSelf(places[node], selfs[node]);
            } else if (cut.keeps(parents[node])) {
                cutAway[parents[node]] += totals[node];
            }
        }
        for (int node = 0; node < size(); node++) {
            if (cutAway[node] > 0) {
                builder.other(places[node], cutAway[node]);
            }
        }
        return builder.build(samples, hidden + cut.hidden());
    }

    @Override
    public FlameTree focus(List<String> path) {
        boolean[] within = new boolean[size()];
        int[] depths = new int[size()];
        List<Integer> found = new ArrayList<>();
        for (int node = 1; node < size(); node++) {
            int parent = parents[node];
            depths[node] = depths[parent] + 1;
            if (within[parent]) {
                within[node] = true;
            } else if (depths[parent] < path.size()
                    && (parent == 0 || depths[parent] > 0)
                    && frames[node].function().equals(path.get(depths[parent]))) {
                within[node] = depths[node] == path.size();
                if (within[node]) {
                    found.add(node);
                }
            } else {
                depths[node] = Integer.MIN_VALUE;
            }
        }
        return path.isEmpty() ? this : part(within, found);
    }

    private FlameTree part(boolean[] within, List<Integer> found) {
        TreeBuilder builder = new TreeBuilder(true);
        int[] places = new int[size()];
        Arrays.fill(places, -1);
        places[0] = 0;
        for (int node : found) {
            List<Integer> above = new ArrayList<>();
            for (int up = parents[node]; places[up] < 0; up = parents[up]) {
                above.add(up);
            }
            for (int up : above.reversed()) {
                places[up] = builder.child(places[parents[up]], frames[up]);
            }
        }
        for (int node = 1; node < size(); node++) {
            if (within[node] && others[node]) {
                builder.other(places[parents[node]], selfs[node]);
            } else if (within[node]) {
                places[node] = builder.child(places[parents[node]], frames[node]);
                builder.addSelf(places[node], selfs[node]);
            }
        }
        return builder.build(scaledSamples(found), hidden);
    }

    /** Samples are known of the whole only: a part has its share of them. */
    private long scaledSamples(List<Integer> found) {
        long part = 0;
        for (int node : found) {
            part += totals[node];
        }
        return totals[0] == 0 ? 0 : Math.round((double) samples * part / totals[0]);
    }
}
