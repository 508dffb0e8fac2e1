package io.flarepath.store.chunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkTest {
    private static final ZstdPool ZSTD = new ZstdPool();

    @AfterAll
    static void free() {
        ZSTD.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatIsPackedIsUnpacked(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            int[] stacks = new int[random.nextInt(300)];
            long[] values = new long[stacks.length];
            long[] sums = new long[1000];
            long total = 0;
            for (int i = 0; i < stacks.length; i++) {
                stacks[i] = random.nextInt(1000);
                values[i] = random.nextInt(5) * 10_309_278L;
                sums[stacks[i]] += values[i];
                total += values[i];
            }
            Chunk chunk = Chunk.open(new ChunkEncoder(3, stacks, ZSTD).encode(values, 7, 9));
            assertThat(chunk.total()).as("seed %d", seed).isEqualTo(total);
            Rows rows = chunk.read(ZSTD);
            for (int i = 0; i < rows.stacks().length; i++) {
                assertThat(rows.values()[i]).isPositive().isEqualTo(sums[rows.stacks()[i]]);
                sums[rows.stacks()[i]] = 0;
            }
            assertThat(sums).containsOnly(0);
            assertThat(chunk.epoch()).isEqualTo(3);
            assertThat(chunk.period()).isEqualTo(7);
            assertThat(chunk.durationNanos()).isEqualTo(9);
        }
    }

    @Test
    void oneTypeAfterTheOtherIsPackedAsIfAlone() {
        Random random = new Random(5);
        int[] stacks = random.ints(200, 0, 1000).toArray();
        long[] counts = random.longs(200, 0, 4).toArray();
        long[] nanos = LongStream.of(counts).map(count -> count * 10_000_000).toArray();
        long[] others = random.longs(200, 0, 1 << 20).toArray();
        ChunkEncoder encoder = new ChunkEncoder(3, stacks, ZSTD);
        for (long[] values : List.of(counts, nanos, others, counts)) {
            assertThat(encoder.encode(values, 7, 9))
                    .isEqualTo(new ChunkEncoder(3, stacks, ZSTD).encode(values, 7, 9));
        }
    }

    @Test
    void everyFlippedBitIsFound() {
        byte[] value = golden();
        for (int bit = 0; bit < value.length * 8; bit++) {
            byte[] flipped = value.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> Chunk.open(flipped).read(ZSTD))
                    .isInstanceOf(CorruptValueException.class);
        }
        for (int length = 0; length < value.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(value, length);
            assertThatThrownBy(() -> Chunk.open(cut).read(ZSTD))
                    .isInstanceOf(CorruptValueException.class);
        }
    }

    /** A change of these bytes is a change of the format: it needs another version. */
    @Test
    void theFormatIsThatOfTheGoldenFile() throws IOException {
        String stored;
        try (InputStream in = ChunkTest.class.getResourceAsStream("chunk-v1.hex")) {
            assertThat(in).isNotNull();
            stored = new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip();
        }
        assertThat(HexFormat.of().formatHex(golden())).isEqualTo(stored);
        Chunk chunk = Chunk.open(HexFormat.of().parseHex(stored));
        assertThat(chunk.read(ZSTD).stacks()).containsExactly(1, 5, 300);
        assertThat(chunk.read(ZSTD).values()).containsExactly(40, 20, 60);
        assertThat(new ProfileKey(0x01020304, 5, 6, 7, 8, 9, -1).toBytes())
                .isEqualTo(
                        HexFormat.of()
                                .parseHex(
                                        "0102030400000005000000060000000700000008"
                                                + "0000000000000009ffffffffffffffff"));
    }

    private static byte[] golden() {
        return new ChunkEncoder(2, new int[] {300, 5, 1, 5, 9}, ZSTD)
                .encode(new long[] {60, 10, 40, 10, 0}, 20, 1000);
    }
}
