package io.flarepath.symbolizer.binary;

import io.flarepath.symbolizer.binary.ElfFile.Section;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/** Variables that a library exports by its dynamic symbol table. */
public final class DataSymbols {
    private static final int MAX_SYMBOLS = 1_000_000;
    private static final int MAX_FOUND = 65_536;
    private static final int MAX_NAME = 256;
    private static final int ENTRY_BYTES = 24;
    private static final int STT_OBJECT = 1;
    private static final int SHN_UNDEF = 0;

    private DataSymbols() {}

    /**
     * The ELF virtual addresses of the variables whose name begins so, by name.
     *
     * @throws MalformedBinaryException if the symbol table lies outside the file
     */
    public static Map<String, Long> startingWith(ElfFile file, String prefix) throws IOException {
        for (Section table : file.sections) {
            if (table.type() == ElfFile.SHT_DYNSYM
                    && table.link() > 0
                    && table.link() < file.sections.size()) {
                Section strings = file.sections.get(table.link());
                return read(
                        file,
                        table.offset(),
                        table.bytes() / ENTRY_BYTES,
                        strings.offset(),
                        strings.bytes(),
                        prefix);
            }
        }
        OptionalLong symbols = offset(file, DynamicSection.DT_SYMTAB);
        OptionalLong strings = offset(file, DynamicSection.DT_STRTAB);
        OptionalLong bytes = DynamicSection.value(file, DynamicSection.DT_STRSZ);
        if (symbols.isEmpty() || strings.isEmpty() || bytes.isEmpty()) {
            return Map.of();
        }
        long count = DynamicSection.symbolCount(file, MAX_SYMBOLS);
        return read(
                file, symbols.getAsLong(), count, strings.getAsLong(), bytes.getAsLong(), prefix);
    }

    private static OptionalLong offset(ElfFile file, long tag) throws IOException {
        OptionalLong address = DynamicSection.value(file, tag);
        return address.isPresent() ? file.fileOffset(address.getAsLong()) : OptionalLong.empty();
    }

    private static Map<String, Long> read(
            ElfFile file, long table, long count, long stringTable, long stringBytes, String prefix)
            throws IOException {
        // Entries and names lie far apart: a window of its own for the names.
        Window names = new Window(file.window.source(), 4096);
        Map<String, Long> found = new HashMap<>();
        for (long i = 1; i < Math.min(count, MAX_SYMBOLS) && found.size() < MAX_FOUND; i++) {
            long at = table + i * ENTRY_BYTES;
            long name = file.window.u32(at);
            if ((file.window.u8(at + 4) & 15) != STT_OBJECT
                    || file.window.u16(at + 6) == SHN_UNDEF
                    || name >= stringBytes) {
                continue;
            }
            ByteColumn text = new ByteColumn();
            long end = stringTable + stringBytes;
            if (names.string(stringTable + name, end, MAX_NAME, text)) {
                String symbol = new String(text.toArray(), StandardCharsets.ISO_8859_1);
                if (symbol.startsWith(prefix)) {
                    found.put(symbol, file.window.i64(at + 8));
                }
            }
        }
        return found;
    }
}
