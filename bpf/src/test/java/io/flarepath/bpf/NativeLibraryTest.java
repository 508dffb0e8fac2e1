package io.flarepath.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;

class NativeLibraryTest {
    @Test
    void otherPlatformsAreRefusedByName() {
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> NativeLibrary.resource("Linux", "aarch64"))
                .withMessageContaining("linux x86_64")
                .withMessageContaining("aarch64");
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> NativeLibrary.resource("Mac OS X", "x86_64"));
        assertThat(NativeLibrary.resource("Linux", "amd64"))
                .isEqualTo("/META-INF/native/linux-x86_64/libflarepath-bpf.so");
    }
}
