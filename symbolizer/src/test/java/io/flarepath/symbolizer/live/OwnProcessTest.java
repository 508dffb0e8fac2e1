package io.flarepath.symbolizer.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.symbolizer.FrameKind;
import io.flarepath.symbolizer.binary.Executable;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What can be seen in the process that runs the test. */
final class OwnProcessTest {
    private static final int PID = Math.toIntExact(ProcessHandle.current().pid());

    @Test
    void everyMappedLibraryOfThisProcessOpensAndConvertsItsMappedOffset() throws IOException {
        int libraries = 0;
        for (MemoryMapping mapping : ProcessMaps.read(PID).mappings()) {
            if (!mapping.fileName().contains(".so")) {
                continue;
            }
            MappedFile file = MappedFile.find(PID, mapping);
            Executable executable = Executable.open(file.path());
            assertThat(executable.virtualAddress(mapping.fileOffset())).isPresent();
            libraries++;
        }
        assertThat(libraries).isGreaterThan(2);
    }

    @Test
    void theVdsoHasNamedFunctions() throws IOException {
        Vdso vdso = Vdso.ofThisProcess();
        assertThat(vdso.size()).isPositive();
        assertThat(vdso.frame(1L << 30).function()).isEqualTo("[vdso]+0x40000000");
    }

    @Test
    void theKernelIsNamedOrSaysWhyNot() throws IOException {
        KernelSymbols kernel = KernelSymbols.load();
        assertThat(kernel.size() > 0 || kernel.problem().isPresent()).isTrue();
        assertThat(kernel.frame(0x1234).function()).isEqualTo("[kernel]+0x1234");
        assertThat(kernel.frame(0x1234).kind()).isEqualTo(FrameKind.KERNEL);
        assertThat(kernel.refreshIfModulesChanged()).isFalse();
    }
}
