package io.flarepath.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExecutableMappingsTest {
    private final ExecutableMappings mappings = new ExecutableMappings();
    private final List<String> found = new ArrayList<>();

    private boolean keep(
            long start, long end, long fileOffset, long device, long inode, String path) {
        found.add(
                String.format(
                        "%08x-%08x %08x %02x:%02x %d %s",
                        start, end, fileOffset, device >>> 32, (int) device, inode, path));
        return true;
    }

    @Test
    void theyAreThoseThatTheKernelPrints() throws IOException {
        int own = (int) ProcessHandle.current().pid();
        assumeTrue(mappings.read(own, this::keep), "this kernel has no PROCMAP_QUERY");
        List<String> printed =
                Files.readAllLines(Path.of("/proc/self/maps")).stream()
                        .filter(line -> line.contains("/") && line.contains("r-xp"))
                        .map(line -> {
                            String[] f = line.split(" +", 6);
                            return String.join(" ", f[0], f[2], f[3], f[4], f[5]);
                        })
                        .toList();
        assertThat(printed).hasSizeGreaterThan(3);
        assertThat(found).containsAll(printed);
        assertThat(found).anyMatch(line -> line.endsWith(" [vdso]"));
    }

    @Test
    void aProcessThatIsGoneIsSaidToBe() {
        assumeTrue(NativeLibrary.present(), "the jar was built with -Dnative.skip=true");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> mappings.read(Integer.MAX_VALUE, this::keep))
                .withMessageContaining("2147483647");
    }
}
