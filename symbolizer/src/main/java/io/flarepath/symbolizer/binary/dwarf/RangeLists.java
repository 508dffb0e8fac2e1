package io.flarepath.symbolizer.binary.dwarf;

import io.flarepath.symbolizer.binary.Cursor;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.Window;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The addresses of an entry: a low and a high one, or a list (DWARF 5, section 2.17). */
final class RangeLists {
    private static final int MAX_RANGES = 1 << 16;

    private long[] starts = new long[8];
    private long[] ends = new long[8];
    private int count;

    int count() {
        return count;
    }

    long start(int index) {
        return starts[index];
    }

    long end(int index) {
        return ends[index];
    }

    /** Reads the ranges of an entry; none if it has no code. */
    void read(Unit unit, Entry entry) throws IOException {
        count = 0;
        if (entry.rangesForm != 0) {
            if (unit.version >= 5) {
                readLists(unit, entry.rangesForm, entry.ranges);
            } else {
                readOldList(unit, entry.ranges);
            }
        } else if (entry.lowForm != 0 && entry.highForm != 0) {
            long low = unit.address(entry.lowForm, entry.low);
            long high =
                    isAddress(entry.highForm)
                            ? unit.address(entry.highForm, entry.high)
                            : low + entry.high;
            add(low, high);
        }
    }

    private static boolean isAddress(int form) {
        return switch (form) {
            case Dwarf.FORM_ADDR,
                    Dwarf.FORM_ADDRX,
                    Dwarf.FORM_ADDRX1,
                    Dwarf.FORM_ADDRX2,
                    Dwarf.FORM_ADDRX3,
                    Dwarf.FORM_ADDRX4,
                    Dwarf.FORM_GNU_ADDR_INDEX ->
                    true;
            default -> false;
        };
    }

    private void add(long start, long end) throws MalformedBinaryException {
        if (start < 0 || end <= start) {
            return; // empty, or what the linker left of removed code
        }
        if (count >= MAX_RANGES) {
            throw new MalformedBinaryException("an entry has more than " + MAX_RANGES + " ranges");
        }
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, count * 2);
            ends = Arrays.copyOf(ends, count * 2);
        }
        starts[count] = start;
        ends[count++] = end;
    }

    private void readOldList(Unit unit, long offset) throws IOException {
        Window window = unit.program().ranges;
        if (window == null) {
            return;
        }
        Cursor cursor = new Cursor(window, offset + unit.gnuRangesBase());
        long last = unit.addressBytes == 8 ? -1L : 0xffff_ffffL;
        long base = unit.lowPc();
        for (int i = 0; i < MAX_RANGES; i++) {
            long start = cursor.unsigned(unit.addressBytes);
            long end = cursor.unsigned(unit.addressBytes);
            if (start == 0 && end == 0) {
                return;
            }
            if (start == last) {
                base = end;
            } else {
                add(base + start, base + end);
            }
        }
    }

    private void readLists(Unit unit, int form, long value) throws IOException {
        // A split unit has lists of its own; what is given by offset may be the program's.
        @Nullable Window window = unit.file.rngLists;
        if (window == null) {
            window = unit.program().rngLists;
        }
        if (window == null) {
            return;
        }
        long at = value;
        if (form == Dwarf.FORM_RNGLISTX) {
            if (value < 0 || value > window.size()) {
                throw new MalformedBinaryException("there is no list of ranges " + value);
            }
            long slot = unit.rngListsBase() + value * unit.offsetBytes;
            long offset = unit.offsetBytes == 8 ? window.i64(slot) : window.u32(slot);
            at = unit.rngListsBase() + offset;
        }
        readList(unit, new Cursor(window, at));
    }

    private void readList(Unit unit, Cursor cursor) throws IOException {
        long base = unit.lowPc();
        for (int i = 0; i < MAX_RANGES; i++) {
            switch (cursor.u8()) {
                case 0 -> {
                    return;
                }
                case 1 -> base = unit.indexedAddress(cursor.uleb());
                case 2 -> {
                    long start = unit.indexedAddress(cursor.uleb());
                    add(start, unit.indexedAddress(cursor.uleb()));
                }
                case 3 -> {
                    long start = unit.indexedAddress(cursor.uleb());
                    add(start, start + cursor.uleb());
                }
                case 4 -> {
                    long start = cursor.uleb();
                    add(base + start, base + cursor.uleb());
                }
                case 5 -> base = cursor.unsigned(unit.addressBytes);
                case 6 -> {
                    long start = cursor.unsigned(unit.addressBytes);
                    add(start, cursor.unsigned(unit.addressBytes));
                }
                case 7 -> {
                    long start = cursor.unsigned(unit.addressBytes);
                    add(start, start + cursor.uleb());
                }
                default ->
                        throw new MalformedBinaryException(
                                "a list of ranges has an entry of a kind that is not known");
            }
        }
    }
}
