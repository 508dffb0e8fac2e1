package io.flarepath.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelVersionTest {
    @ParameterizedTest
    @CsvSource({
        "5.18.19, false",
        "5.19, true",
        "6.0.12-76060006-generic, true",
        "6.1.35, true",
        "6.1.36, false",
        "6.1.0-13-amd64, true",
        "6.2.0, true",
        "6.3.9, true",
        "6.3.10, false",
        "6.4.0-rc1, false",
        "6.18.44-fc, false"
    })
    void kernelsThatMayLockUpAreKnown(String release, boolean affected) {
        assertThat(KernelVersion.parse(release).mayLockUp()).isEqualTo(affected);
    }

    @Test
    void distributionsTellTheVersionBehindTheirRelease() {
        String debian =
                "Linux version 6.1.0-13-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian"
                        + " 12.2.0-14) 12.2.0) #1 SMP PREEMPT_DYNAMIC Debian 6.1.55-1 (2023-09-29)\n";
        assertThat(KernelVersion.of("", debian, "6.1.0-13-amd64"))
                .isEqualTo(new KernelVersion(6, 1, 55));
        assertThat(
                        KernelVersion.of(
                                "Ubuntu 6.2.0-39.40~22.04.1-generic 6.2.16\n",
                                "Linux version 6.2.0-39-generic",
                                "6.2.0-39-generic"))
                .isEqualTo(new KernelVersion(6, 2, 16));
        assertThat(KernelVersion.of("", "Linux version 6.18.44-fc", "6.18.44-fc"))
                .isEqualTo(new KernelVersion(6, 18, 44));
        assertThat(KernelVersion.running().major()).isGreaterThanOrEqualTo(5);
    }

    @Test
    void otherTextIsNoVersion() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KernelVersion.parse("Darwin"))
                .withMessageContaining("Darwin");
    }
}
