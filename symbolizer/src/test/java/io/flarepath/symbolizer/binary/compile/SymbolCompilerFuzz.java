package io.flarepath.symbolizer.binary.compile;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.symbolizer.SectionedElf;
import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.debugfile.DebugFiles;
import io.flarepath.symbolizer.binary.symbolfile.SymbolFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** Any sections of an ELF file are compiled within bounds, or refused. */
@Tag("fuzz")
final class SymbolCompilerFuzz {
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
            byte[] image = SectionedElf.of(names, bytes);
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
}
