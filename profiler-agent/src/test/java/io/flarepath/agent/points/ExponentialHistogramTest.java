package io.flarepath.agent.points;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ExponentialHistogramTest {
    private static double bound(int index, int scale) {
        return Math.pow(2, Math.scalb((double) index, -scale));
    }

    @Test
    void valuesLieWithinTheBoundsOfTheirBucket() {
        Random random = new Random(5);
        for (int i = 0; i < 20_000; i++) {
            double value = Math.exp(random.nextGaussian() * 10);
            for (int scale = -3; scale <= 5; scale++) {
                int index = ExponentialHistogram.index(value, scale);
                double low = bound(index, scale);
                double high = bound(index + 1, scale);
                assertThat(value).isGreaterThan(low * (1 - 1e-12));
                assertThat(value).isLessThanOrEqualTo(high * (1 + 1e-12));
            }
        }
    }

    /** A power of two is the upper bound of its bucket, exactly. */
    @Test
    void powersOfTwoAreExact() {
        for (int exponent = -30; exponent <= 30; exponent++) {
            double value = Math.scalb(1.0, exponent);
            assertThat(ExponentialHistogram.index(value, 5)).isEqualTo(exponent * 32 - 1);
            assertThat(ExponentialHistogram.index(value, 0)).isEqualTo(exponent - 1);
            assertThat(ExponentialHistogram.index(Math.nextUp(value), 5)).isEqualTo(exponent * 32);
        }
    }

    @Test
    void totalsAreKept() {
        ExponentialHistogram histogram = new ExponentialHistogram();
        double sum = 0;
        for (int i = 1; i <= 1000; i++) {
            histogram.record(i * 1e-3);
            sum += i * 1e-3;
        }
        histogram.record(0);
        histogram.record(Double.NaN);
        HistogramValue value = histogram.value();
        assertThat(value.count()).isEqualTo(1001);
        assertThat(value.zeros()).isEqualTo(1);
        assertThat(value.scale()).isEqualTo(ExponentialHistogram.FIRST_SCALE);
        assertThat(value.sum()).isEqualTo(sum);
        assertThat(value.min()).isZero();
        assertThat(value.max()).isEqualTo(1.0);
        assertThat(total(value)).isEqualTo(1001);
    }

    @Test
    void whatSpansTooMuchIsScaledDown() {
        ExponentialHistogram histogram = new ExponentialHistogram();
        Random random = new Random(2);
        for (int i = 0; i < 5000; i++) {
            histogram.record(Math.exp(random.nextDouble() * 60 - 30));
        }
        HistogramValue value = histogram.value();
        assertThat(value.scale()).isLessThan(ExponentialHistogram.FIRST_SCALE);
        assertThat(value.buckets()).hasSizeLessThanOrEqualTo(ExponentialHistogram.MOST_BUCKETS);
        assertThat(value.buckets()).hasSizeGreaterThan(ExponentialHistogram.MOST_BUCKETS / 4);
        assertThat(total(value)).isEqualTo(5000);
        double low = bound(value.offset(), value.scale());
        double high = bound(value.offset() + value.buckets().length, value.scale());
        assertThat(value.min()).isGreaterThanOrEqualTo(low);
        assertThat(value.max()).isLessThanOrEqualTo(high);
    }

    @Test
    void extremesFit() {
        ExponentialHistogram histogram = new ExponentialHistogram();
        histogram.record(Double.MIN_NORMAL);
        histogram.record(Double.MAX_VALUE);
        histogram.record(1);
        HistogramValue value = histogram.value();
        assertThat(total(value)).isEqualTo(3);
        assertThat(value.buckets()).hasSizeLessThanOrEqualTo(ExponentialHistogram.MOST_BUCKETS);
    }

    private static long total(HistogramValue value) {
        long total = value.zeros();
        for (long count : value.buckets()) {
            total += count;
        }
        return total;
    }
}
