package io.flarepath.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

class EdgeRecordTest {
    @Test
    void placesAreThoseOfTheHeader() {
        assumeTrue(NativeLibrary.present());
        NativeLibrary.load();
        assertThat(EdgeRecord.layout()).isEqualTo(EdgeNatives.layout());
    }

    @Test
    void theMiddleOfABucketIsWithinThreePercentOfItsValues() {
        for (long value = 16; value < 1L << 45; value = value * 9 / 8 + 1) {
            int exponent = 63 - Long.numberOfLeadingZeros(value);
            int code = (exponent << 4) | (int) ((value >> (exponent - 4)) & 15);
            assertThat(EdgeRecord.middle(code)).isCloseTo((double) value, within(value * 0.033));
        }
    }
}
