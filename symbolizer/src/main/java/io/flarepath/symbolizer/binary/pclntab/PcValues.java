package io.flarepath.symbolizer.binary.pclntab;

import io.flarepath.symbolizer.binary.Cursor;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.Window;
import java.io.IOException;
import java.util.Arrays;

/**
 * One table of values by program counter: pairs of varints, a zigzag step of the value and a step
 * of the counter. Source: {@code step} and {@code pcvalue} in {@code runtime/symtab.go}.
 */
final class PcValues {
    private static final int MAX_ROWS = 1 << 20;

    private int count;

    /** Offset from the start of the function up to which the value of a row holds. */
    private long[] ends = new long[32];

    private int[] values = new int[32];

    /** Has no values: each is -1. */
    void clear() {
        count = 0;
    }

    /**
     * Reads a table.
     *
     * @param start where it stands in the file
     * @param length bytes of the function
     */
    void read(Window window, long start, int quantum, long length) throws IOException {
        count = 0;
        Cursor cursor = new Cursor(window, start);
        int value = -1;
        long pc = 0;
        while (pc < length) {
            long step = cursor.uleb();
            if (step == 0 && count > 0) {
                return;
            }
            value += (int) ((step >>> 1) ^ -(step & 1));
            long pcStep = cursor.uleb() * quantum;
            if (pcStep <= 0 || pcStep > length) {
                pcStep = length; // the last one may reach beyond the function
            }
            pc += pcStep;
            if (count >= MAX_ROWS) {
                throw new MalformedBinaryException("a Go function has too many rows");
            }
            if (count == ends.length) {
                ends = Arrays.copyOf(ends, count * 2);
                values = Arrays.copyOf(values, count * 2);
            }
            ends[count] = pc;
            values[count++] = value;
        }
    }

    /** The value at an offset from the start of the function; -1 if there is none. */
    int at(long offset) {
        int row = rowAt(offset);
        return row < count ? values[row] : -1;
    }

    /** The row that holds an offset, or the number of rows. */
    int rowAt(long offset) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ends[middle] <= offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Where a row ends; beyond all offsets for the number of rows. */
    long end(int row) {
        return row < count ? ends[row] : Long.MAX_VALUE;
    }

    int value(int row) {
        return row < count ? values[row] : -1;
    }
}
