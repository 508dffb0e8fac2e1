package io.flarepath.api.query.flamebearer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * A tree of names of which the small nodes are cut away: under each parent they are summed into one
 * "other", and so is what was called that before.
 */
public final class TruncatedTree {
    /** The name of what was cut away. */
    public static final String OTHER = "other";

    private final NamedTree tree;
    private final List<List<Integer>> children;
    private final long[][] cut;

    private TruncatedTree(NamedTree tree, long least) {
        this.tree = tree;
        this.children = new ArrayList<>(Collections.nCopies(tree.size(), List.of()));
        this.cut = new long[tree.sides()][tree.size()];
        boolean[] kept = new boolean[tree.size()];
        kept[0] = true;
        for (int node = 1; node < tree.size(); node++) {
            int parent = tree.parent(node);
            if (!kept[parent]) {
                continue;
            }
            if (tree.largestTotal(node) >= least && !tree.name(node).equals(OTHER)) {
                kept[node] = true;
                if (children.get(parent).isEmpty()) {
                    children.set(parent, new ArrayList<>(2));
                }
                children.get(parent).add(node);
            } else {
                for (int side = 0; side < cut.length; side++) {
                    cut[side][parent] += tree.total(side, node);
                }
            }
        }
        for (List<Integer> siblings : children) {
            if (siblings.size() > 1) {
                siblings.sort(Comparator.comparing(tree::name));
            }
        }
    }

    /**
     * Cuts by Pyroscope's rule.
     *
     * @param maxNodes about how many nodes stay
     * @param hardLimit at most so many, "other" aside
     */
    public static TruncatedTree of(NamedTree tree, int maxNodes, int hardLimit) {
        return new TruncatedTree(tree, Threshold.of(tree, maxNodes, hardLimit));
    }

    /** The whole tree. */
    public NamedTree tree() {
        return tree;
    }

    /** The children of a node that stay, by name. */
    public List<Integer> children(int node) {
        return Collections.unmodifiableList(children.get(node));
    }

    /** What was cut away under a node on one side. */
    public long cut(int side, int node) {
        return cut[side][node];
    }

    /** Whether anything was cut away under a node. */
    public boolean isCut(int node) {
        for (long[] side : cut) {
            if (side[node] > 0) {
                return true;
            }
        }
        return false;
    }
}
