package io.flarepath.symbolizer.binary.dwarf;

import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.SectionBytes;
import io.flarepath.symbolizer.binary.Window;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A package of split files: where in its sections the parts of each unit lie (DWARF 5, section
 * 7.3.5; version 2 is GNU's for DWARF 4).
 */
final class SplitPackage {
    private static final int INFO = 1;
    private static final int ABBREV = 3;
    private static final int STR_OFFSETS = 6;
    private static final int RNG_LISTS = 8;
    private static final int MAX_COLUMNS = 16;
    private static final int MAX_SLOTS = 1 << 24;

    /** Sections of split files, at the places that {@link DwarfFile} gives them. */
    private static final String[] NAMES = {
        ".debug_info.dwo",
        ".debug_abbrev.dwo",
        ".debug_str.dwo",
        "",
        "",
        "",
        ".debug_rnglists.dwo",
        "",
        ".debug_str_offsets.dwo"
    };

    private final SectionBytes sections;
    private final @Nullable ByteSource[] whole = new @Nullable ByteSource[NAMES.length];
    private final Window index;
    private final int version;
    private final int columns;
    private final long units;
    private final long slots;

    private SplitPackage(SectionBytes sections, Window index) throws IOException {
        this.sections = sections;
        this.index = index;
        long first = index.u32(0);
        this.version = (int) (first == 2 ? 2 : first & 0xffff);
        long columnCount = index.u32(4);
        this.units = index.u32(8);
        this.slots = index.u32(12);
        if ((version != 2 && version != 5)
                || columnCount > MAX_COLUMNS
                || slots > MAX_SLOTS
                || Long.bitCount(slots) != 1
                || units > slots) {
            throw new MalformedBinaryException("the index of a package of split files is damaged");
        }
        this.columns = (int) columnCount;
    }

    static @Nullable SplitPackage open(SectionBytes sections) throws IOException {
        ByteSource index = sections.open(".debug_cu_index");
        return index == null ? null : new SplitPackage(sections, new Window(index, 4096));
    }

    /** The parts of the unit of an id, as if they were a split file; null if it has none. */
    @Nullable DwarfFile find(long id) throws IOException {
        long mask = slots - 1;
        long slot = id & mask;
        long step = ((id >>> 32) & mask) | 1;
        for (long i = 0; i < slots; i++) {
            long row = index.u32(16 + slots * 8 + slot * 4);
            if (row == 0) {
                return null;
            }
            if (index.i64(16 + slot * 8) == id) {
                return parts(row - 1);
            }
            slot = (slot + step) & mask;
        }
        return null;
    }

    private @Nullable DwarfFile parts(long row) throws IOException {
        long ids = 16 + slots * 12;
        long offsets = ids + 4L * columns;
        long sizes = offsets + 4L * columns * units;
        @Nullable ByteSource[] sources = new @Nullable ByteSource[9];
        sources[2] = whole(2);
        for (int column = 0; column < columns; column++) {
            int target =
                    switch ((int) index.u32(ids + 4L * column)) {
                        case INFO -> 0;
                        case ABBREV -> 1;
                        case STR_OFFSETS -> 8;
                        case RNG_LISTS -> version == 5 ? 6 : -1;
                        default -> -1;
                    };
            if (target < 0) {
                continue;
            }
            ByteSource section = whole(target);
            if (section != null) {
                long at = 4L * (row * columns + column);
                sources[target] =
                        ByteSource.slice(section, index.u32(offsets + at), index.u32(sizes + at));
            }
        }
        return sources[0] == null || sources[1] == null ? null : new DwarfFile(sources);
    }

    private @Nullable ByteSource whole(int section) throws IOException {
        ByteSource known = whole[section];
        if (known == null) {
            known = sections.open(NAMES[section]);
            whole[section] = known;
        }
        return known;
    }
}
