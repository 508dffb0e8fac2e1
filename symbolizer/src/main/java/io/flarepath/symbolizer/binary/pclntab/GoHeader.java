package io.flarepath.symbolizer.binary.pclntab;

import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.ElfFile;
import io.flarepath.symbolizer.binary.ElfFile.Section;
import io.flarepath.symbolizer.binary.ElfFile.Segment;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.Window;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where Go's table of functions and lines lies and how its parts do. Source: {@code pcHeader} in
 * {@code runtime/symtab.go} of Go 1.16 to 1.26. The magic number says the layout:
 *
 * <ul>
 *   <li>{@code fffffffa}, Go 1.16 and 1.17: function table of addresses
 *   <li>{@code fffffff0}, Go 1.18 and 1.19: of offsets from the start of the code
 *   <li>{@code fffffff1}, from Go 1.20 on: inlined calls have names and start lines; from 1.26 on
 *       the header does not say any more where the code starts
 * </ul>
 *
 * @param offset where it starts in the file
 * @param address where it is loaded, relative to the load bias
 * @param size bytes up to the end of its section or segment
 * @param magic as above
 * @param quantum bytes of the shortest instruction
 * @param functions number of them
 * @param textStart start of the code; 0 where the header does not say it
 * @param names offset of the names, as are the following, from the start of the table
 * @param units of the files of each package
 * @param files of the names of files
 * @param values of the tables by program counter
 * @param table of the functions
 */
record GoHeader(
        long offset,
        long address,
        long size,
        int magic,
        int quantum,
        int functions,
        long textStart,
        long names,
        long units,
        long files,
        long values,
        long table) {

    static final int GO_1_16 = 0xfffffffa;
    static final int GO_1_18 = 0xfffffff0;
    static final int GO_1_20 = 0xfffffff1;

    private static final int MAX_FUNCTIONS = 4_000_000;
    private static final int SMALLEST = 8 + 8 * 8;

    /** Finds the table: by its section, or else by what its header must look like. */
    static @Nullable GoHeader find(ElfFile elf) throws IOException {
        for (String name : new String[] {".gopclntab", ".data.rel.ro.gopclntab"}) {
            Optional<Section> section = elf.section(name);
            if (section.isPresent() && section.get().type() != ElfFile.SHT_NOBITS) {
                Section s = section.get();
                return read(elf, s.offset(), s.address(), s.bytes());
            }
        }
        return scan(elf);
    }

    private static @Nullable GoHeader scan(ElfFile elf) throws IOException {
        for (Segment s : elf.segments()) {
            if (s.type() != ElfFile.PT_LOAD || s.fileBytes() < SMALLEST) {
                continue;
            }
            // The linker aligns the table to 32 bytes.
            ByteSource part = ByteSource.slice(elf.window().source(), s.offset(), s.fileBytes());
            Window window = new Window(part);
            long last = window.size() - SMALLEST;
            for (long at = 0; at <= last; at += 8) {
                int magic = window.i32(at);
                if ((magic == GO_1_16 || magic == GO_1_18 || magic == GO_1_20)
                        && window.u16(at + 4) == 0) {
                    GoHeader found =
                            read(elf, s.offset() + at, s.address() + at, s.fileBytes() - at);
                    if (found != null) {
                        return found;
                    }
                }
            }
        }
        return null;
    }

    private static @Nullable GoHeader read(ElfFile elf, long offset, long address, long bytes)
            throws IOException {
        Window window = elf.window();
        if (!window.contains(offset, SMALLEST) || bytes < SMALLEST) {
            return null;
        }
        int magic = window.i32(offset);
        int quantum = window.u8(offset + 6);
        boolean known = magic == GO_1_16 || magic == GO_1_18 || magic == GO_1_20;
        boolean plain = window.u16(offset + 4) == 0 && window.u8(offset + 7) == 8;
        if (!known || !plain || (quantum != 1 && quantum != 2 && quantum != 4)) {
            return null;
        }
        long functions = window.i64(offset + 8);
        int fields = magic == GO_1_16 ? 24 : 32;
        long textStart = magic == GO_1_16 ? 0 : window.i64(offset + 24);
        long size = Math.min(bytes, window.size() - offset);
        long[] parts = new long[5];
        long before = fields;
        for (int i = 0; i < parts.length; i++) {
            parts[i] = window.i64(offset + fields + 8L * i);
            if (parts[i] < before || parts[i] > size) {
                return null;
            }
            before = parts[i];
        }
        long entryBytes = magic == GO_1_16 ? 16 : 8;
        if (functions <= 0
                || functions > MAX_FUNCTIONS
                || functions * entryBytes > size - parts[4]) {
            return null;
        }
        return new GoHeader(
                offset,
                address,
                size,
                magic,
                quantum,
                (int) functions,
                textStart,
                parts[0],
                parts[1],
                parts[2],
                parts[3],
                parts[4]);
    }

    /** The position in the file of a part of the table. */
    long at(long part) throws MalformedBinaryException {
        if (part < 0 || part >= size) {
            throw new MalformedBinaryException(
                    "an offset of " + part + " leaves Go's table of " + size + " bytes");
        }
        return offset + part;
    }
}
