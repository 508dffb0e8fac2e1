package io.flarepath.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class KernelSupportTest {
    @Test
    void everyRowSaysWhatWasFoundAndWhatItsAbsenceCosts() {
        assumeTrue(NativeLibrary.present(), "the jar was built with -Dnative.skip=true");
        List<Capability> rows = KernelSupport.probe();
        assertThat(rows)
                .hasSize(KernelFeature.values().length + 1 + LinuxCapability.values().length)
                .allSatisfy(row -> {
                    assertThat(row.name()).isNotBlank();
                    assertThat(row.detail()).isNotBlank();
                    assertThat(row.cost()).isNotBlank();
                });
    }

    @Test
    @Tag("kernel")
    void samplingNeedsArePresentWhereTheSamplerOpens() {
        KernelSupport.probe().forEach(System.out::println);
        Sampler.open(SamplerOptions.at(97)).close();
        assertThat(KernelSupport.probe())
                .filteredOn(row -> row.cost().startsWith("nothing is sampled:"))
                .allMatch(Capability::present);
    }

    @Test
    void effectiveCapabilitiesAreReadFromStatus() {
        long effective = KernelSupport.effective("Name:\tx\nCapEff:\t0000008000000004\n");
        assertThat(LinuxCapability.CAP_BPF.in(effective).present()).isTrue();
        assertThat(LinuxCapability.CAP_DAC_READ_SEARCH.in(effective).present()).isTrue();
        assertThat(LinuxCapability.CAP_PERFMON.in(effective).present()).isFalse();
    }

    @Test
    void kernelsThatLockUpAreNamed() {
        assertThat(KernelSupport.lockUp(new KernelVersion(6, 1, 35)).present()).isFalse();
        assertThat(KernelSupport.lockUp(new KernelVersion(6, 1, 36)).present()).isTrue();
    }
}
