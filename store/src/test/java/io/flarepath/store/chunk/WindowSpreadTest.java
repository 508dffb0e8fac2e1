package io.flarepath.store.chunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WindowSpreadTest {
    private static final ZstdPool ZSTD = new ZstdPool();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void everyWindowOfEverySeriesIsReadAsItWas(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 30; round++) {
            List<WindowSpread.Column> columns = columns(random);
            Rows sums = sums(columns);
            byte[] value = WindowSpread.encode(columns, sums);
            WindowSpread spread = WindowSpread.open(value);
            List<Rows> read = spread.read(sums, ZSTD);
            assertThat(spread.columns()).as("seed %d", seed).isEqualTo(columns.size());
            assertThat(spread.cells())
                    .isEqualTo(columns.stream().mapToInt(column -> column.rows().count()).sum());
            for (int i = 0; i < columns.size(); i++) {
                WindowSpread.Column column = columns.get(i);
                assertThat(spread.find(column.group(), column.window())).isEqualTo(i);
                assertThat(spread.group(i)).isEqualTo(column.group());
                assertThat(spread.window(i)).isEqualTo(column.window());
                assertThat(spread.samples(i)).isEqualTo(column.samples());
                assertThat(spread.total(i)).isEqualTo(column.rows().total());
                assertThat(read.get(i).stacks())
                        .as("seed %d, round %d, column %d", seed, round, i)
                        .isEqualTo(column.rows().stacks());
                assertThat(read.get(i).values()).isEqualTo(column.rows().values());
            }
            assertThat(spread.find(columns.getLast().group() + 1, 0)).isEqualTo(-1);
            assertThat(spread.find(0, 3)).isEqualTo(-1);
            assertIsOfTheseSumsOnly(spread, sums);
        }
    }

    private static void assertIsOfTheseSumsOnly(WindowSpread spread, Rows sums) {
        if (sums.count() == 0) {
            return;
        }
        Rows others = new Rows(sums.stacks(), sums.values().clone());
        others.values()[sums.count() / 2] *= 2;
        assertThat(spread.isOf(sums)).isTrue();
        assertThat(spread.isOf(others)).isFalse();
        assertThatThrownBy(() -> spread.read(others, ZSTD))
                .isInstanceOf(CorruptValueException.class);
    }

    @Test
    void everyFlippedBitIsFound() {
        List<WindowSpread.Column> columns = columns(new Random(9)).subList(0, 1);
        Rows sums = sums(columns);
        byte[] value = WindowSpread.encode(columns, sums);
        for (int bit = 0; bit < value.length * 8; bit++) {
            byte[] flipped = value.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> WindowSpread.open(flipped).read(sums, ZSTD))
                    .isInstanceOf(CorruptValueException.class);
        }
    }

    /** Some windows of some series; of some there is nothing, as of a profile without stacks. */
    private static List<WindowSpread.Column> columns(Random random) {
        List<WindowSpread.Column> columns = new ArrayList<>();
        int bound = 1 + random.nextInt(random.nextBoolean() ? 30 : 3000);
        long unit = random.nextBoolean() ? 1 : 10_309_278;
        int group = 0;
        for (int series = 1 + random.nextInt(5); series > 0; series--) {
            group += 1 + random.nextInt(3);
            int mask = 1 + random.nextInt((1 << Level.TWO_HOURS.windows()) - 1);
            for (int window = 0; window < Level.TWO_HOURS.windows(); window++) {
                if (((mask >> window) & 1) == 1) {
                    Rows rows = rows(random, bound, unit);
                    long samples = random.nextBoolean() ? rows.total() / unit : random.nextInt(9);
                    columns.add(new WindowSpread.Column(group, window, samples, rows));
                }
            }
        }
        return columns;
    }

    private static Rows rows(Random random, int bound, long unit) {
        StackSums sums = new StackSums();
        for (int i = random.nextInt(200); i > 0; i--) {
            int stack = (int) (bound * Math.pow(random.nextDouble(), 3));
            long more = random.nextInt(20) == 0 ? random.nextInt(1, 50_000) : 1;
            sums.add(new int[] {stack}, new long[] {more * unit});
        }
        return sums.rows();
    }

    private static Rows sums(List<WindowSpread.Column> columns) {
        StackSums sums = new StackSums();
        columns.forEach(column -> sums.add(column.rows(), column.samples()));
        assertThat(sums.rows().stacks())
                .isEqualTo(IntStream.range(0, sums.size()).filter(i -> sums.get(i) > 0).toArray());
        return sums.rows();
    }
}
