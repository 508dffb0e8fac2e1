package io.flarepath.agent.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.points.MetricKind;
import io.flarepath.agent.points.MetricPoint;
import io.flarepath.agent.points.PointSource;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class SampledPointsTest {
    private static final MetricPoint POINT =
            MetricPoint.number(7, "calls", MetricKind.SUM, "{call}", Map.of("a", "b"), 3);

    @Test
    void onlyPointsOfASampledWindowSaySo() {
        AtomicBoolean sampled = new AtomicBoolean();
        SampledPoints points = new SampledPoints(new OnePoint(), sampled::get);
        assertThat(points.take()).containsExactly(POINT);
        sampled.set(true);
        assertThat(points.take())
                .singleElement()
                .satisfies(point -> {
                    assertThat(point.attributes())
                            .isEqualTo(Map.of("a", "b", SampledPoints.SAMPLED, "true"));
                    assertThat(point.count()).isEqualTo(3);
                });
    }

    private static final class OnePoint implements PointSource {
        @Override
        public List<MetricPoint> take() {
            return List.of(POINT);
        }

        @Override
        public SortedMap<String, String> resource(int pid) {
            return new TreeMap<>();
        }
    }
}
