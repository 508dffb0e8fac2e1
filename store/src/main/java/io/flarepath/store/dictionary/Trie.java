package io.flarepath.store.dictionary;

import java.util.Arrays;

/**
 * A tree of nodes that are told apart by their parent and a label. Node 0 is the root; a parent has
 * a smaller number than its children. One writer; {@link #parents()} and {@link #labels()} may be
 * read by others up to a size that was handed to them safely.
 *
 * <p>Most nodes are the only child of their parent, and the frames of a stack that is new get
 * numbers one behind the other. So a parent knows its first child, which is mostly found in memory
 * next to it; only children that came later are found by a hash.
 */
public final class Trie {
    private int[] parents = new int[64];
    private int[] labels = new int[64];

    /** By node, its first child; 0 for none, since the root is nobody's child. */
    private int[] firstChildren = new int[64];

    private int size = 1;

    /** The children that are not the first of their parent. */
    private final IdTable later = new IdTable();

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
            firstChildren = Arrays.copyOf(firstChildren, nodes);
            later.reserve(nodes / 4);
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
        int first = firstChildren[parent];
        if (first == 0) {
            return -1;
        }
        return labels[first] == label ? first : later.at(place(parent, label));
    }

    /** The child of a node with a label, made when there is none. */
    public int child(int parent, int label) {
        int first = firstChildren[parent];
        if (first == 0) {
            int node = addColumns(parent, label);
            firstChildren[parent] = node;
            return node;
        }
        if (labels[first] == label) {
            return first;
        }
        int slot = place(parent, label);
        int id = later.at(slot);
        if (id >= 0) {
            return id;
        }
        int node = addColumns(parent, label);
        later.put(slot, node, each -> hash(parents[each], labels[each]));
        return node;
    }

    /** The slot where a later child is, or belongs. */
    private int place(int parent, int label) {
        int slot = later.start(hash(parent, label));
        int id = later.at(slot);
        while (id >= 0 && (parents[id] != parent || labels[id] != label)) {
            slot = later.next(slot);
            id = later.at(slot);
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
            parents = Arrays.copyOf(parents, node * 2);
            labels = Arrays.copyOf(labels, node * 2);
            firstChildren = Arrays.copyOf(firstChildren, node * 2);
        }
        parents[node] = parent;
        labels[node] = label;
        size++;
        return node;
    }

    /** Bytes taken. */
    long bytes() {
        return 12L * parents.length + later.bytes();
    }

    private static long hash(int parent, int label) {
        return (long) parent << 32 | (label & 0xFFFF_FFFFL);
    }
}
