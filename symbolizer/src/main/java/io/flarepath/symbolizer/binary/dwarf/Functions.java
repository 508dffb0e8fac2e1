package io.flarepath.symbolizer.binary.dwarf;

import io.flarepath.symbolizer.FrameKind;
import io.flarepath.symbolizer.binary.Cursor;
import io.flarepath.symbolizer.binary.symbolfile.CodeSink;
import java.io.IOException;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Names functions: an entry has its name itself, or refers to one that has it, in the same unit, in
 * another one, or in a supplementary file.
 */
final class Functions {
    /** References followed; three are usual: inlined call, abstract function, declaration. */
    private static final int MAX_STEPS = 16;

    /** A function without a name has this number. */
    static final int UNNAMED = -1;

    private static final int UNNAMED_KEPT = 0;

    private final CodeSink sink;

    /** Numbers of the functions that have a mangled name, or need none. */
    private final BitSet linkable = new BitSet();

    Functions(CodeSink sink) {
        this.sink = sink;
    }

    /** The sink's number of the function that an entry describes; {@link #UNNAMED} if none. */
    int of(Unit unit, Entry entry) throws IOException {
        if (entry.linkageNameForm == 0 && entry.declLine == 0 && entry.originForm != 0) {
            DwarfFile file = unit.file.fileOf(entry.originForm);
            long target = target(unit, file, entry);
            if (file != null && target >= 0) {
                // An out-of-line copy says nothing that its origin does not.
                int number = at(file, target);
                if (number != UNNAMED) {
                    return number;
                }
            }
        }
        return make(unit, entry, 0);
    }

    /** The same function by another name, which a symbol has for this copy of it. */
    int renamed(Unit unit, Entry entry, int name) throws IOException {
        return make(unit, entry, name);
    }

    /** Whether entries have the mangled name of a function. */
    boolean isLinkable(int number) {
        return linkable.get(number);
    }

    private int at(DwarfFile file, long offset) throws IOException {
        int known = file.functions.get(offset);
        if (known >= 0) {
            return known - 1;
        }
        Entry entry = entryAt(file, offset);
        int number = entry == null ? UNNAMED : make(file.unitAt(offset), entry, 0);
        file.functions.put(offset, number == UNNAMED ? UNNAMED_KEPT : number + 1);
        return number;
    }

    private int make(Unit unit, Entry first, int better) throws IOException {
        int name = better;
        int file = 0;
        int line = first.declLine;
        boolean linkage = false;
        Unit at = unit;
        Entry entry = first;
        for (int step = 0; step < MAX_STEPS; step++) {
            if (better == 0 && entry.linkageNameForm != 0) {
                name = text(at, entry.linkageNameForm, entry.linkageName);
                linkage = name != 0;
            } else if (name == 0 && entry.nameForm != 0) {
                name = text(at, entry.nameForm, entry.name);
            }
            if (file == 0 && entry.declFile >= 0) {
                LineHeader header = at.lineHeader();
                file = header == null ? 0 : header.number(entry.declFile, sink);
            }
            line = line == 0 ? entry.declLine : line;
            if (linkage || entry.originForm == 0) {
                break;
            }
            DwarfFile holder = at.file.fileOf(entry.originForm);
            long target = target(at, holder, entry);
            Entry next = holder == null || target < 0 ? null : entryAt(holder, target);
            if (holder == null || next == null) {
                break;
            }
            at = holder.unitAt(target);
            entry = next;
        }
        FrameKind kind = kind(at.language() != 0 ? at.language() : unit.language());
        if (name == 0) {
            return UNNAMED;
        }
        int number = sink.function(name, file, line, kind);
        linkable.set(number, linkage || better != 0);
        return number;
    }

    private static FrameKind kind(int language) {
        return switch (language) {
            case Dwarf.LANG_RUST -> FrameKind.RUST;
            case Dwarf.LANG_GO -> FrameKind.GO;
            default -> FrameKind.NATIVE;
        };
    }

    private int text(Unit unit, int form, long value) throws IOException {
        return unit.file.textNumber(unit, form, value, sink::string);
    }

    private static long target(Unit unit, @Nullable DwarfFile file, Entry entry) {
        return file == unit.file ? unit.target(entry.originForm, entry.origin) : entry.origin;
    }

    private static @Nullable Entry entryAt(DwarfFile file, long offset) throws IOException {
        Unit unit = file.unitAt(offset);
        if (offset < unit.firstEntry) {
            return null;
        }
        Cursor cursor = new Cursor(file.jumps, offset);
        long code = cursor.uleb();
        if (code == 0) {
            return null;
        }
        Entry entry = new Entry();
        entry.read(cursor, unit, unit.abbrevs.row(code));
        return entry;
    }
}
