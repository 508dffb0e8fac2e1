package io.flarepath.symbolizer.binary.pclntab;

import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.ElfFile.Section;
import io.flarepath.symbolizer.binary.ElfFile.Segment;
import io.flarepath.symbolizer.binary.Window;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Where the code of a Go module starts, and where the data of its functions does. Source: {@code
 * moduledata} in {@code runtime/symtab.go}: its first word is the address of the table of
 * functions, word 22 that of the code, word 38 (Go 1.18 and 1.19) or 40 that of the functions'
 * data. In a position-independent program these words may stand in relocations only.
 *
 * @param textStart address of the code, or -1 if it is not known
 * @param functionData address from which offsets of data of functions count, or -1
 */
record GoModule(long textStart, long functionData) {
    private static final int TEXT_WORD = 22;
    private static final int WORDS = 41;
    private static final int RELOCATION_BYTES = 24;
    private static final int R_X86_64_RELATIVE = 8;
    private static final int MAX_RELOCATIONS = 16_000_000;

    static GoModule find(ElfFile elf, GoHeader header) throws IOException {
        int dataWord = header.magic() == GoHeader.GO_1_18 ? 38 : 40;
        GoModule inData = inData(elf, header, dataWord);
        GoModule found = inData != null ? inData : inRelocations(elf, header, dataWord);
        long text = found.textStart;
        if (header.textStart() != 0 && elf.codeEnd(header.textStart()) != 0) {
            text = header.textStart();
        }
        return new GoModule(text, found.functionData);
    }

    private static @Nullable GoModule inData(ElfFile elf, GoHeader header, int dataWord)
            throws IOException {
        for (Segment s : elf.segments()) {
            if (s.type() != ElfFile.PT_LOAD || !s.writable()) {
                continue;
            }
            Window window =
                    new Window(ByteSource.slice(elf.window().source(), s.offset(), s.fileBytes()));
            long last = window.size() - WORDS * 8L;
            for (long at = 0; at <= last; at += 8) {
                if (window.i64(at) != header.address()
                        || window.i64(at + 8) != header.address() + header.names()) {
                    continue;
                }
                long text = window.i64(at + TEXT_WORD * 8L);
                if (elf.codeEnd(text) != 0) {
                    return new GoModule(text, window.i64(at + dataWord * 8L));
                }
            }
        }
        return null;
    }

    private static GoModule inRelocations(ElfFile elf, GoHeader header, int dataWord)
            throws IOException {
        Optional<Section> section = elf.section(".rela.dyn").or(() -> elf.section(".rela"));
        if (section.isEmpty() || section.get().type() == ElfFile.SHT_NOBITS) {
            return new GoModule(-1, -1);
        }
        Window window =
                new Window(
                        ByteSource.slice(
                                elf.window().source(),
                                section.get().offset(),
                                section.get().bytes()));
        long count = Math.min(MAX_RELOCATIONS, window.size() / RELOCATION_BYTES);
        OptionalLong module = OptionalLong.empty();
        long candidate = -1;
        for (long i = 0; i < count && module.isEmpty(); i++) {
            long at = i * RELOCATION_BYTES;
            if (window.i64(at + 8) != R_X86_64_RELATIVE) {
                continue;
            }
            long addend = window.i64(at + 16);
            if (addend == header.address()) {
                candidate = window.i64(at);
            } else if (addend == header.address() + header.names()
                    && window.i64(at) == candidate + 8) {
                module = OptionalLong.of(candidate);
            }
        }
        if (module.isEmpty()) {
            return new GoModule(-1, -1);
        }
        long text = -1;
        long data = -1;
        for (long i = 0; i < count; i++) {
            long at = i * RELOCATION_BYTES;
            long target = window.i64(at) - module.getAsLong();
            if (target == TEXT_WORD * 8L) {
                text = window.i64(at + 16);
            } else if (target == dataWord * 8L) {
                data = window.i64(at + 16);
            }
        }
        return new GoModule(elf.codeEnd(text) != 0 ? text : -1, data);
    }
}
