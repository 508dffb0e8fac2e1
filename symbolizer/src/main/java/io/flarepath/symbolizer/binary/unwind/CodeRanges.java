package io.flarepath.symbolizer.binary.unwind;

import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.ElfFile.Segment;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Where the code of a binary is: what its executable segments load from the file, by address and
 * without overlap.
 */
public final class CodeRanges {
    /** Bits of an address within a page of a table. */
    static final int PAGE_BITS = 16;

    /** 4 GiB from the first byte of code to the last: offsets then fit 32 bits. */
    static final int MAX_PAGES = 1 << 16;

    private static final int MAX_RANGES = 64;

    private final long[] starts;
    private final long[] ends;

    private CodeRanges(List<long[]> ranges) throws MalformedBinaryException {
        starts = ranges.stream().mapToLong(r -> r[0]).toArray();
        ends = ranges.stream().mapToLong(r -> r[1]).toArray();
        if (starts.length > 0 && pages() > MAX_PAGES) {
            throw new MalformedBinaryException(
                    "code from 0x"
                            + Long.toHexString(starts[0])
                            + " to 0x"
                            + Long.toHexString(ends[ends.length - 1])
                            + " is spread over more than "
                            + MAX_PAGES
                            + " pages of 64 KiB");
        }
    }

    /**
     * The code of a file.
     *
     * @throws MalformedBinaryException if it is in more, or further apart, than a table can hold
     */
    public static CodeRanges of(ElfFile elf) throws MalformedBinaryException {
        List<long[]> ranges = new ArrayList<>();
        for (Segment segment : elf.segments()) {
            long bytes = Math.min(segment.bytes(), segment.fileBytes());
            boolean code = segment.type() == ElfFile.PT_LOAD && segment.executable() && bytes > 0;
            if (code && segment.address() >= 0 && segment.address() + bytes > 0) {
                ranges.add(new long[] {segment.address(), segment.address() + bytes});
            }
        }
        return of(ranges);
    }

    /** Ranges of start and end, in any order. */
    static CodeRanges of(List<long[]> ranges) throws MalformedBinaryException {
        List<long[]> joined = new ArrayList<>();
        for (long[] range : ranges.stream().sorted(Comparator.comparingLong(r -> r[0])).toList()) {
            long[] last = joined.isEmpty() ? null : joined.getLast();
            if (last != null && range[0] <= last[1]) {
                last[1] = Math.max(last[1], range[1]);
            } else {
                joined.add(range.clone());
            }
        }
        if (joined.size() > MAX_RANGES) {
            throw new MalformedBinaryException(
                    "code is in " + joined.size() + " places, at most " + MAX_RANGES + " are read");
        }
        return new CodeRanges(joined);
    }

    int count() {
        return starts.length;
    }

    long start(int index) {
        return starts[index];
    }

    /** The address behind the last byte of a range. */
    long end(int index) {
        return ends[index];
    }

    /** The page of the first byte of code: its address without the lowest 16 bits. */
    long pageBase() {
        return starts.length == 0 ? 0 : starts[0] >> PAGE_BITS;
    }

    /** Pages from the one of the first byte to that of the last. */
    long pages() {
        return starts.length == 0 ? 0 : ((ends[ends.length - 1] - 1) >> PAGE_BITS) - pageBase() + 1;
    }

    /** Whether there is code at an address. */
    boolean contains(long address) {
        for (int i = 0; i < starts.length; i++) {
            if (address >= starts[i] && address < ends[i]) {
                return true;
            }
        }
        return false;
    }
}
