package io.flarepath.symbolizer.binary;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Names of address ranges that do not overlap, in primitive columns: 16 bytes a range and its name.
 * Immutable.
 */
public final class SymbolTable {
    /** No ranges. */
    public static final SymbolTable EMPTY =
            new SymbolTable(new long[0], new int[0], new int[0], new byte[0]);

    private final long[] starts;
    private final int[] sizes;
    private final int[] nameOffsets;
    private final byte[] names;

    SymbolTable(long[] starts, int[] sizes, int[] nameOffsets, byte[] names) {
        this.starts = starts;
        this.sizes = sizes;
        this.nameOffsets = nameOffsets;
        this.names = names;
    }

    /** Number of ranges. */
    public int size() {
        return starts.length;
    }

    /** The row whose range holds the address, or -1. */
    public int find(long address) {
        int row = Arrays.binarySearch(starts, address);
        if (row < 0) {
            row = -row - 2;
        }
        return row >= 0 && address - starts[row] < Integer.toUnsignedLong(sizes[row]) ? row : -1;
    }

    /** First address of a row. */
    public long start(int row) {
        return starts[row];
    }

    /** Number of addresses of a row. */
    public long length(int row) {
        return Integer.toUnsignedLong(sizes[row]);
    }

    /** The number of a row that has one instead of a name. */
    public int tag(int row) {
        return nameOffsets[row];
    }

    /** The name as it stands in the file, not demangled. */
    public String name(int row) {
        int start = nameOffsets[row];
        int end = start;
        while (end < names.length && names[end] != 0) {
            end++;
        }
        return new String(names, start, end - start, StandardCharsets.UTF_8);
    }

    /** Heap bytes that the columns take. */
    public long bytes() {
        return 16L * starts.length + names.length;
    }
}
