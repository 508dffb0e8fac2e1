package io.flarepath.store.chunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.profile.SpanSamples;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Spans of a profile: what goes in comes out, and damage is told. */
class SpanChunkTest {
    private static final int STACKS = 40;

    @Test
    void anySpansComeBackAsTheyWere() {
        try (ZstdPool zstd = new ZstdPool()) {
            for (int seed = 0; seed < 200; seed++) {
                Random random = new Random(seed);
                int[] numbers = random.ints(STACKS, 0, 1 << 20).toArray();
                List<SpanSamples> spans = spans(random);
                SpanChunk read = SpanChunk.open(SpanChunk.encode(seed, numbers, spans, zstd));
                assertThat(read.epoch()).isEqualTo(seed);
                assertThat(read.spans()).isEqualTo(spans.size());
                for (int i = 0; i < spans.size(); i++) {
                    SpanSamples span = spans.get(i);
                    int place = i;
                    assertThat(read.spanId(i)).isEqualTo(span.spanId());
                    assertThat(read.traceHigh(i)).isEqualTo(span.traceHigh());
                    assertThat(read.traceLow(i)).isEqualTo(span.traceLow());
                    assertThat(read.total(i)).isEqualTo(span.total());
                    assertThat(byStack(read.read(one -> one == place, zstd)))
                            .isEqualTo(byStack(span, numbers));
                }
            }
        }
    }

    private static List<SpanSamples> spans(Random random) {
        List<SpanSamples> spans = new ArrayList<>();
        for (int i = random.nextInt(20); i >= 0; i--) {
            int[] stacks =
                    random.ints(random.nextInt(STACKS), 0, STACKS).distinct().sorted().toArray();
            long scale = random.nextBoolean() ? 10_000_000 : 1;
            long[] values = random.longs(stacks.length, 1, 1 << 20).map(v -> v * scale).toArray();
            boolean traced = random.nextBoolean();
            spans.add(
                    new SpanSamples(
                            random.nextLong() | 1,
                            traced ? random.nextLong() : 0,
                            traced ? random.nextLong() | 1 : 0,
                            stacks,
                            values));
        }
        return spans;
    }

    private static Map<Integer, Long> byStack(Rows rows) {
        Map<Integer, Long> values = new TreeMap<>();
        for (int i = 0; i < rows.count(); i++) {
            values.put(rows.stacks()[i], rows.values()[i]);
        }
        return values;
    }

    private static Map<Integer, Long> byStack(SpanSamples span, int[] numbers) {
        Map<Integer, Long> values = new TreeMap<>();
        for (int i = 0; i < span.stacks().length; i++) {
            values.merge(numbers[span.stacks()[i]], span.values()[i], Long::sum);
        }
        return values;
    }

    @Test
    void aBitThatFlippedAnywhereIsFound() {
        try (ZstdPool zstd = new ZstdPool()) {
            Random random = new Random(1);
            int[] numbers = random.ints(STACKS, 0, 1 << 20).toArray();
            byte[] good = SpanChunk.encode(3, numbers, spans(random), zstd);
            for (int bit = 0; bit < 8 * good.length; bit += 5) {
                byte[] bad = good.clone();
                bad[bit / 8] ^= (byte) (1 << bit % 8);
                assertThatThrownBy(() -> SpanChunk.open(bad).read(span -> true, zstd))
                        .isInstanceOf(CorruptValueException.class);
            }
        }
    }
}
