package io.flarepath.symbolizer.binary.unwind;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flarepath.symbolizer.SectionedElf;
import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.debugfile.DebugFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** Any sections of an ELF file are compiled into a table that can be read, or refused. */
@Tag("fuzz")
final class UnwindCompilerFuzz {
    /** The bytes are cut into the sections, each piece after its length in two bytes. */
    @FuzzTest
    void anyCallFramesAreCompiledOrRefused(byte[] bytes) throws IOException {
        compile(SectionedElf.of(new String[] {".plt", ".eh_frame", ".debug_frame"}, bytes));
    }

    /** The first piece is the header that the loader maps, and what it refers to. */
    @FuzzTest
    void anyMappedHeaderIsFollowedOrRefused(byte[] bytes) throws IOException {
        compile(SectionedElf.of(new String[] {".eh_frame_hdr", ".text"}, bytes));
    }

    private static void compile(byte[] image) throws IOException {
        Path directory = Files.createTempDirectory("fuzz");
        Path target = directory.resolve("table");
        DebugFiles files = new DebugFiles(List.of(directory), "/program");
        try {
            var result = new UnwindCompiler(files, directory).compile(ByteSource.of(image), target);
            UnwindTable table = UnwindTable.open(target);
            assertThat(table.rowCount()).isEqualTo(result.rows());
            long start = table.pageBase() << 16;
            for (long at = start; at < start + (1 << 17); at += 61) {
                assertThat(table.find(at)).isNotNull();
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
