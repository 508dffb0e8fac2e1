package io.flarepath.symbolizer.binary;

import io.flarepath.symbolizer.binary.ElfFile.Section;
import java.io.IOException;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * Reads the functions of {@code .symtab} and {@code .dynsym}, or of PT_DYNAMIC where there are no
 * section headers, in windows: entries first, then the names in the order of the string table.
 */
public final class SymbolReader {
    static final int MAX_SYMBOLS = 4_000_000;
    static final int MAX_FUNCTIONS = 1_000_000;
    static final int MAX_NAME = 8192;
    static final int MAX_NAME_BYTES = 64 << 20;

    private static final int ENTRY_BYTES = 24;
    private static final int STT_NOTYPE = 0;
    private static final int STT_FUNC = 2;
    private static final int STT_GNU_IFUNC = 10;
    private static final int SHN_UNDEF = 0;
    private static final int SHN_LORESERVE = 0xff00;

    private final ElfFile file;
    private final long maxTableBytes;
    private final SymbolChoice choice = new SymbolChoice();
    private boolean passedOver;

    private SymbolReader(ElfFile file, long maxTableBytes) {
        this.file = file;
        this.maxTableBytes = maxTableBytes;
    }

    /** Functions of the file; names that break a cap are left out. */
    public static SymbolTable read(ElfFile file) throws IOException {
        return read(file, Long.MAX_VALUE).table;
    }

    /**
     * What a reader with little memory found.
     *
     * @param passedOver whether there is a table that was too long
     */
    record Found(SymbolTable table, boolean passedOver) {
        static final Found NOTHING = new Found(SymbolTable.EMPTY, false);
    }

    /**
     * Functions of the file, for a reader with little memory.
     *
     * @param maxTableBytes a symbol table that is longer than this, with its names, is passed over
     */
    static Found read(ElfFile file, long maxTableBytes) throws IOException {
        SymbolReader reader = new SymbolReader(file, maxTableBytes);
        boolean found = false;
        for (Section section : file.sections) {
            if (section.type() == ElfFile.SHT_SYMTAB || section.type() == ElfFile.SHT_DYNSYM) {
                found |= reader.readSection(section);
            }
        }
        if (!found) {
            reader.readDynamic();
        }
        return new Found(reader.choice.build(), reader.passedOver);
    }

    private boolean readSection(Section table) throws IOException {
        if (table.link() <= 0 || table.link() >= file.sections.size()) {
            return false;
        }
        Section strings = file.sections.get(table.link());
        if (strings.type() == ElfFile.SHT_NOBITS
                || !file.window.contains(table.offset(), table.bytes())
                || !file.window.contains(strings.offset(), strings.bytes())) {
            return false; // stripped into a separate debug file, or cut
        }
        if (table.bytes() + strings.bytes() > maxTableBytes) {
            passedOver = true;
            return true;
        }
        readTable(table.offset(), table.bytes() / ENTRY_BYTES, strings.offset(), strings.bytes());
        return true;
    }

    private void readDynamic() throws IOException {
        OptionalLong symbols = DynamicSection.value(file, DynamicSection.DT_SYMTAB);
        OptionalLong strings = DynamicSection.value(file, DynamicSection.DT_STRTAB);
        OptionalLong stringBytes = DynamicSection.value(file, DynamicSection.DT_STRSZ);
        if (symbols.isEmpty() || strings.isEmpty() || stringBytes.isEmpty()) {
            return;
        }
        OptionalLong symbolOffset = file.fileOffset(symbols.getAsLong());
        OptionalLong stringOffset = file.fileOffset(strings.getAsLong());
        if (symbolOffset.isEmpty() || stringOffset.isEmpty()) {
            return;
        }
        long count = DynamicSection.symbolCount(file, MAX_SYMBOLS);
        if (count * ENTRY_BYTES > maxTableBytes - stringBytes.getAsLong()) {
            passedOver = true;
            return;
        }
        readTable(
                symbolOffset.getAsLong(), count, stringOffset.getAsLong(), stringBytes.getAsLong());
    }

    private void readTable(long offset, long count, long strings, long stringBytes)
            throws IOException {
        if (count > MAX_SYMBOLS) {
            throw new MalformedBinaryException(
                    "at most " + MAX_SYMBOLS + " symbols are read, the file announces " + count);
        }
        int first = choice.size();
        for (int i = 1; i < count && choice.size() < MAX_FUNCTIONS; i++) {
            readEntry(offset + (long) i * ENTRY_BYTES, stringBytes);
        }
        readNames(first, strings, stringBytes);
    }

    private void readEntry(long at, long stringBytes) throws IOException {
        Window window = file.window;
        int info = window.u8(at + 4);
        int type = info & 15;
        int section = window.u16(at + 6);
        long name = window.u32(at);
        boolean function = type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_NOTYPE;
        if (!function || section == SHN_UNDEF || name == 0 || name >= stringBytes) {
            return;
        }
        long address = window.i64(at + 8);
        long end = file.codeEnd(address);
        if (address < 0 || end == 0) {
            return;
        }
        if (section < SHN_LORESERVE && section < file.sections.size()) {
            Section code = file.sections.get(section);
            if (!code.executable() || address < code.address()) {
                return;
            }
            end = Math.min(end, code.address() + code.bytes());
        }
        boolean typed = type != STT_NOTYPE;
        choice.add(address, window.i64(at + 16), end, name, SymbolChoice.rank(info >> 4, typed));
    }

    /** Walks the string table forwards, whatever the order of the symbols is. */
    private void readNames(int first, long strings, long stringBytes) throws IOException {
        long[] byName = new long[choice.size() - first];
        for (int i = 0; i < byName.length; i++) {
            byName[i] = (choice.nameOffset(first + i) << 32) | (first + i);
        }
        Arrays.sort(byName);
        for (long entry : byName) {
            ByteColumn names = choice.names();
            int start = names.size();
            boolean whole =
                    start < MAX_NAME_BYTES
                            && file.window.string(
                                    strings + (entry >>> 32),
                                    strings + stringBytes,
                                    MAX_NAME,
                                    names);
            if (!whole) {
                names.truncate(start);
            }
            names.add((byte) 0);
            choice.named((int) entry, start);
        }
    }
}
