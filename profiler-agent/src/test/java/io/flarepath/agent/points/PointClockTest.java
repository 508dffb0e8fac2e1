package io.flarepath.agent.points;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PointClockTest {
    private final AtomicLong seen = new AtomicLong();
    private final List<PointWindow> windows = new CopyOnWriteArrayList<>();

    private final PointSource source =
            new PointSource() {
                @Override
                public List<MetricPoint> take() {
                    long count = seen.getAndSet(0);
                    return count == 0
                            ? List.of()
                            : List.of(
                                    MetricPoint.number(
                                            7, "n", MetricKind.SUM, "1", Map.of(), count));
                }

                @Override
                public SortedMap<String, String> resource(int pid) {
                    return new TreeMap<>(Map.of("service.name", "process " + pid));
                }
            };

    private long sum() {
        return windows.stream()
                .flatMap(window -> window.resources().stream())
                .flatMap(resource -> resource.points().stream())
                .mapToLong(MetricPoint::count)
                .sum();
    }

    @Test
    void allThatWasSeenIsInOneWindowWhichFollowsTheOneBefore() {
        try (PointClock clock = PointClock.start(source, Duration.ofMillis(20), windows::add)) {
            for (int i = 0; i < 100; i++) {
                seen.incrementAndGet();
                Thread.onSpinWait();
            }
            await().until(() -> sum() == 100);
            seen.addAndGet(5);
            await().until(() -> sum() == 105);
            assertThat(clock).isNotNull();
        }
        for (int i = 0; i < windows.size(); i++) {
            assertThat(windows.get(i).startNanos()).isLessThan(windows.get(i).endNanos());
            if (i > 0) {
                assertThat(windows.get(i).startNanos())
                        .isGreaterThanOrEqualTo(windows.get(i - 1).startNanos());
            }
        }
    }

    @Test
    void theLastWindowIsTakenAtTheEndAndEmptyOnesAreNotTold() {
        try (PointClock clock = PointClock.start(source, Duration.ofHours(1), windows::add)) {
            assertThat(clock).isNotNull();
            seen.addAndGet(3);
        }
        assertThat(windows).hasSize(1);
        assertThat(sum()).isEqualTo(3);
        PointClock.start(source, Duration.ofHours(1), windows::add).close();
        assertThat(windows).hasSize(1);
    }
}
