package io.flarepath.symbolizer.binary.dwarf;

import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.Cursor;
import io.flarepath.symbolizer.binary.LongIntMap;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.SectionBytes;
import io.flarepath.symbolizer.binary.Window;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The debug sections of one file, its units, and texts and entries of it by offset. */
final class DwarfFile {
    private static final int MAX_UNITS = 4_000_000;
    private static final int KEPT_UNITS = 64;
    private static final int KEPT_TABLES = 64;
    private static final int MAX_ENTRIES = 4_000_000;
    private static final int JUMP_BYTES = 4096;
    private static final int MAX_NAME = 1 << 14;

    /** Names of sections, in the program and in a split file. */
    private static final String[] PLAIN = {
        ".debug_info",
        ".debug_abbrev",
        ".debug_str",
        ".debug_line_str",
        ".debug_line",
        ".debug_ranges",
        ".debug_rnglists",
        ".debug_addr",
        ".debug_str_offsets"
    };

    /** All entries, read from the front. */
    final Window info;

    /** The same, for jumps. */
    final Window jumps;

    private final Window abbrev;
    private final @Nullable Window str;
    private final @Nullable Window lineStr;
    final @Nullable Window line;
    final @Nullable Window ranges;
    final @Nullable Window rngLists;
    final @Nullable Window addr;
    private final @Nullable Window strOffsets;

    /** What dwz moved out of this file and others (DWARF 5, section 7.3.6). */
    private @Nullable DwarfFile supplementary;

    /** Numbers of functions by the offset of their entry. */
    final LongIntMap functions = new LongIntMap(MAX_ENTRIES);

    /** Numbers of texts by their offset and section. */
    private final LongIntMap texts = new LongIntMap(MAX_ENTRIES);

    private long[] unitOffsets = new long[64];
    private int unitCount;
    private final Map<Long, Unit> units = kept(KEPT_UNITS);
    private final Map<Long, AbbrevTable> tables = kept(KEPT_TABLES);
    private byte[] textBytes = new byte[256];

    /** Sources of the sections, in the order of {@link #PLAIN}. */
    DwarfFile(@Nullable ByteSource[] sections) throws IOException {
        ByteSource entries = sections[0];
        ByteSource shapes = sections[1];
        if (entries == null || shapes == null) {
            throw new MalformedBinaryException("there is no .debug_info, or no .debug_abbrev");
        }
        info = new Window(entries);
        jumps = new Window(entries, JUMP_BYTES);
        abbrev = new Window(shapes, JUMP_BYTES);
        str = window(sections[2], JUMP_BYTES);
        lineStr = window(sections[3], JUMP_BYTES);
        line = window(sections[4], Window.BYTES);
        ranges = window(sections[5], JUMP_BYTES);
        rngLists = window(sections[6], JUMP_BYTES);
        addr = window(sections[7], JUMP_BYTES);
        strOffsets = window(sections[8], JUMP_BYTES);
        findUnits();
    }

    /** The sections of a file, or null if it has no entries. */
    static @Nullable DwarfFile open(SectionBytes sections, boolean split) throws IOException {
        @Nullable ByteSource[] sources = new @Nullable ByteSource[PLAIN.length];
        for (int i = 0; i < PLAIN.length; i++) {
            sources[i] = sections.open(split ? PLAIN[i] + ".dwo" : PLAIN[i]);
        }
        return sources[0] == null || sources[1] == null ? null : new DwarfFile(sources);
    }

    private static @Nullable Window window(@Nullable ByteSource source, int bytes)
            throws IOException {
        return source == null ? null : new Window(source, bytes);
    }

    private static <V> Map<Long, V> kept(int most) {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Long, V> eldest) {
                return size() > most;
            }
        };
    }

    private void findUnits() throws IOException {
        long at = 0;
        while (jumps.size() - at > 11) {
            Cursor cursor = new Cursor(jumps, at);
            long length = cursor.u32();
            length = length == 0xffff_ffffL ? cursor.i64() : length;
            if (length < 7 || length > jumps.size() - cursor.position()) {
                break; // what stands before it is read
            }
            if (unitCount >= MAX_UNITS) {
                throw new MalformedBinaryException("more than " + MAX_UNITS + " units");
            }
            if (unitCount == unitOffsets.length) {
                unitOffsets = Arrays.copyOf(unitOffsets, unitCount * 2);
            }
            unitOffsets[unitCount++] = at;
            at = cursor.position() + length;
        }
    }

    void supplementary(DwarfFile other) {
        supplementary = other;
    }

    int unitCount() {
        return unitCount;
    }

    Unit unit(int index) throws IOException {
        return unitFrom(unitOffsets[index]);
    }

    /** The unit that holds an offset. */
    Unit unitAt(long offset) throws IOException {
        int index = Arrays.binarySearch(unitOffsets, 0, unitCount, offset);
        index = index < 0 ? -index - 2 : index;
        if (index < 0) {
            throw new MalformedBinaryException("no unit holds offset " + offset);
        }
        Unit unit = unitFrom(unitOffsets[index]);
        if (offset >= unit.end) {
            throw new MalformedBinaryException("no unit holds offset " + offset);
        }
        return unit;
    }

    private Unit unitFrom(long offset) throws IOException {
        Unit known = units.get(offset);
        if (known == null) {
            known = Unit.read(this, offset);
            units.put(offset, known);
        }
        return known;
    }

    AbbrevTable abbrevs(long offset) throws IOException {
        AbbrevTable known = tables.get(offset);
        if (known == null) {
            known = AbbrevTable.read(abbrev, offset);
            tables.put(offset, known);
        }
        return known;
    }

    /** The file to which an attribute of one of these forms refers; null if it is not there. */
    @Nullable DwarfFile fileOf(int form) {
        return switch (form) {
            case Dwarf.FORM_GNU_REF_ALT, Dwarf.FORM_REF_SUP4, Dwarf.FORM_REF_SUP8 -> supplementary;
            case Dwarf.FORM_REF_SIG8 -> null;
            default -> this;
        };
    }

    /** Takes a text. */
    @FunctionalInterface
    interface TextSink {
        int string(byte[] utf8, int length) throws IOException;
    }

    /** The number that a sink gives to a text; 0 if there is none. */
    int textNumber(Unit unit, int form, long value, TextSink sink) throws IOException {
        DwarfFile holder =
                form == Dwarf.FORM_GNU_STRP_ALT || form == Dwarf.FORM_STRP_SUP
                        ? supplementary
                        : this;
        Window window = holder == null ? null : textWindow(form, holder);
        if (window == null) {
            return 0;
        }
        long at = textOffset(unit, form, value);
        boolean inEntries = form == Dwarf.FORM_STRING;
        boolean inLines = form == Dwarf.FORM_LINE_STRP;
        long key = (at << 2) | (inEntries ? 1 : inLines ? 2 : 0);
        LongIntMap known = holder == null ? texts : holder.texts;
        int number = known.get(key);
        if (number < 0) {
            int length = readText(window, at, MAX_NAME);
            number = sink.string(textBytes, length);
            known.put(key, number);
        }
        return number;
    }

    /** A text, cut after so many bytes; empty if there is none. */
    String text(Unit unit, int form, long value, int most) throws IOException {
        DwarfFile holder =
                form == Dwarf.FORM_GNU_STRP_ALT || form == Dwarf.FORM_STRP_SUP
                        ? supplementary
                        : this;
        Window window = holder == null || form == 0 ? null : textWindow(form, holder);
        if (window == null) {
            return "";
        }
        int length = readText(window, textOffset(unit, form, value), most);
        return new String(textBytes, 0, length, StandardCharsets.UTF_8);
    }

    private static @Nullable Window textWindow(int form, DwarfFile holder) {
        return switch (form) {
            case Dwarf.FORM_STRING -> holder.jumps;
            case Dwarf.FORM_LINE_STRP -> holder.lineStr;
            default -> holder.str;
        };
    }

    private long textOffset(Unit unit, int form, long value) throws IOException {
        return switch (form) {
            case Dwarf.FORM_STRING,
                    Dwarf.FORM_STRP,
                    Dwarf.FORM_LINE_STRP,
                    Dwarf.FORM_STRP_SUP,
                    Dwarf.FORM_GNU_STRP_ALT ->
                    value;
            case Dwarf.FORM_STRX,
                    Dwarf.FORM_STRX1,
                    Dwarf.FORM_STRX2,
                    Dwarf.FORM_STRX3,
                    Dwarf.FORM_STRX4,
                    Dwarf.FORM_GNU_STR_INDEX ->
                    indexedText(unit, value);
            default ->
                    throw new MalformedBinaryException(
                            "a text has the form 0x" + Integer.toHexString(form));
        };
    }

    private long indexedText(Unit unit, long index) throws IOException {
        if (strOffsets == null || index < 0 || index > strOffsets.size()) {
            throw new MalformedBinaryException("there is no text " + index);
        }
        long at = unit.strOffsetsBase() + index * unit.offsetBytes;
        return unit.offsetBytes == 8 ? strOffsets.i64(at) : strOffsets.u32(at);
    }

    private int readText(Window window, long start, int most) throws IOException {
        int length = 0;
        while (length < most) {
            byte b = (byte) window.u8(start + length);
            if (b == 0) {
                break;
            }
            if (length == textBytes.length) {
                textBytes = Arrays.copyOf(textBytes, length * 2);
            }
            textBytes[length++] = b;
        }
        return length;
    }
}
