package io.flarepath.store.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SelectionTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void findsWhatWouldStandThere(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            int size = 1 + random.nextInt(60);
            int distinct = 1 + random.nextInt(80);
            long[] numbers = random.longs(size + 5, 0, distinct).toArray();
            long[] sorted = Arrays.copyOf(numbers, size);
            Arrays.sort(sorted);
            int place = random.nextInt(size);
            assertThat(Selection.at(numbers.clone(), size, place))
                    .as("seed %d, place %d of %s", seed, place, Arrays.toString(sorted))
                    .isEqualTo(sorted[place]);
        }
    }
}
