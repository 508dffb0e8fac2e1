package io.flarepath.store.dictionary;

import java.util.Arrays;

/**
 * A tree of nodes that are told apart by their parent and a label. Node 0 is the root; a parent has
 * a smaller number than its children. One writer; {@link #parents()} and {@link #labels()} may be
 * read by others up to a size that was handed to them safely.
 *
 * <p>Most nodes are the only child of their parent, and the frames of a stack that is new get
 * numbers one behind the other. So a child is first looked for right behind its parent; only those
 * that are elsewhere are found by a hash.
 */
public final class Trie {
    private int[] parents = new int[64];
    private int[] labels = new int[64];
    private int size = 1;

    /** The children whose number is not the one behind their parent's. */
    private final IdTable elsewhere = new IdTable();

    /** A trie of the root alone. */
    public Trie() {
        parents[0] = -1;
        labels[0] = -1;
    }

    /** Makes room for so many nodes. Only when there is the root alone. */
    void reserve(int nodes) {
        if (size == 1 && nodes > parents.length) {
            parents = Arrays.copyOf(parents, nodes);
            labels = Arrays.copyOf(labels, nodes);
            elsewhere.reserve(nodes / 8);
        }
    }

    /** Number of nodes, the root among them. */
    public int size() {
        return size;
    }

    /** Parents by node; the array is replaced when it grows, never changed. */
    public int[] parents() {
        return parents;
    }

    /** Labels by node; the array is replaced when it grows, never changed. */
    public int[] labels() {
        return labels;
    }

    /** The child of a node with a label; -1 when there is none. */
    public int find(int parent, int label) {
        int next = parent + 1;
        if (next == size) {
            return -1;
        }
        return isChild(next, parent, label) ? next : elsewhere.at(place(parent, label));
    }

    /** The child of a node with a label, made when there is none. */
    public int child(int parent, int label) {
        int next = parent + 1;
        if (next == size) {
            // The last node has no children.
            return addColumns(parent, label);
        }
        if (isChild(next, parent, label)) {
            return next;
        }
        int slot = place(parent, label);
        int id = elsewhere.at(slot);
        if (id >= 0) {
            return id;
        }
        int node = addColumns(parent, label);
        elsewhere.put(slot, node, each -> hash(parents[each], labels[each]));
        return node;
    }

    private boolean isChild(int node, int parent, int label) {
        return parents[node] == parent && labels[node] == label;
    }

    /** The slot where a child is, or belongs, that is not right behind its parent. */
    private int place(int parent, int label) {
        int slot = elsewhere.start(hash(parent, label));
        int id = elsewhere.at(slot);
        while (id >= 0 && !isChild(id, parent, label)) {
            slot = elsewhere.next(slot);
            id = elsewhere.at(slot);
        }
        return slot;
    }

    /** Adds a node under the next number even when an equal one is there: disk fixes numbers. */
    void append(int parent, int label) {
        int before = size;
        if (child(parent, label) != before) {
            addColumns(parent, label);
        }
    }

    private int addColumns(int parent, int label) {
        int node = size;
        if (node == parents.length) {
            parents = Arrays.copyOf(parents, node + node / 2);
            labels = Arrays.copyOf(labels, node + node / 2);
        }
        parents[node] = parent;
        labels[node] = label;
        size++;
        return node;
    }

    /** Bytes taken. */
    long bytes() {
        return 8L * parents.length + elsewhere.bytes();
    }

    private static long hash(int parent, int label) {
        return (long) parent << 32 | (label & 0xFFFF_FFFFL);
    }
}
