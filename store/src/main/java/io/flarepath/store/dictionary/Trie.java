package io.flarepath.store.dictionary;

import java.util.Arrays;

/**
 * A tree of nodes that are told apart by their parent and a label. Node 0 is the root; a parent has
 * a smaller number than its children. One writer; {@link #parents()} and {@link #labels()} may be
 * read by others up to a size that was handed to them safely.
 */
public final class Trie {
    private int[] parents = new int[64];
    private int[] labels = new int[64];
    private int size = 1;
    private final IdTable table = new IdTable();

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
            table.reserve(nodes);
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
        int slot = table.start(hash(parent, label));
        int id = table.at(slot);
        while (id >= 0 && (parents[id] != parent || labels[id] != label)) {
            slot = table.next(slot);
            id = table.at(slot);
        }
        return id;
    }

    /** The child of a node with a label, made when there is none. */
    public int child(int parent, int label) {
        int slot = table.start(hash(parent, label));
        int id = table.at(slot);
        while (id >= 0) {
            if (parents[id] == parent && labels[id] == label) {
                return id;
            }
            slot = table.next(slot);
            id = table.at(slot);
        }
        return add(slot, parent, label);
    }

    /** Adds a node under the next number even when an equal one is there: disk fixes numbers. */
    void append(int parent, int label) {
        int before = size;
        if (child(parent, label) != before) {
            addColumns(parent, label);
        }
    }

    private int add(int slot, int parent, int label) {
        int node = addColumns(parent, label);
        table.put(slot, node, id -> hash(parents[id], labels[id]));
        return node;
    }

    private int addColumns(int parent, int label) {
        int node = size;
        if (node == parents.length) {
            parents = Arrays.copyOf(parents, node * 2);
            labels = Arrays.copyOf(labels, node * 2);
        }
        parents[node] = parent;
        labels[node] = label;
        size++;
        return node;
    }

    /** Bytes taken. */
    long bytes() {
        return 8L * parents.length + table.bytes();
    }

    private static long hash(int parent, int label) {
        return (long) parent << 32 | (label & 0xFFFF_FFFFL);
    }
}
