package io.flarepath.symbolizer.binary.pclntab;

import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.Window;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The table of functions of a Go program: where each starts and ends, and where its record stands.
 * Source: {@code functab} and {@code _func} in {@code runtime/symtab.go} and {@code runtime2.go} of
 * Go 1.16 to 1.26. The fields of a record behind its entry have 4 bytes each, down to the flags:
 *
 * <pre>
 *    0 name   4 arguments   8 deferreturn   12 pcsp   16 pcfile   20 pcln   24 tables by counter
 *   28 unit  32 start line, from Go 1.20 on       then 4 bytes: id, flags, unused, number of data
 * </pre>
 */
final class GoFunctions {
    private static final String ENTRY_FUNCTION = "_rt0_amd64_linux";

    private final ElfFile elf;
    private final GoHeader header;
    private final GoModule module;
    private final Window table;
    private final Window fields;
    private final GoTexts texts;
    private final long textStart;

    private GoFunctions(ElfFile elf, GoHeader header) throws IOException {
        this.elf = elf;
        this.header = header;
        this.table = new Window(elf.window().source());
        this.fields = new Window(elf.window().source(), 4096);
        this.texts = new GoTexts(fields);
        if (header.magic() == GoHeader.GO_1_16) {
            module = new GoModule(0, 0);
            textStart = 0;
        } else {
            module = GoModule.find(elf, header);
            textStart = module.textStart() >= 0 ? module.textStart() : textStartByEntry();
        }
    }

    /** The table of a file; null if it is no Go program. */
    static @Nullable GoFunctions find(ElfFile elf) throws IOException {
        GoHeader header = GoHeader.find(elf);
        return header == null ? null : new GoFunctions(elf, header);
    }

    GoHeader header() {
        return header;
    }

    /** Address from which offsets of data of functions count; -1 if it is not known. */
    long functionData() {
        return module.functionData();
    }

    /** Whether it is known where the code starts: else no function has an address. */
    boolean hasStart() {
        return textStart >= 0;
    }

    int count() {
        return header.functions();
    }

    /** The address of a function; the table is sorted by it. */
    long start(int index) throws IOException {
        long slot = header.at(header.table()) + (long) index * entryBytes();
        return header.magic() == GoHeader.GO_1_16 ? table.i64(slot) : textStart + table.u32(slot);
    }

    /** The address behind a function: where the next one starts. */
    long end(int index, long start) throws IOException {
        return index + 1 < header.functions() ? start(index + 1) : endOfLast(index, start);
    }

    /** Whether a function has code that can be spoken of. */
    static boolean isRange(long start, long end) {
        return start >= 0 && end > start && end - start <= Integer.MAX_VALUE;
    }

    /** Position in the file of the fields of a function's record. */
    long fields(int index) throws IOException {
        return recordAt(index) + (header.magic() == GoHeader.GO_1_16 ? 8 : 4);
    }

    /** Position of the four bytes of id and flags, for a record with these fields. */
    long flags(long fields) {
        return fields + (hasStartLine() ? 36 : 32);
    }

    boolean hasStartLine() {
        return header.magic() == GoHeader.GO_1_20;
    }

    /** The name in a record with these fields. */
    String name(long fieldsOfRecord) throws IOException {
        return texts.string(header.at(header.names() + fields.u32(fieldsOfRecord)));
    }

    /** Reads fields of records. */
    Window window() {
        return fields;
    }

    /** Where neither header nor module say it: by the function at which the program starts. */
    private long textStartByEntry() throws IOException {
        long entry = elf.window().i64(24);
        for (int i = 0; i < header.functions(); i++) {
            long record = recordAt(i);
            if (name(record + 4).equals(ENTRY_FUNCTION)) {
                return entry - table.u32(record);
            }
        }
        return elf.section(".text").map(ElfFile.Section::address).orElse(-1L);
    }

    private long endOfLast(int index, long start) throws IOException {
        long slot = header.at(header.table()) + (index + 1L) * entryBytes();
        if (!table.contains(slot, 8)) {
            return elf.codeEnd(start);
        }
        long end =
                header.magic() == GoHeader.GO_1_16 ? table.i64(slot) : textStart + table.u32(slot);
        return Math.min(end, elf.codeEnd(start));
    }

    private int entryBytes() {
        return header.magic() == GoHeader.GO_1_16 ? 16 : 8;
    }

    private long recordAt(int index) throws IOException {
        long slot = header.at(header.table()) + (long) index * entryBytes();
        boolean old = header.magic() == GoHeader.GO_1_16;
        return header.at(header.table() + (old ? table.i64(slot + 8) : table.u32(slot + 4)));
    }
}
