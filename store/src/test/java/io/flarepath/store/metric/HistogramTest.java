package io.flarepath.store.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HistogramTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void anyOrderAddsUpToTheSame(long seed) {
        Random random = new Random(seed);
        for (MetricKind kind : MetricKind.values()) {
            for (int round = 0; round < 20; round++) {
                List<Measure> parts = new ArrayList<>();
                for (int i = random.nextInt(8) + 2; i > 0; i--) {
                    parts.add(Measures.of(kind, random));
                }
                Measure sum = parts.stream().reduce(Measure::plus).orElseThrow();
                Collections.shuffle(parts, random);
                int cut = random.nextInt(parts.size() - 1) + 1;
                Measure a = parts.subList(0, cut).stream().reduce(Measure::plus).orElseThrow();
                Measure b =
                        parts.subList(cut, parts.size()).stream()
                                .reduce(Measure::plus)
                                .orElseThrow();
                assertThat(a.plus(b)).as("seed %d, %s", seed, kind).isEqualTo(sum);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void whatCameIsTheDifferenceOfTwoStates(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            Histogram before = Measures.histogram(random);
            Histogram more = Measures.histogram(random);
            Histogram after = (Histogram) before.plus(more);
            Histogram came = Objects.requireNonNull(after.since(before));
            assertThat(came.count()).isEqualTo(more.count());
            assertThat(came.sum()).isEqualTo(more.sum());
            if (more.count() > before.count()) {
                assertThat(before.since(after)).as("it began anew").isNull();
            }
        }
    }

    @Test
    void quantilesAreThoseOfTheValuesWithinABucket() {
        Random random = new Random(7);
        double[] values = new double[20_000];
        Measure sum = Histogram.of(0, 5);
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.exp(random.nextGaussian()) / 100;
            sum = sum.plus(Histogram.of(values[i], 5));
        }
        Arrays.sort(values);
        Histogram histogram = (Histogram) sum;
        assertThat(histogram.count()).isEqualTo(values.length + 1L);
        for (double part : new double[] {0.5, 0.9, 0.99}) {
            double exact = values[(int) (part * values.length)];
            assertThat(histogram.quantile(part) / exact).isCloseTo(1, within(0.025));
        }
        assertThat(Histogram.of(5, 0, 0, new long[0], Amount.ZERO).quantile(0.5)).isNaN();
        assertThat(Histogram.of(0, 5).quantile(0.99)).isZero();
    }

    @Test
    void aValueAtABoundIsInTheBucketBelow() {
        assertThat(Histogram.bucketOf(1, 0)).isEqualTo(-1);
        assertThat(Histogram.bucketOf(2, 0)).isZero();
        assertThat(Histogram.bucketOf(3, 0)).isEqualTo(1);
        assertThat(Histogram.bucketOf(4, 3)).isEqualTo(15);
    }

    @Test
    void bucketsThatHoldNoNumberAreRefused() {
        long[] one = {1};
        assertThatThrownBy(() -> Histogram.of(20, 0, Integer.MAX_VALUE, one, Amount.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Histogram.of(0, 0, -1077, one, Amount.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Histogram.of(0, 0, 0, new long[] {-1}, Amount.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        Histogram.of(
                                0, 0, 0, new long[] {Long.MAX_VALUE, Long.MAX_VALUE}, Amount.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Amount.of(Double.NaN))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Amount.of(Double.POSITIVE_INFINITY))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void amountsAreExact() {
        Amount tenth = Amount.of(0.1);
        Measure sum = Amount.ZERO;
        for (int i = 0; i < 10; i++) {
            sum = sum.plus(tenth);
        }
        assertThat(sum).isEqualTo(Amount.of(1));
        assertThat(Amount.of(-0.25).plus(Amount.of(0.25))).isEqualTo(Amount.ZERO);
        assertThat(Amount.of(1).minus(Amount.of(1.5)).toDouble()).isEqualTo(-0.5);
        assertThat(Amount.of(Long.MAX_VALUE).plus(Amount.of(1)).whole()).isEqualTo(Long.MAX_VALUE);
    }
}
