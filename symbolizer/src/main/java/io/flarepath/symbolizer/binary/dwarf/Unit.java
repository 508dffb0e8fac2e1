package io.flarepath.symbolizer.binary.dwarf;

import io.flarepath.symbolizer.binary.Cursor;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A unit: its header (DWARF 5, section 7.5.1) and what its first entry says of the others. */
final class Unit {
    private static final int MAX_STRING = 4096;

    final DwarfFile file;

    /** Where its header starts, and where the next unit's does. */
    final long offset;

    final long end;
    final int version;
    final int offsetBytes;
    final int addressBytes;
    final int type;
    final AbbrevTable abbrevs;

    /** Where the first entry starts. */
    final long firstEntry;

    /** The unit in the program itself, of which this one in a split file is the rest. */
    private @Nullable Unit skeleton;

    private long strOffsetsBase;
    private long addrBase;
    private long rngListsBase;
    private long gnuRangesBase;
    private boolean hasDwoId;
    private long dwoId;
    private String dwoName = "";
    private String compDir = "";
    private long stmtList = -1;
    private long lowPc;
    private int language;
    private @Nullable LineHeader lines;

    private Unit(DwarfFile file, Header header, AbbrevTable abbrevs) {
        this.file = file;
        this.offset = header.offset;
        this.end = header.end;
        this.version = header.version;
        this.offsetBytes = header.offsetBytes;
        this.addressBytes = header.addressBytes;
        this.type = header.type;
        this.firstEntry = header.firstEntry;
        this.abbrevs = abbrevs;
        this.hasDwoId = header.type == Dwarf.UT_SKELETON || header.type == Dwarf.UT_SPLIT_COMPILE;
        this.dwoId = header.dwoId;
    }

    /** The bytes before the first entry. */
    record Header(
            long offset,
            long end,
            int version,
            int offsetBytes,
            int addressBytes,
            int type,
            long abbrevOffset,
            long dwoId,
            long firstEntry) {

        static Header read(Cursor cursor) throws IOException {
            long offset = cursor.position();
            long length = cursor.u32();
            int offsetBytes = 4;
            if (length == 0xffff_ffffL) {
                length = cursor.i64();
                offsetBytes = 8;
            }
            long start = cursor.position();
            if (length < 0 || length > cursor.window().size() - start) {
                throw new MalformedBinaryException(
                        "a unit of "
                                + length
                                + " bytes at offset 0x"
                                + Long.toHexString(offset)
                                + " leaves its section");
            }
            int version = cursor.u16();
            if (version < 2 || version > 5) {
                throw new MalformedBinaryException(
                        "DWARF 2 to 5 is read, a unit has version " + version);
            }
            int type = 0;
            int addressBytes;
            long abbrevOffset;
            long dwoId = 0;
            if (version >= 5) {
                type = cursor.u8();
                addressBytes = cursor.u8();
                abbrevOffset = cursor.unsigned(offsetBytes);
                if (type == Dwarf.UT_SKELETON || type == Dwarf.UT_SPLIT_COMPILE) {
                    dwoId = cursor.i64();
                } else if (type == Dwarf.UT_TYPE || type == Dwarf.UT_SPLIT_TYPE) {
                    cursor.skip(8L + offsetBytes);
                }
            } else {
                abbrevOffset = cursor.unsigned(offsetBytes);
                addressBytes = cursor.u8();
            }
            if (addressBytes != 4 && addressBytes != 8) {
                throw new MalformedBinaryException(
                        "addresses have 4 or 8 bytes, in a unit they have " + addressBytes);
            }
            return new Header(
                    offset,
                    start + length,
                    version,
                    offsetBytes,
                    addressBytes,
                    type,
                    abbrevOffset,
                    dwoId,
                    cursor.position());
        }
    }

    static Unit read(DwarfFile file, long offset) throws IOException {
        Cursor cursor = new Cursor(file.jumps, offset);
        Header header = Header.read(cursor);
        Unit unit = new Unit(file, header, file.abbrevs(header.abbrevOffset));
        if (cursor.position() < unit.end) {
            long code = cursor.uleb();
            if (code != 0) {
                Entry first = new Entry();
                first.read(cursor, unit, unit.abbrevs.row(code));
                unit.take(first);
            }
        }
        return unit;
    }

    private void take(Entry first) throws IOException {
        int header = offsetBytes == 8 ? 16 : 8;
        // In a split file the bases are not said: each section starts with its only header.
        strOffsetsBase =
                first.strOffsetsBase >= 0 ? first.strOffsetsBase : version >= 5 ? header : 0;
        addrBase = first.addrBase >= 0 ? first.addrBase : version >= 5 ? header : 0;
        rngListsBase = first.rngListsBase >= 0 ? first.rngListsBase : offsetBytes == 8 ? 20 : 12;
        gnuRangesBase = first.gnuRangesBase;
        if (first.hasDwoId) {
            hasDwoId = true;
            dwoId = first.dwoId;
        }
        stmtList = first.stmtList;
        language = first.language;
        compDir = file.text(this, first.compDirForm, first.compDir, MAX_STRING);
        dwoName = file.text(this, first.dwoNameForm, first.dwoName, MAX_STRING);
        lowPc = first.lowForm == 0 ? 0 : address(first.lowForm, first.low);
    }

    /** Makes this unit of a split file the rest of one in the program. */
    void completes(Unit rest) {
        skeleton = rest;
    }

    boolean isType() {
        return type == Dwarf.UT_TYPE || type == Dwarf.UT_SPLIT_TYPE;
    }

    boolean hasDwoId() {
        return hasDwoId;
    }

    long dwoId() {
        return dwoId;
    }

    /** File in which the rest of the unit is, or empty. */
    String dwoName() {
        return dwoName;
    }

    String compDir() {
        Unit rest = skeleton;
        return rest != null && compDir.isEmpty() ? rest.compDir : compDir;
    }

    int language() {
        return language;
    }

    long strOffsetsBase() {
        return strOffsetsBase;
    }

    long rngListsBase() {
        return rngListsBase;
    }

    /** To be added to offsets in {@code .debug_ranges}. */
    long gnuRangesBase() {
        Unit rest = skeleton;
        return rest == null ? 0 : rest.gnuRangesBase;
    }

    /** The address from which ranges count. */
    long lowPc() {
        Unit rest = skeleton;
        return rest == null ? lowPc : rest.lowPc;
    }

    /** The file whose {@code .debug_addr}, {@code .debug_ranges} and lines this unit uses. */
    DwarfFile program() {
        Unit rest = skeleton;
        return rest == null ? file : rest.file;
    }

    boolean isSplit() {
        return skeleton != null;
    }

    /** The files and directories of its lines; null if it has none. */
    @Nullable LineHeader lineHeader() throws IOException {
        LineHeader known = lines;
        if (known != null) {
            return known;
        }
        Unit rest = skeleton;
        if (rest != null) {
            return rest.lineHeader();
        }
        if (stmtList < 0 || file.line == null) {
            return null;
        }
        LineHeader read = LineHeader.read(this, file.line, stmtList);
        lines = read;
        return read;
    }

    /** An address in any of the forms that an address has. */
    long address(int form, long value) throws IOException {
        return switch (form) {
            case Dwarf.FORM_ADDRX,
                    Dwarf.FORM_ADDRX1,
                    Dwarf.FORM_ADDRX2,
                    Dwarf.FORM_ADDRX3,
                    Dwarf.FORM_ADDRX4,
                    Dwarf.FORM_GNU_ADDR_INDEX ->
                    indexedAddress(value);
            default -> value;
        };
    }

    /** An address of {@code .debug_addr}. */
    long indexedAddress(long index) throws IOException {
        Unit rest = skeleton;
        if (rest != null) {
            return rest.indexedAddress(index);
        }
        if (file.addr == null || index < 0 || index > file.addr.size()) {
            throw new MalformedBinaryException("there is no address " + index);
        }
        long at = addrBase + index * addressBytes;
        return addressBytes == 8 ? file.addr.i64(at) : file.addr.u32(at);
    }

    /** Where an entry stands that an attribute of this unit refers to; negative if elsewhere. */
    long target(int form, long value) {
        return switch (form) {
            case Dwarf.FORM_REF1,
                    Dwarf.FORM_REF2,
                    Dwarf.FORM_REF4,
                    Dwarf.FORM_REF8,
                    Dwarf.FORM_REF_UDATA ->
                    value < 0 || value > end - offset ? -1 : offset + value;
            case Dwarf.FORM_REF_ADDR -> value;
            default -> -1;
        };
    }
}
