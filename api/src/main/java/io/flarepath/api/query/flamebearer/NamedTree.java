package io.flarepath.api.query.flamebearer;

import io.flarepath.store.query.FlameTree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One tree of names, or two of them aligned: flamebearer knows a frame by its function's name only,
 * so that siblings of one name are one node. Node 0 is the root; parents stand before children.
 */
public final class NamedTree {
    private final Map<String, Integer> nameNumbers = new HashMap<>();
    private final List<String> names = new ArrayList<>();
    private final PairTable children;
    private final long[][] self;
    private final long[][] total;
    private int[] parent;
    private int[] name;
    private int size;

    private NamedTree(int sides, int capacity) {
        this.self = new long[sides][capacity];
        this.total = new long[sides][capacity];
        this.parent = new int[capacity];
        this.name = new int[capacity];
        this.children = new PairTable(capacity);
        this.parent[0] = -1;
        this.name[0] = nameNumber("total");
        this.size = 1;
    }

    /** Aligns the trees; the sides are numbered from 0. */
    public static NamedTree of(FlameTree... sides) {
        NamedTree tree = new NamedTree(sides.length, Math.max(16, sides[0].size()));
        for (int side = 0; side < sides.length; side++) {
            tree.add(sides[side], side);
        }
        return tree;
    }

    private void add(FlameTree tree, int side) {
        int[] merged = new int[tree.size()];
        self[side][0] = tree.self(0);
        total[side][0] = tree.total(0);
        for (int node = 1; node < merged.length; node++) {
            int function = nameNumber(tree.isOther(node) ? "other" : tree.frame(node).function());
            int into = childOf(merged[tree.parent(node)], function);
            merged[node] = into;
            self[side][into] += tree.self(node);
            total[side][into] += tree.total(node);
        }
    }

    private int nameNumber(String text) {
        Integer known = nameNumbers.putIfAbsent(text, names.size());
        if (known != null) {
            return known;
        }
        names.add(text);
        return names.size() - 1;
    }

    private int childOf(int above, int function) {
        int known = children.putIfAbsent(above, function, size);
        if (known >= 0) {
            return known;
        }
        if (size == parent.length) {
            grow(size * 2);
        }
        parent[size] = above;
        name[size] = function;
        return size++;
    }

    private void grow(int capacity) {
        parent = Arrays.copyOf(parent, capacity);
        name = Arrays.copyOf(name, capacity);
        for (int side = 0; side < self.length; side++) {
            self[side] = Arrays.copyOf(self[side], capacity);
            total[side] = Arrays.copyOf(total[side], capacity);
        }
    }

    /** Number of nodes. */
    public int size() {
        return size;
    }

    /** How many trees are aligned. */
    public int sides() {
        return self.length;
    }

    /** The parent of a node; -1 for the root. */
    public int parent(int node) {
        return parent[node];
    }

    /** The name of a node. */
    public String name(int node) {
        return names.get(name[node]);
    }

    /** What ended in a node itself on one side. */
    public long self(int side, int node) {
        return self[side][node];
    }

    /** A node and all below it on one side. */
    public long total(int side, int node) {
        return total[side][node];
    }

    /** The larger of the totals of all sides. */
    public long largestTotal(int node) {
        long largest = 0;
        for (long[] column : total) {
            largest = Math.max(largest, column[node]);
        }
        return largest;
    }
}
