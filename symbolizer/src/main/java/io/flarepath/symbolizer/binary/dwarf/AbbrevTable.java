package io.flarepath.symbolizer.binary.dwarf;

import io.flarepath.symbolizer.binary.Cursor;
import io.flarepath.symbolizer.binary.LongIntMap;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.Window;
import java.io.IOException;
import java.util.Arrays;

/** The shapes of a unit's entries: tag, attributes and forms by code, in columns. */
final class AbbrevTable {
    private static final int MAX_CODES = 1 << 20;
    private static final int MAX_ATTRIBUTES = 1 << 22;

    /** An entry's attributes have no fixed length. */
    static final int VARIABLE = -1;

    private final LongIntMap rows = new LongIntMap(MAX_CODES);
    private int count;
    private int[] tags = new int[64];
    private boolean[] children = new boolean[64];
    private int[] firsts = new int[65];

    /** Bytes of the attributes, for each size of addresses and offsets; packed below. */
    private int[] plainBytes = new int[64];

    private int[] offsetForms = new int[64];
    private int[] addressForms = new int[64];

    private int attributeCount;
    private int[] attributes = new int[256];
    private int[] forms = new int[256];
    private long[] constants = new long[256];

    private AbbrevTable() {}

    static AbbrevTable read(Window window, long offset) throws IOException {
        AbbrevTable table = new AbbrevTable();
        Cursor cursor = new Cursor(window, offset);
        while (cursor.position() < window.size()) {
            long code = cursor.uleb();
            if (code == 0) {
                break;
            }
            if (table.count >= MAX_CODES) {
                throw new MalformedBinaryException(
                        "a table of abbreviations has more than " + MAX_CODES + " entries");
            }
            table.readEntry(cursor, code);
        }
        return table;
    }

    private void readEntry(Cursor cursor, long code) throws IOException {
        if (count == tags.length) {
            int larger = count * 2;
            tags = Arrays.copyOf(tags, larger);
            children = Arrays.copyOf(children, larger);
            firsts = Arrays.copyOf(firsts, larger + 1);
            plainBytes = Arrays.copyOf(plainBytes, larger);
            offsetForms = Arrays.copyOf(offsetForms, larger);
            addressForms = Arrays.copyOf(addressForms, larger);
        }
        int row = count++;
        rows.put(code, row);
        tags[row] = (int) Math.min(cursor.uleb(), 0xffff);
        children[row] = cursor.u8() != 0;
        firsts[row] = attributeCount;
        while (true) {
            int attribute = (int) Math.min(cursor.uleb(), 0xffff);
            int form = (int) Math.min(cursor.uleb(), 0xffff);
            long constant = form == Dwarf.FORM_IMPLICIT_CONST ? cursor.sleb() : 0;
            if (attribute == 0 && form == 0) {
                break;
            }
            add(attribute, form, constant);
            count(row, form);
        }
        firsts[row + 1] = attributeCount;
    }

    private void add(int attribute, int form, long constant) throws MalformedBinaryException {
        if (attributeCount >= MAX_ATTRIBUTES) {
            throw new MalformedBinaryException(
                    "a table of abbreviations has more than " + MAX_ATTRIBUTES + " attributes");
        }
        if (attributeCount == attributes.length) {
            int larger = attributeCount * 2;
            attributes = Arrays.copyOf(attributes, larger);
            forms = Arrays.copyOf(forms, larger);
            constants = Arrays.copyOf(constants, larger);
        }
        attributes[attributeCount] = attribute;
        forms[attributeCount] = form;
        constants[attributeCount] = constant;
        attributeCount++;
    }

    private void count(int row, int form) {
        if (plainBytes[row] == VARIABLE) {
            return;
        }
        switch (form) {
            case Dwarf.FORM_FLAG_PRESENT, Dwarf.FORM_IMPLICIT_CONST -> {}
            case Dwarf.FORM_DATA1,
                    Dwarf.FORM_FLAG,
                    Dwarf.FORM_REF1,
                    Dwarf.FORM_STRX1,
                    Dwarf.FORM_ADDRX1 ->
                    plainBytes[row] += 1;
            case Dwarf.FORM_DATA2, Dwarf.FORM_REF2, Dwarf.FORM_STRX2, Dwarf.FORM_ADDRX2 ->
                    plainBytes[row] += 2;
            case Dwarf.FORM_STRX3, Dwarf.FORM_ADDRX3 -> plainBytes[row] += 3;
            case Dwarf.FORM_DATA4,
                    Dwarf.FORM_REF4,
                    Dwarf.FORM_STRX4,
                    Dwarf.FORM_ADDRX4,
                    Dwarf.FORM_REF_SUP4 ->
                    plainBytes[row] += 4;
            case Dwarf.FORM_DATA8, Dwarf.FORM_REF8, Dwarf.FORM_REF_SIG8, Dwarf.FORM_REF_SUP8 ->
                    plainBytes[row] += 8;
            case Dwarf.FORM_DATA16 -> plainBytes[row] += 16;
            case Dwarf.FORM_STRP,
                    Dwarf.FORM_SEC_OFFSET,
                    Dwarf.FORM_LINE_STRP,
                    Dwarf.FORM_STRP_SUP,
                    Dwarf.FORM_GNU_REF_ALT,
                    Dwarf.FORM_GNU_STRP_ALT ->
                    offsetForms[row]++;
            case Dwarf.FORM_ADDR -> addressForms[row]++;
            default -> plainBytes[row] = VARIABLE;
        }
    }

    /** The row of a code; it is damage if there is none. */
    int row(long code) throws MalformedBinaryException {
        int row = rows.get(code);
        if (row < 0) {
            throw new MalformedBinaryException(
                    "an entry has the abbreviation " + code + ", which its table lacks");
        }
        return row;
    }

    int tag(int row) {
        return tags[row];
    }

    boolean hasChildren(int row) {
        return children[row];
    }

    /** Bytes of an entry's attributes, or {@link #VARIABLE}. */
    long fixedBytes(int row, int offsetBytes, int addressBytes) {
        return plainBytes[row] == VARIABLE
                ? VARIABLE
                : plainBytes[row]
                        + (long) offsetForms[row] * offsetBytes
                        + (long) addressForms[row] * addressBytes;
    }

    int firstAttribute(int row) {
        return firsts[row];
    }

    int endOfAttributes(int row) {
        return firsts[row + 1];
    }

    int attribute(int index) {
        return attributes[index];
    }

    int form(int index) {
        return forms[index];
    }

    long constant(int index) {
        return constants[index];
    }
}
