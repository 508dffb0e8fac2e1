package io.flarepath.store.query;

import java.util.List;

/** Several trees as one, their values added up. */
public final class JoinedTrees {
    private JoinedTrees() {}

    /** The sum of whole trees, which must not have been truncated; empty for none. */
    public static FlameTree of(List<FlameTree> trees) {
        if (trees.size() == 1) {
            return trees.getFirst();
        }
        TreeBuilder builder = new TreeBuilder(true);
        long samples = 0;
        for (FlameTree tree : trees) {
            int[] places = new int[tree.size()];
            builder.addSelf(0, tree.self(0));
            for (int node = 1; node < places.length; node++) {
                places[node] = builder.child(places[tree.parent(node)], tree.frame(node));
                builder.addSelf(places[node], tree.self(node));
            }
            samples += tree.samples();
        }
        return builder.build(samples);
    }
}
