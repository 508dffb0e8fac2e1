package io.flarepath.symbolizer.binary.dwarf;

import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.SectionBytes;
import io.flarepath.symbolizer.binary.SymbolTable;
import io.flarepath.symbolizer.binary.symbolfile.CodeBlock;
import io.flarepath.symbolizer.binary.symbolfile.CodeSink;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the debug information of a file, unit after unit: functions, what was inlined into them,
 * files and lines. Memory is bounded by the largest unit; a damaged unit is left out and counted.
 */
public final class DwarfReader {
    private static final int MAX_LOOSE_ROWS = 4_000_000;

    private final SplitSource splits;
    private final UnitReader units;
    private final LineRows loose = new LineRows();
    private final InlineTree none = new InlineTree();
    private @Nullable SplitPackage splitPackage;
    private int damaged;
    private int incomplete;
    private int read;

    /**
     * @param elf the file, or the one that it was stripped of
     * @param symbols its symbols, which name what its entries name badly
     * @param sink takes what is found
     * @param priority of the blocks
     */
    public DwarfReader(
            ElfFile elf, SymbolTable symbols, SplitSource splits, CodeSink sink, int priority) {
        this.splits = splits;
        this.units = new UnitReader(elf, symbols, sink, priority);
    }

    /**
     * Reads all units.
     *
     * @param sections of the file
     * @param supplementary sections of the file into which dwz moved what several have in common
     * @return whether there was debug information
     */
    public boolean read(SectionBytes sections, @Nullable SectionBytes supplementary)
            throws IOException {
        DwarfFile file = DwarfFile.open(sections, false);
        if (file == null) {
            return false;
        }
        if (supplementary != null) {
            DwarfFile shared = DwarfFile.open(supplementary, false);
            if (shared != null) {
                file.supplementary(shared);
            }
        }
        SectionBytes packed = splits.packageFile();
        splitPackage = packed == null ? null : SplitPackage.open(packed);
        for (int i = 0; i < file.unitCount(); i++) {
            if (Thread.currentThread().isInterrupted()) {
                throw new IOException("told to stop while debug information was read");
            }
            try {
                readUnit(file.unit(i));
            } catch (MalformedBinaryException e) {
                damaged++;
            }
        }
        loose.finish();
        return true;
    }

    private void readUnit(Unit unit) throws IOException {
        // Go's own tables say more than its debug information.
        if (unit.isType() || unit.language() == Dwarf.LANG_GO) {
            return;
        }
        read++;
        if (unit.hasDwoId() && !unit.dwoName().isEmpty()) {
            readSplit(unit);
        } else {
            units.read(unit, null);
        }
        units.addLoose(loose, MAX_LOOSE_ROWS);
    }

    private void readSplit(Unit unit) throws IOException {
        SplitPackage known = splitPackage;
        DwarfFile packed = known == null ? null : known.find(unit.dwoId());
        if (packed != null) {
            readRest(unit, packed);
            return;
        }
        try (SectionBytes sections = splits.file(unit.dwoName(), unit.compDir())) {
            DwarfFile file = sections == null ? null : DwarfFile.open(sections, true);
            if (file != null) {
                readRest(unit, file);
                return;
            }
        }
        incomplete++;
        units.read(unit, null);
    }

    private void readRest(Unit unit, DwarfFile file) throws IOException {
        for (int i = 0; i < file.unitCount(); i++) {
            Unit rest = file.unit(i);
            if (!rest.isType() && rest.dwoId() == unit.dwoId()) {
                rest.completes(unit);
                units.read(unit, rest);
                return;
            }
        }
        incomplete++;
        units.read(unit, null);
    }

    /** Adds lines to a block of a function that only symbols know: of assembler, or a thunk. */
    public void fillFromLines(CodeBlock block, long start, long end) {
        none.clear();
        none.fill(block, start, end, loose);
    }

    /** Units that were read. */
    public int units() {
        return read;
    }

    /** Units that were left out, since they are damaged or of a version that is not read. */
    public int damaged() {
        return damaged;
    }

    /** Units whose split file is not there, or another build's. */
    public int incomplete() {
        return incomplete;
    }
}
