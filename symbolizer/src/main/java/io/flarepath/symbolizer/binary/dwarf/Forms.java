package io.flarepath.symbolizer.binary.dwarf;

import io.flarepath.symbolizer.binary.Cursor;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import java.io.IOException;

/** Reads the value of an attribute as one number, whatever its form is (DWARF 5, section 7.5.6). */
final class Forms {
    private Forms() {}

    /**
     * The value: a constant, an address, a reference, an index, or an offset of what it stands for;
     * of a string or block within the entries, its offset there.
     */
    static long read(Cursor cursor, Unit unit, int form, long constant) throws IOException {
        return switch (form) {
            case Dwarf.FORM_ADDR -> cursor.unsigned(unit.addressBytes);
            case Dwarf.FORM_DATA1,
                    Dwarf.FORM_FLAG,
                    Dwarf.FORM_REF1,
                    Dwarf.FORM_STRX1,
                    Dwarf.FORM_ADDRX1 ->
                    cursor.u8();
            case Dwarf.FORM_DATA2, Dwarf.FORM_REF2, Dwarf.FORM_STRX2, Dwarf.FORM_ADDRX2 ->
                    cursor.u16();
            case Dwarf.FORM_STRX3, Dwarf.FORM_ADDRX3 -> cursor.unsigned(3);
            case Dwarf.FORM_DATA4,
                    Dwarf.FORM_REF4,
                    Dwarf.FORM_STRX4,
                    Dwarf.FORM_ADDRX4,
                    Dwarf.FORM_REF_SUP4 ->
                    cursor.u32();
            case Dwarf.FORM_DATA8, Dwarf.FORM_REF8, Dwarf.FORM_REF_SIG8, Dwarf.FORM_REF_SUP8 ->
                    cursor.i64();
            case Dwarf.FORM_SDATA -> cursor.sleb();
            case Dwarf.FORM_UDATA,
                    Dwarf.FORM_REF_UDATA,
                    Dwarf.FORM_STRX,
                    Dwarf.FORM_ADDRX,
                    Dwarf.FORM_LOCLISTX,
                    Dwarf.FORM_RNGLISTX,
                    Dwarf.FORM_GNU_ADDR_INDEX,
                    Dwarf.FORM_GNU_STR_INDEX ->
                    cursor.uleb();
            case Dwarf.FORM_STRP,
                    Dwarf.FORM_SEC_OFFSET,
                    Dwarf.FORM_LINE_STRP,
                    Dwarf.FORM_STRP_SUP,
                    Dwarf.FORM_GNU_REF_ALT,
                    Dwarf.FORM_GNU_STRP_ALT ->
                    cursor.unsigned(unit.offsetBytes);
            case Dwarf.FORM_REF_ADDR ->
                    cursor.unsigned(unit.version < 3 ? unit.addressBytes : unit.offsetBytes);
            case Dwarf.FORM_FLAG_PRESENT -> 1;
            case Dwarf.FORM_IMPLICIT_CONST -> constant;
            case Dwarf.FORM_STRING -> string(cursor);
            case Dwarf.FORM_BLOCK1 -> block(cursor, cursor.u8());
            case Dwarf.FORM_BLOCK2 -> block(cursor, cursor.u16());
            case Dwarf.FORM_BLOCK4 -> block(cursor, cursor.u32());
            case Dwarf.FORM_BLOCK, Dwarf.FORM_EXPRLOC -> block(cursor, cursor.uleb());
            case Dwarf.FORM_DATA16 -> block(cursor, 16);
            default ->
                    throw new MalformedBinaryException(
                            "an attribute has the form 0x"
                                    + Integer.toHexString(form)
                                    + ", which is not known");
        };
    }

    /** The form that an indirect value names before itself. */
    static int indirect(Cursor cursor, int form) throws IOException {
        if (form != Dwarf.FORM_INDIRECT) {
            return form;
        }
        int named = (int) Math.min(cursor.uleb(), 0xffff);
        if (named == Dwarf.FORM_INDIRECT || named == Dwarf.FORM_IMPLICIT_CONST) {
            throw new MalformedBinaryException("an indirect form names another one");
        }
        return named;
    }

    private static long string(Cursor cursor) throws IOException {
        long start = cursor.position();
        cursor.skipString();
        return start;
    }

    private static long block(Cursor cursor, long bytes) throws IOException {
        long start = cursor.position();
        cursor.skip(bytes);
        return start;
    }
}
