package io.flarepath.store.chunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.profile.SampledThread;
import io.flarepath.store.profile.TimedSamples;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** When samples of a profile were taken: what goes in comes out, and damage is told. */
class FineChunkTest {
    private static final int STACKS = 40;

    private static TimedSamples timed(Random random) {
        List<SampledThread> threads = new ArrayList<>();
        for (int i = 1 + random.nextInt(6); i > 0; i--) {
            threads.add(new SampledThread(random.nextLong(), "worker-" + i));
        }
        int rows = random.nextInt(300);
        long first = random.nextBoolean() ? 17_000_000_000L : random.nextInt(3);
        long scale = random.nextBoolean() ? 10_309_278 : 1;
        return new TimedSamples(
                threads,
                random.longs(rows, first, first + 200).toArray(),
                random.ints(rows, 0, threads.size()).toArray(),
                random.ints(rows, 0, STACKS).toArray(),
                random.longs(rows, 1, 1 << 20).map(v -> v * scale).toArray());
    }

    private static Map<String, Long> sums(TimedSamples timed, int[] numbers) {
        Map<String, Long> sums = new TreeMap<>();
        for (int i = 0; i < timed.rows(); i++) {
            SampledThread thread = timed.threads().get(timed.owners()[i]);
            String cell = timed.slots()[i] + " " + thread + " " + numbers[timed.stacks()[i]];
            sums.merge(cell, timed.values()[i], Long::sum);
        }
        return sums;
    }

    private static Map<String, Long> sums(FineChunk chunk, ZstdPool zstd) {
        Map<String, Long> sums = new TreeMap<>();
        long[] last = new long[1];
        chunk.read(
                zstd,
                (slot, thread, stack, value) -> {
                    assertThat(slot).isGreaterThanOrEqualTo(last[0]);
                    last[0] = slot;
                    sums.merge(slot + " " + chunk.thread(thread) + " " + stack, value, Long::sum);
                });
        return sums;
    }

    @Test
    void anySamplesComeBackAsTheyWere() {
        try (ZstdPool zstd = new ZstdPool()) {
            for (int seed = 0; seed < 300; seed++) {
                Random random = new Random(seed);
                int[] numbers = random.ints(STACKS, 0, 1 << 20).toArray();
                TimedSamples timed = timed(random);
                FineChunk read = FineChunk.open(FineChunk.encode(seed, numbers, timed, zstd));
                assertThat(read.epoch()).isEqualTo(seed);
                assertThat(read.rows()).isEqualTo(timed.rows());
                assertThat(read.threads()).isEqualTo(timed.threads().size());
                assertThat(sums(read, zstd)).as("seed %d", seed).isEqualTo(sums(timed, numbers));
            }
        }
    }

    @Test
    void flippedBitsAreToldAndNothingOfThemIsGiven() {
        try (ZstdPool zstd = new ZstdPool()) {
            Random random = new Random(3);
            int[] numbers = random.ints(STACKS, 0, 1 << 20).toArray();
            byte[] value = FineChunk.encode(0, numbers, timed(random), zstd);
            for (int bit = 0; bit < value.length * 8; bit++) {
                byte[] damaged = value.clone();
                damaged[bit / 8] ^= (byte) (1 << bit % 8);
                assertThatThrownBy(() -> FineChunk.open(damaged).read(zstd, (s, t, f, v) -> {}))
                        .isInstanceOf(CorruptValueException.class);
            }
        }
    }
}
