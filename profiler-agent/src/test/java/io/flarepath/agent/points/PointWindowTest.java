package io.flarepath.agent.points;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PointWindowTest {
    @Test
    void processesOfOneResourceAreOneSeries() {
        List<MetricPoint> points =
                List.of(
                        MetricPoint.number(1, "b", MetricKind.SUM, "By", Map.of("x", "1"), 3),
                        MetricPoint.number(2, "b", MetricKind.SUM, "By", Map.of("x", "1"), 4),
                        MetricPoint.number(2, "b", MetricKind.SUM, "By", Map.of("x", "2"), 5),
                        MetricPoint.number(9, "b", MetricKind.SUM, "By", Map.of("x", "1"), 100),
                        MetricPoint.histogram(1, "a", "s", Map.of(), of(0.5, 2)),
                        MetricPoint.histogram(2, "a", "s", Map.of(), of(1e-9, 1e9)));
        PointWindow window =
                PointWindow.of(
                        1,
                        2,
                        points,
                        pid -> pid == 9 ? null : new TreeMap<>(Map.of("service.name", "s")));
        assertThat(window.resources()).hasSize(1);
        List<MetricPoint> merged = window.resources().getFirst().points();
        assertThat(merged).extracting(MetricPoint::name).containsExactly("a", "b", "b");
        assertThat(merged).extracting(MetricPoint::count).containsExactly(4L, 7L, 5L);
        assertThat(merged).allMatch(p -> p.pid() == 0);
    }

    /** What is merged is what one histogram of all values would be. */
    @Test
    void mergedHistogramsAreThatOfAllValues() {
        Random random = new Random(7);
        for (int round = 0; round < 300; round++) {
            ExponentialHistogram all = new ExponentialHistogram();
            ExponentialHistogram merged = new ExponentialHistogram();
            for (int part = 0; part < 4; part++) {
                ExponentialHistogram one = new ExponentialHistogram();
                double spread = random.nextInt(20);
                int values = random.nextInt(30);
                for (int i = 0; i < values; i++) {
                    double value = Math.exp(random.nextGaussian() * spread);
                    one.record(value);
                    all.record(value);
                }
                merged.add(one.value());
            }
            HistogramValue expected = all.value();
            HistogramValue found = merged.value();
            assertThat(found.scale()).isEqualTo(expected.scale());
            assertThat(found.count()).isEqualTo(expected.count());
            assertThat(found.min()).isEqualTo(expected.min());
            assertThat(found.max()).isEqualTo(expected.max());
            assertThat(found.offset()).isEqualTo(expected.offset());
            assertThat(found.buckets()).isEqualTo(expected.buckets());
        }
    }

    private static HistogramValue of(double... values) {
        ExponentialHistogram histogram = new ExponentialHistogram();
        for (double value : values) {
            histogram.record(value);
        }
        return histogram.value();
    }
}
