package io.flarepath.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

class UnwindLayoutTest {
    @Test
    void constantsAreThoseOfTheNativeLibrary() {
        assumeTrue(NativeLibrary.present(), "the jar was built with -Dnative.skip=true");
        NativeLibrary.load();
        assertThat(UnwindMaps.layout()).containsExactly(SamplerNatives.unwindLayout());
    }
}
