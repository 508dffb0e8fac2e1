package io.flarepath.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

class MessageLayoutTest {
    @Test
    void theReaderAndTheProgramsHaveOneLayout() {
        assumeTrue(NativeLibrary.present(), "the jar was built with -Dnative.skip=true");
        NativeLibrary.load();
        assertThat(MessageReader.layout()).containsExactly(RequestNatives.layout());
    }
}
