package io.flarepath.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class SamplerOptionsTest {
    @Test
    void periodIsTheRoundedPartOfASecond() {
        assertThat(SamplerOptions.at(97).periodNanos()).isEqualTo(10_309_278);
        assertThat(SamplerOptions.at(19).periodNanos()).isEqualTo(52_631_579);
        assertThat(SamplerOptions.at(1).periodNanos()).isEqualTo(1_000_000_000);
    }

    @Test
    void ringHoldsEightSecondsOfAllCpusAndTheCopiesOfSomeStacks() {
        assertThat(SamplerOptions.at(97).ringBytes(2)).isEqualTo(1 << 23);
        assertThat(SamplerOptions.at(97).ringBytes(64)).isEqualTo(1 << 25);
        assertThat(SamplerOptions.at(10_000).ringBytes(4096)).isEqualTo(1 << 26);
        assertThat(SamplerOptions.at(97).withRingBytes(1 << 13).ringBytes(64)).isEqualTo(1 << 13);
    }

    @Test
    void limitsAreNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SamplerOptions.at(0))
                .withMessageContaining("1 to 10000")
                .withMessageContaining("is 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SamplerOptions.at(97).withRingBytes(5000))
                .withMessageContaining("power of two");
    }
}
