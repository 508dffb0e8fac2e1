package io.flarepath.store.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import java.util.HexFormat;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MeasureSlotsTest {
    private static final ZstdPool ZSTD = new ZstdPool();

    /** A histogram of version 4 of the store, in slot 3. */
    private static final String GOLDEN = "f3a5010001a064330202010f030080e59a770a012704020001ac02";

    @AfterAll
    static void free() {
        ZSTD.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatIsPackedIsUnpacked(long seed) {
        Random random = new Random(seed);
        for (MetricKind kind : MetricKind.values()) {
            for (int round = 0; round < 20; round++) {
                TreeMap<Integer, Measure> slots = new TreeMap<>();
                for (int i = random.nextInt(60); i >= 0; i--) {
                    slots.put(random.nextInt(60), Measures.of(kind, random));
                }
                byte[] value = MeasureSlots.encode(slots, ZSTD);
                assertThat(MeasureSlots.decode(value, ZSTD))
                        .as("seed %d, %s", seed, kind)
                        .isEqualTo(slots);
            }
        }
    }

    @Test
    void theFormatIsTheWrittenOne() {
        assertThat(HexFormat.of().formatHex(golden())).isEqualTo(GOLDEN);
    }

    private static byte[] golden() {
        TreeMap<Integer, Measure> slots = new TreeMap<>();
        slots.put(3, Histogram.of(5, 1, -20, new long[] {2, 0, 0, 300}, Amount.of(0.25)));
        return MeasureSlots.encode(slots, ZSTD);
    }

    @Test
    void everyFlippedBitIsFound() {
        byte[] value = golden();
        for (int bit = 0; bit < value.length * 8; bit++) {
            byte[] flipped = value.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> MeasureSlots.decode(flipped, ZSTD))
                    .isInstanceOf(CorruptValueException.class);
        }
    }
}
