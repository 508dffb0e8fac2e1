package io.flarepath.symbolizer.binary.symbolfile;

import io.flarepath.symbolizer.binary.SymbolTable;
import io.flarepath.symbolizer.binary.SymbolTableBuilder;
import java.util.Arrays;

/** Where the blocks of a symbol file lie, and which of them holds an address. */
final class BlockIndex {
    private final SymbolTableBuilder ranges = new SymbolTableBuilder();
    private long[] offsets = new long[256];
    private int count;

    int size() {
        return count;
    }

    void add(long start, long length, long offset, int priority) {
        if (count == offsets.length) {
            offsets = Arrays.copyOf(offsets, count * 2);
        }
        offsets[count] = offset;
        ranges.addTagged(start, length, count, priority);
        count++;
    }

    /** The parts of blocks that hold, by address. */
    SymbolTable segments() {
        return ranges.build();
    }

    long offset(SymbolTable segments, int row) {
        return offsets[segments.tag(row)];
    }
}
