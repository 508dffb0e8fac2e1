package io.flarepath.symbolizer.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.symbolizer.Programs;
import io.flarepath.symbolizer.binary.ExecutableCache;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MappedFileTest {
    @TempDir Path directory;

    @Test
    @Tag("kernel") // map_files needs CAP_CHECKPOINT_RESTORE
    void aDeletedProgramIsStillNamed() throws IOException {
        Path program = Programs.c(directory, "shortlived", "-pie");
        Process child = new ProcessBuilder(program.toString(), "wait").start();
        try (BufferedReader output = child.inputReader()) {
            assertThat(output.readLine()).isEqualTo("ready");
            Files.delete(program);
            Files.writeString(program, "something else stands here now");
            int pid = Math.toIntExact(child.pid());
            MemoryMapping text =
                    ProcessMaps.read(pid).mappings().stream()
                            .filter(m -> m.fileName().equals("shortlived"))
                            .findFirst()
                            .orElseThrow();
            MappedFile file = MappedFile.find(pid, text);
            assertThat(file.fileName()).isEqualTo("shortlived");
            ExecutableCache cache = new ExecutableCache(4, 1 << 20);
            var outcome = cache.get(file.key(), file.fileName(), file::open);
            assertThat(outcome).isInstanceOf(ExecutableCache.Loaded.class);
            var executable = ((ExecutableCache.Loaded) outcome).executable();
            assertThat(executable.virtualAddress(text.fileOffset())).hasValue(text.fileOffset());
            assertThat(executable.symbolCount()).isGreaterThan(5);
        } finally {
            child.destroyForcibly();
        }
    }

    @Test
    void aReplacedFileIsNotTakenForTheMappedOne() throws IOException {
        Path other = Files.writeString(directory.resolve("lib.so"), "x");
        int pid = Math.toIntExact(ProcessHandle.current().pid());
        MemoryMapping mapping = new MemoryMapping(4096, 8192, 0, true, 1, 1, other.toString());
        assertThatThrownBy(() -> MappedFile.find(pid, mapping))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("was replaced since it was mapped: inode 1 is mapped");
    }

    @Test
    void specialMappingsHaveNoFile() {
        MemoryMapping vdso = new MemoryMapping(4096, 8192, 0, true, 0, 0, "[vdso]");
        assertThatThrownBy(() -> MappedFile.find(1, vdso)).hasMessageContaining("[vdso]");
    }
}
