package io.flarepath.symbolizer.binary.dwarf;

import io.flarepath.symbolizer.binary.Cursor;
import java.io.IOException;

/**
 * A debugging information entry: what of its attributes is used, each as its form and value. One
 * object is filled again and again. A form of 0 means that there is no such attribute.
 */
final class Entry {
    int tag;
    boolean hasChildren;
    int nameForm;
    long name;
    int linkageNameForm;
    long linkageName;
    int lowForm;
    long low;
    int highForm;
    long high;
    int rangesForm;
    long ranges;
    int originForm;
    long origin;
    int callFile;
    int callLine;
    int declFile;
    int declLine;

    // Of the first entry of a unit alone.
    int compDirForm;
    long compDir;
    int dwoNameForm;
    long dwoName;
    boolean hasDwoId;
    long dwoId;
    long stmtList;
    long strOffsetsBase;
    long addrBase;
    long rngListsBase;
    long gnuRangesBase;
    int language;

    private void clear() {
        nameForm = 0;
        linkageNameForm = 0;
        lowForm = 0;
        highForm = 0;
        rangesForm = 0;
        originForm = 0;
        callFile = -1;
        callLine = 0;
        declFile = -1;
        declLine = 0;
        compDirForm = 0;
        dwoNameForm = 0;
        hasDwoId = false;
        stmtList = -1;
        strOffsetsBase = -1;
        addrBase = -1;
        rngListsBase = -1;
        gnuRangesBase = 0;
        language = 0;
    }

    /**
     * Reads the attributes of a row of the unit's abbreviations; the cursor stands behind the code.
     */
    void read(Cursor cursor, Unit unit, int row) throws IOException {
        clear();
        AbbrevTable abbrevs = unit.abbrevs;
        tag = abbrevs.tag(row);
        hasChildren = abbrevs.hasChildren(row);
        int end = abbrevs.endOfAttributes(row);
        for (int i = abbrevs.firstAttribute(row); i < end; i++) {
            int form = Forms.indirect(cursor, abbrevs.form(i));
            long value = Forms.read(cursor, unit, form, abbrevs.constant(i));
            keep(abbrevs.attribute(i), form, value);
        }
    }

    private void keep(int attribute, int form, long value) {
        switch (attribute) {
            case Dwarf.AT_NAME -> {
                nameForm = form;
                name = value;
            }
            case Dwarf.AT_LINKAGE_NAME, Dwarf.AT_MIPS_LINKAGE_NAME -> {
                linkageNameForm = form;
                linkageName = value;
            }
            case Dwarf.AT_LOW_PC -> {
                lowForm = form;
                low = value;
            }
            case Dwarf.AT_HIGH_PC -> {
                highForm = form;
                high = value;
            }
            case Dwarf.AT_RANGES -> {
                rangesForm = form;
                ranges = value;
            }
            case Dwarf.AT_ABSTRACT_ORIGIN, Dwarf.AT_SPECIFICATION -> {
                originForm = form;
                origin = value;
            }
            case Dwarf.AT_CALL_FILE -> callFile = small(value);
            case Dwarf.AT_CALL_LINE -> callLine = small(value);
            case Dwarf.AT_DECL_FILE -> declFile = small(value);
            case Dwarf.AT_DECL_LINE -> declLine = small(value);
            default -> keepOfUnit(attribute, form, value);
        }
    }

    private void keepOfUnit(int attribute, int form, long value) {
        switch (attribute) {
            case Dwarf.AT_COMP_DIR -> {
                compDirForm = form;
                compDir = value;
            }
            case Dwarf.AT_DWO_NAME, Dwarf.AT_GNU_DWO_NAME -> {
                dwoNameForm = form;
                dwoName = value;
            }
            case Dwarf.AT_GNU_DWO_ID -> {
                hasDwoId = true;
                dwoId = value;
            }
            case Dwarf.AT_STMT_LIST -> stmtList = value;
            case Dwarf.AT_STR_OFFSETS_BASE -> strOffsetsBase = value;
            case Dwarf.AT_ADDR_BASE, Dwarf.AT_GNU_ADDR_BASE -> addrBase = value;
            case Dwarf.AT_RNGLISTS_BASE -> rngListsBase = value;
            case Dwarf.AT_GNU_RANGES_BASE -> gnuRangesBase = value;
            case Dwarf.AT_LANGUAGE -> language = small(value);
            default -> {}
        }
    }

    private static int small(long value) {
        return value < 0 || value > Integer.MAX_VALUE ? 0 : (int) value;
    }
}
