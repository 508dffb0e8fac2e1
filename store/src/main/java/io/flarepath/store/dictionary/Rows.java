package io.flarepath.store.dictionary;

import java.util.Arrays;

/** A set of rows of a few numbers each, with dense ids in the order of their coming. One writer. */
final class Rows {
    private final int width;
    private long[] cells;
    private int size;
    private final IdTable table = new IdTable();

    Rows(int width) {
        this.width = width;
        this.cells = new long[width * 32];
    }

    /** Makes room for so many rows. Only when there are none. */
    void reserve(int rows) {
        if (size == 0 && rows * width > cells.length) {
            cells = new long[rows * width];
            table.reserve(rows);
        }
    }

    int size() {
        return size;
    }

    long cell(int row, int column) {
        return cells[row * width + column];
    }

    /** All rows, one behind another; the array is replaced when it grows, never changed. */
    long[] cells() {
        return cells;
    }

    /** The id of a row; added when it is new and {@code mayAdd}, else -1. */
    int intern(long[] row, boolean mayAdd) {
        return intern(row, 0, mayAdd);
    }

    private int intern(long[] from, int at, boolean mayAdd) {
        int slot = table.start(hash(from, at));
        int id = table.at(slot);
        while (id >= 0) {
            if (Arrays.equals(cells, id * width, (id + 1) * width, from, at, at + width)) {
                return id;
            }
            slot = table.next(slot);
            id = table.at(slot);
        }
        if (!mayAdd) {
            return -1;
        }
        int added = addCells(from, at);
        table.put(slot, added, known -> hash(cells, known * width));
        return added;
    }

    private int addCells(long[] from, int at) {
        if ((size + 1) * width > cells.length) {
            cells = Arrays.copyOf(cells, (size + size / 2) * width);
        }
        System.arraycopy(from, at, cells, size * width, width);
        return size++;
    }

    /** Adds a row under the next id even when an equal one is there: ids are fixed on disk. */
    void append(long[] row) {
        append(row, 0);
    }

    /** The same of many rows, one behind another. */
    void appendAll(long[] rows) {
        for (int at = 0; at < rows.length; at += width) {
            append(rows, at);
        }
    }

    private void append(long[] from, int at) {
        int before = size;
        if (intern(from, at, true) != before) {
            addCells(from, at);
        }
    }

    long bytes() {
        return 8L * cells.length + table.bytes();
    }

    private long hash(long[] from, int at) {
        long hash = 0;
        for (int i = 0; i < width; i++) {
            hash = IdTable.mix(hash + from[at + i] + 0x9E3779B97F4A7C15L);
        }
        return hash;
    }
}
