package io.flarepath.symbolizer.binary.dwarf;

import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.RowSort;
import java.util.Arrays;

/**
 * The lines of a unit by address, in columns. A row holds up to the next one; one without a file
 * and line ends a run of code.
 */
final class LineRows {
    private static final int MAX_ROWS = 32_000_000;

    private int count;
    private long[] addresses = new long[1024];
    private int[] files = new int[1024];
    private int[] lines = new int[1024];

    private int sequences;
    private int[] starts = new int[16];
    private boolean ascending = true;

    void clear() {
        count = 0;
        sequences = 0;
        ascending = true;
    }

    void add(long address, int file, int line) throws MalformedBinaryException {
        if (count >= MAX_ROWS) {
            throw new MalformedBinaryException("a unit has more than " + MAX_ROWS + " lines");
        }
        if (count == addresses.length) {
            int larger = count * 2;
            addresses = Arrays.copyOf(addresses, larger);
            files = Arrays.copyOf(files, larger);
            lines = Arrays.copyOf(lines, larger);
        }
        addresses[count] = address;
        files[count] = file;
        lines[count++] = line;
    }

    /** Ends a run of rows; one that is not code of the file is dropped. */
    void endSequence(long address, ElfFile elf) throws MalformedBinaryException {
        int first = sequences == 0 ? 0 : starts[sequences];
        boolean empty = first == count || addresses[first] >= address;
        if (empty || elf.codeEnd(addresses[first]) == 0) {
            count = first;
            return;
        }
        sortWithin(first);
        add(address, 0, 0);
        if (sequences > 0 && addresses[first] < addresses[first - 1]) {
            ascending = false;
        }
        endRun();
    }

    private void endRun() {
        sequences++;
        if (sequences == starts.length) {
            starts = Arrays.copyOf(starts, sequences * 2);
        }
        starts[sequences] = count;
    }

    private void sortWithin(int first) {
        for (int i = first + 1; i < count; i++) {
            if (addresses[i] < addresses[i - 1]) {
                int length = count - first;
                int[] order =
                        RowSort.by(
                                length,
                                (a, b) -> Long.compare(addresses[first + a], addresses[first + b]));
                permute(first, order);
                return;
            }
        }
    }

    /** Drops what did not end, and brings the runs in the order of their addresses. */
    void finish() {
        count = starts[sequences];
        if (sequences == 0) {
            count = 0;
        }
        if (ascending) {
            return;
        }
        int[] order =
                RowSort.by(
                        sequences,
                        (a, b) -> Long.compare(addresses[starts[a]], addresses[starts[b]]));
        int[] rows = new int[count];
        int[] newStarts = new int[starts.length];
        int at = 0;
        for (int i = 0; i < sequences; i++) {
            for (int row = starts[order[i]]; row < starts[order[i] + 1]; row++) {
                rows[at++] = row;
            }
            newStarts[i + 1] = at;
        }
        starts = newStarts;
        permute(0, rows);
        for (int i = 1; i < count; i++) {
            if (addresses[i] < addresses[i - 1]) {
                // Runs that overlap: only damage makes them, and the search needs an order.
                permute(0, RowSort.by(count, (a, b) -> Long.compare(addresses[a], addresses[b])));
                break;
            }
        }
        ascending = true;
    }

    private void permute(int first, int[] order) {
        long[] oldAddresses = Arrays.copyOfRange(addresses, first, first + order.length);
        int[] oldFiles = Arrays.copyOfRange(files, first, first + order.length);
        int[] oldLines = Arrays.copyOfRange(lines, first, first + order.length);
        for (int i = 0; i < order.length; i++) {
            addresses[first + i] = oldAddresses[order[i]];
            files[first + i] = oldFiles[order[i]];
            lines[first + i] = oldLines[order[i]];
        }
    }

    int count() {
        return count;
    }

    /**
     * Adds the rows of a unit that lie outside of some ranges, as far as there is room; {@link
     * #finish} orders them.
     *
     * @param covered the ranges, by address
     */
    void addOutside(LineRows unit, Ranges covered, int most) throws MalformedBinaryException {
        int range = 0;
        for (int row = 0; row + 1 < unit.count && count < most; row++) {
            if (unit.files[row] == 0 && unit.lines[row] == 0) {
                continue; // the end of a run
            }
            long at = unit.addresses[row];
            long end = unit.addresses[row + 1];
            while (range < covered.count() && covered.end(range) <= at) {
                range++;
            }
            if (range < covered.count() && covered.start(range) <= at) {
                continue;
            }
            if (range < covered.count()) {
                end = Math.min(end, covered.start(range));
            }
            if (end > at) {
                addRun(at, end, unit.files[row], unit.lines[row]);
            }
        }
    }

    private void addRun(long start, long end, int file, int line) throws MalformedBinaryException {
        boolean joins = sequences > 0 && addresses[count - 1] == start;
        if (joins) {
            count--;
            sequences--;
        } else if (sequences > 0 && start < addresses[count - 1]) {
            ascending = false;
        }
        add(start, file, line);
        add(end, 0, 0);
        endRun();
    }

    /** The last row at or before an address, or -1. */
    int find(long address) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (addresses[middle] <= address) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    long address(int row) {
        return addresses[row];
    }

    int file(int row) {
        return files[row];
    }

    int line(int row) {
        return lines[row];
    }
}
