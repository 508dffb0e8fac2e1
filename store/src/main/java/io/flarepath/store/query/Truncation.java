package io.flarepath.store.query;

import java.util.function.IntToLongFunction;

/**
 * Which nodes of a tree are kept when only so many may be: those of the largest weight; of equal
 * ones those that stand first, so that a parent never goes before its children.
 */
final class Truncation {
    private final boolean[] kept;
    private final int hidden;
    private final boolean nothing;

    private Truncation(boolean[] kept, int hidden, boolean nothing) {
        this.kept = kept;
        this.hidden = hidden;
        this.nothing = nothing;
    }

    /**
     * Chooses.
     *
     * @param parents parents stand before children
     * @param others leaves "other", which join the new ones
     * @param weight of a node, at most that of its parent
     * @param maxNodes how many are kept, the root among them
     */
    static Truncation of(int[] parents, boolean[] others, IntToLongFunction weight, int maxNodes) {
        if (maxNodes < 1) {
            throw new IllegalArgumentException(
                    "a tree keeps one node at least: maxNodes must not be " + maxNodes);
        }
        int size = parents.length;
        int real = 0;
        long[] weights = new long[size];
        for (int node = 0; node < size; node++) {
            if (!others[node]) {
                weights[real++] = weight.applyAsLong(node);
            }
        }
        boolean[] kept = new boolean[size];
        if (real <= maxNodes) {
            return new Truncation(kept, 0, true);
        }
        long least = Selection.at(weights, real, real - maxNodes);
        int ties = maxNodes;
        for (int i = 0; i < real; i++) {
            if (weights[i] > least) {
                ties--;
            }
        }
        for (int node = 0; node < size; node++) {
            long own = others[node] ? -1 : weight.applyAsLong(node);
            kept[node] = own > least || (own == least && ties-- > 0);
        }
        return new Truncation(kept, real - maxNodes, false);
    }

    boolean keeps(int node) {
        return kept[node];
    }

    int hidden() {
        return hidden;
    }

    /** Whether everything may stay as it is. */
    boolean isNothing() {
        return nothing;
    }
}
