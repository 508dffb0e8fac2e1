package io.flarepath.symbolizer.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.symbolizer.Frame;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KernelSymbolTableTest {
    private static final String KALLSYMS =
            """
            ffffffff81000000 T _stext
            ffffffff81000000 T startup_64
            ffffffff81000100 t __pfx_do_work
            ffffffff81000110 t __do_work
            ffffffff81000110 T do_work
            ffffffff81000200 D some_data
            ffffffff81000300 W weak_one
            ffffffff81001000 T _etext
            ffffffffc0201000 t helper\t[nf_tables]
            ffffffffc0300000 t bpf_prog_6deef7357e7b4530_count\t[bpf]
            ffffffffc0310000 t bpf_trampoline_42\t[bpf]
            broken line
            """;

    @TempDir Path directory;

    private KernelSymbols load(String kallsyms, String modules) throws IOException {
        return KernelSymbols.load(
                Files.writeString(directory.resolve("kallsyms"), kallsyms),
                Files.writeString(directory.resolve("modules"), modules));
    }

    @Test
    void functionsAreFoundByAnyOfTheirAddresses() throws IOException {
        KernelSymbols kernel = load(KALLSYMS, "");
        assertThat(kernel.frame(0xffffffff81000000L).function()).isEqualTo("startup_64");
        assertThat(kernel.frame(0xffffffff81000150L).function()).isEqualTo("do_work");
        assertThat(kernel.frame(0xffffffff81000350L).mapping()).isEqualTo("[kernel]");
        Frame module = kernel.frame(0xffffffffc0201010L);
        assertThat(module.function()).isEqualTo("helper");
        assertThat(module.mapping()).isEqualTo("[nf_tables]");
        assertThat(kernel.frame(0xffffffffc0300001L).function())
                .isEqualTo("bpf_prog_6deef7357e7b4530_count");
        assertThat(kernel.frame(0xffffffffc0310010L).function()).isEqualTo("bpf_trampoline_42");
    }

    @Test
    void whatLiesBehindTheTextHasNoName() throws IOException {
        KernelSymbols kernel = load(KALLSYMS, "");
        Frame frame = kernel.frame(0xffffffff81001010L);
        assertThat(frame.function()).isEqualTo("[kernel]+0xffffffff81001010");
        assertThat(frame.address()).isEqualTo(0xffffffff81001010L);
        assertThat(kernel.knows(0x1000)).isFalse();
    }

    @Test
    void hiddenAddressesAreReportedWithTheCure() throws IOException {
        KernelSymbols kernel = load("0000000000000000 T _text\n0000000000000000 t a\n", "");
        assertThat(kernel.problem()).get().asString().contains("kptr_restrict", "CAP_SYSLOG");
        assertThat(kernel.frame(0xffffffff81000150L).function())
                .isEqualTo("[kernel]+0xffffffff81000150");
    }

    @Test
    void aNewModuleIsNoticed() throws IOException {
        KernelSymbols kernel = load(KALLSYMS, "nf_tables 1 0 - Live\n");
        assertThat(kernel.refreshIfModulesChanged()).isFalse();
        Files.writeString(directory.resolve("modules"), "nf_tables 1 0\nveth 1 0 - Live\n");
        Files.writeString(directory.resolve("kallsyms"), "ffffffffc0400000 t veth_xmit\t[veth]\n");
        assertThat(kernel.refreshIfModulesChanged()).isTrue();
        assertThat(kernel.frame(0xffffffffc0400001L).mapping()).isEqualTo("[veth]");
    }
}
