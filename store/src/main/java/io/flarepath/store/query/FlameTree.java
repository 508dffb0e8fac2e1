package io.flarepath.store.query;

import io.flarepath.store.profile.Frame;
import java.util.List;

/**
 * Stacks merged by their frames into one tree, in columns. Node 0 is the root, which has no frame;
 * a parent stands before its children; siblings stand in order of total, largest first, then name.
 * Lines are left out of the identity of a node, so that a function stands once under its caller.
 *
 * <p>Invariants: {@code total(n) = self(n) + sum of total(children)}; {@code total(0)} is the sum
 * of all merged values, whatever was truncated.
 */
public interface FlameTree {
    /** Number of nodes, at least 1. */
    int size();

    /** Parent of a node; -1 for the root. */
    int parent(int node);

    /** Frame of a node other than the root. */
    Frame frame(int node);

    /** Value that ended in the node itself, in the sample unit. */
    long self(int node);

    /** Value of the node and all below it, in the sample unit. */
    long total(int node);

    /** Whether the node stands for several that {@link #top} cut away; its frame is "other". */
    boolean isOther(int node);

    /**
     * Number of profiler samples behind the tree: sum of value / period, 0 if periods are unknown.
     */
    long samples();

    /** How many nodes were cut away. */
    int hiddenNodes();

    /**
     * The tree of at most {@code maxNodes} largest nodes; what is cut becomes one leaf "other"
     * under its parent, so that every total stays exact.
     */
    FlameTree top(int maxNodes);

    /**
     * The part of the tree below a path of function names from the root. Its root carries the total
     * of that node, and the path's nodes stand above it.
     */
    FlameTree focus(List<String> path);
}
