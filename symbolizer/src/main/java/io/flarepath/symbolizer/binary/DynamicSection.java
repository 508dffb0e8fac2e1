package io.flarepath.symbolizer.binary;

import io.flarepath.symbolizer.binary.ElfFile.Segment;
import java.io.IOException;
import java.util.OptionalLong;

/** What PT_DYNAMIC says of the dynamic symbols, for files without section headers. */
final class DynamicSection {
    static final long DT_HASH = 4;
    static final long DT_STRTAB = 5;
    static final long DT_SYMTAB = 6;
    static final long DT_STRSZ = 10;
    static final long DT_GNU_HASH = 0x6ffffef5L;
    private static final int MAX_ENTRIES = 1024;
    private static final int MAX_BUCKETS = 4_000_000;

    private DynamicSection() {}

    static OptionalLong value(ElfFile file, long tag) throws IOException {
        for (Segment s : file.segments) {
            if (s.type() != ElfFile.PT_DYNAMIC) {
                continue;
            }
            for (int i = 0; i < MAX_ENTRIES && (i + 1) * 16L <= s.fileBytes(); i++) {
                long found = file.window.i64(s.offset() + i * 16L);
                if (found == tag) {
                    return OptionalLong.of(file.window.i64(s.offset() + i * 16L + 8));
                }
                if (found == 0) {
                    break;
                }
            }
            return OptionalLong.empty();
        }
        return OptionalLong.empty();
    }

    /**
     * The dynamic symbol table has no length of its own: the hash tables know how many there are.
     */
    static long symbolCount(ElfFile file, int most) throws IOException {
        OptionalLong hash = offsetOf(file, DT_HASH);
        if (hash.isPresent()) {
            return Math.min(most, file.window.u32(hash.getAsLong() + 4));
        }
        OptionalLong gnu = offsetOf(file, DT_GNU_HASH);
        return gnu.isPresent() ? gnuCount(file.window, gnu.getAsLong(), most) : 0;
    }

    private static OptionalLong offsetOf(ElfFile file, long tag) throws IOException {
        OptionalLong address = value(file, tag);
        return address.isPresent() ? file.fileOffset(address.getAsLong()) : OptionalLong.empty();
    }

    /** The last chain of the bucket that starts highest ends at the last symbol. */
    private static long gnuCount(Window window, long at, int most) throws IOException {
        long buckets = Math.min(window.u32(at), MAX_BUCKETS);
        long firstSymbol = window.u32(at + 4);
        long bucketTable = at + 16 + window.u32(at + 8) * 8;
        long last = 0;
        for (long i = 0; i < buckets; i++) {
            last = Math.max(last, window.u32(bucketTable + i * 4));
        }
        if (last < firstSymbol) {
            return firstSymbol;
        }
        long chains = bucketTable + buckets * 4 - firstSymbol * 4;
        while (last < most && (window.u32(chains + last * 4) & 1) == 0) {
            last++;
        }
        return Math.min(most, last + 1);
    }
}
