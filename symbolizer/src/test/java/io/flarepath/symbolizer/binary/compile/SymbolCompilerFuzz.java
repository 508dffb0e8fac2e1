package io.flarepath.symbolizer.binary.compile;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.debugfile.DebugFiles;
import io.flarepath.symbolizer.binary.symbolfile.SymbolFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** Any sections of an ELF file are compiled within bounds, or refused. */
@Tag("fuzz")
final class SymbolCompilerFuzz {
    private static final int HEADER = 64;
    private static final int SEGMENT = 56;
    private static final int SECTION = 64;
    private static final long CODE = 0x1000;
    private static final SymbolCompiler.Limits LIMITS = new SymbolCompiler.Limits(1 << 22, 1 << 20);

    private static final String[] DWARF = {
        ".debug_info",
        ".debug_abbrev",
        ".debug_line",
        ".debug_str",
        ".debug_line_str",
        ".debug_ranges",
        ".debug_rnglists",
        ".debug_addr",
        ".debug_str_offsets"
    };

    /** The bytes are cut into the sections, each piece after its length in two bytes. */
    @FuzzTest
    void anyDebugInformationIsCompiledOrRefused(byte[] bytes) throws IOException {
        compile(DWARF, bytes);
    }

    @FuzzTest
    void anyTableOfGoIsCompiledOrRefused(byte[] bytes) throws IOException {
        compile(new String[] {".gopclntab", ".go.buildinfo"}, bytes);
    }

    @FuzzTest
    void anyPackedSymbolsAndLinksAreCompiledOrRefused(byte[] bytes) throws IOException {
        compile(
                new String[] {".gnu_debugdata", ".gnu_debuglink", ".gnu_debugaltlink", ".symtab"},
                bytes);
    }

    private static void compile(String[] names, byte[] bytes) throws IOException {
        Path directory = Files.createTempDirectory("fuzz");
        Path target = directory.resolve("symbols");
        DebugFiles files = new DebugFiles(List.of(directory), "/program");
        try {
            byte[] image = elf(names, bytes);
            new SymbolCompiler(files, directory, LIMITS).compile(ByteSource.of(image), target);
            SymbolFile symbols = SymbolFile.open(target);
            for (int i = 0; i < Math.min(64, symbols.segments()); i++) {
                symbols.find(symbols.segmentStart(i));
            }
        } catch (MalformedBinaryException e) {
            // the answer to a damaged file
        } finally {
            try (var left = Files.list(directory)) {
                for (Path path : left.toList()) {
                    Files.delete(path);
                }
            }
            Files.delete(directory);
        }
    }

    /** An ELF file with one segment of code, and sections of these names. */
    private static byte[] elf(String[] names, byte[] bytes) {
        int sections = names.length + 2;
        int dataAt = HEADER + SEGMENT + SECTION * sections;
        StringBuilder strings = new StringBuilder("\0");
        int[] nameOffsets = new int[names.length];
        for (int i = 0; i < names.length; i++) {
            nameOffsets[i] = strings.length();
            strings.append(names[i]).append('\0');
        }
        byte[] stringBytes = strings.toString().getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer elf =
                ByteBuffer.allocate(dataAt + stringBytes.length + bytes.length)
                        .order(ByteOrder.LITTLE_ENDIAN);
        elf.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1);
        elf.putLong(32, HEADER).putLong(40, HEADER + SEGMENT);
        elf.putShort(54, (short) SEGMENT).putShort(56, (short) 1).putShort(58, (short) SECTION);
        elf.putShort(60, (short) sections).putShort(62, (short) (sections - 1));
        elf.putInt(HEADER, 1).putInt(HEADER + 4, 5);
        elf.putLong(HEADER + 16, CODE).putLong(HEADER + 32, elf.capacity());
        elf.putLong(HEADER + 40, 1 << 20);
        int at = 0;
        for (int i = 0; i < names.length; i++) {
            int left = bytes.length - at;
            int length = left < 2 ? 0 : (bytes[at] & 0xff) | (bytes[at + 1] & 0xff) << 8;
            int start = Math.min(bytes.length, at + 2);
            length = i == names.length - 1 ? left : Math.min(length, bytes.length - start);
            length = Math.max(0, Math.min(length, bytes.length - start));
            int header = HEADER + SEGMENT + SECTION * (i + 1);
            elf.putInt(header, nameOffsets[i]).putInt(header + 4, 1);
            elf.putLong(header + 16, CODE + dataAt + stringBytes.length + start);
            elf.putLong(header + 24, dataAt + stringBytes.length + start);
            elf.putLong(header + 32, length);
            at = start + length;
        }
        int header = HEADER + SEGMENT + SECTION * (sections - 1);
        elf.putInt(header + 4, 3).putLong(header + 24, dataAt);
        elf.putLong(header + 32, stringBytes.length);
        elf.put(dataAt, stringBytes).put(dataAt + stringBytes.length, bytes);
        return elf.array();
    }
}
