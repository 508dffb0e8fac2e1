package io.flarepath.store;

import static io.flarepath.store.Profiles.SECOND;
import static io.flarepath.store.Profiles.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.store.metric.Amount;
import io.flarepath.store.metric.Gauge;
import io.flarepath.store.metric.Histogram;
import io.flarepath.store.metric.Measure;
import io.flarepath.store.metric.Metric;
import io.flarepath.store.metric.MetricKind;
import io.flarepath.store.metric.MetricPoint;
import io.flarepath.store.metric.MetricQuery;
import io.flarepath.store.metric.MetricSeries;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import io.flarepath.store.retention.Ages;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricStoreTest {
    private static final long DAY = 86_400 * SECOND;

    @TempDir private Path directory;
    private final AtomicLong clock = new AtomicLong(START);
    private RocksDbProfileStore store;
    private long uploads;

    private StoreOptions options() {
        return StoreOptions.defaults()
                .withFinishing(Duration.ofMinutes(2), Duration.ofDays(1))
                .withSeries(8)
                .withRetention(
                        new Ages(
                                Duration.ofDays(1),
                                Duration.ofDays(2),
                                Duration.ofDays(4),
                                Duration.ofDays(8)),
                        Duration.ofDays(100))
                .withClock(() -> Instant.ofEpochSecond(0, clock.get()));
    }

    @BeforeEach
    void open() {
        store = RocksDbProfileStore.open(directory, options());
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void whatLiesWhereIsToldOfMetricsToo() {
        assertThat(parts()).isEmpty();
        write(point("a", START, Amount.of(1)), point("a", START + 30 * SECOND, Amount.of(1)));
        write(point("b", START, Amount.of(1)));
        assertThat(parts()).containsExactly("metric points 3 3");
        clock.addAndGet(2 * DAY);
        store.finishWindows();
        assertThat(parts())
                .containsExactly(
                        "metric slots 2 3",
                        "metrics, 10 minutes 2 2",
                        "metrics, 2 hours 2 2",
                        "metrics, day 2 2");
    }

    /** Names, values and rows. */
    private List<String> parts() {
        return store.contents("t").levels().stream()
                .filter(part -> part.name().startsWith("metric"))
                .map(part -> part.name() + " " + part.values() + " " + part.rows())
                .toList();
    }

    @Test
    void whatIsOldestGoesFirstBeItMetricsOrProfiles() {
        store.close();
        StoreOptions small = options().withMostBytes(1 << 20).withSeries(100);
        clock.set(START + 9 * 3600 * SECOND);
        store =
                RocksDbProfileStore.open(
                        directory, small.withRetention(Duration.ofDays(100), Duration.ofDays(100)));
        Random random = new Random(5);
        for (int window = 0; window < 48; window++) {
            long at = START + window * 600L * SECOND;
            write(point("a", at, Amount.of(1)));
            Map<String, Long> stacks = new HashMap<>();
            for (int stack = 0; stack < 4000; stack++) {
                stacks.put("main;f" + stack, random.nextLong(1L << 40));
            }
            store.write("t", List.of(Profiles.of("shop", "a", at + 1, stacks).build()));
        }
        store.finishWindows();
        // A sixteenth of each, by turns.
        List<Integer> left = new ArrayList<>();
        for (int pass = 0; pass < 4; pass++) {
            store.applyRetention();
            left.add(slots());
        }
        assertThat(left).containsExactly(48, 45, 45, 43);
    }

    private int slots() {
        return store.contents("t").levels().stream()
                .filter(part -> part.name().equals("metric slots"))
                .mapToInt(part -> (int) part.rows())
                .sum();
    }

    private WriteResult write(MetricPoint... points) {
        byte[] id = ByteBuffer.allocate(32).putLong(++uploads).array();
        return store.metrics().write("t", id, List.of(points));
    }

    private static MetricPoint point(String pod, long time, Measure measure) {
        return new MetricPoint(
                new Metric("requests", MetricKind.of(measure), ""),
                Labels.of(Map.of("service_name", "shop", "pod", pod)),
                0,
                time,
                false,
                measure);
    }

    private static MetricPoint stood(long began, long time, Measure measure) {
        MetricPoint point = point("a", time, measure);
        return new MetricPoint(point.metric(), point.labels(), began, time, true, measure);
    }

    private List<MetricSeries> all(long until, long step, String... groupBy) {
        return store.metrics()
                .read(
                        new MetricQuery(
                                "t",
                                Selector.ALL,
                                new TimeRange(0, until),
                                step,
                                List.of(groupBy)));
    }

    private Measure total() {
        return all(START + 10 * DAY, DAY).getFirst().total();
    }

    @Test
    void countersThatOnlyGrowBecomeWhatCame() {
        write(stood(START, START + 10 * SECOND, Amount.of(5)));
        assertThat(total()).as("it is new: all of it came now").isEqualTo(Amount.of(5));
        write(stood(START, START + 20 * SECOND, Amount.of(9)));
        assertThat(total()).isEqualTo(Amount.of(9));
        write(stood(START, START + 15 * SECOND, Amount.of(7)));
        assertThat(total()).as("what is late is in the later one already").isEqualTo(Amount.of(9));
        write(stood(START + 25 * SECOND, START + 30 * SECOND, Amount.of(3)));
        assertThat(total()).as("it began anew").isEqualTo(Amount.of(12));
        write(stood(START + 25 * SECOND, START + 40 * SECOND, Amount.of(1)));
        assertThat(total()).as("it began anew and did not say so").isEqualTo(Amount.of(13));
        store.close();
        open();
        write(stood(START + 25 * SECOND, START + 50 * SECOND, Amount.of(2)));
        assertThat(total()).as("what it stood at survives").isEqualTo(Amount.of(14));
    }

    @Test
    void whatStoodForLongDoesNotComeAtOnce() {
        write(stood(0, START + 10 * SECOND, Amount.of(1_000)));
        write(stood(0, START + 20 * SECOND, Amount.of(1_002)));
        assertThat(total()).isEqualTo(Amount.of(2));
    }

    @Test
    void histogramsThatOnlyGrowBecomeWhatCame() {
        Histogram first = Histogram.of(3, 0, 4, new long[] {1, 2}, Amount.of(3));
        Histogram second = Histogram.of(3, 1, 4, new long[] {1, 5, 1}, Amount.of(8));
        write(stood(0, START + 10 * SECOND, first));
        write(stood(0, START + 20 * SECOND, second));
        assertThat(total()).isEqualTo(Histogram.of(3, 1, 5, new long[] {3, 1}, Amount.of(5)));
    }

    @Test
    void gaugesKeepTheirMeanAndBounds() {
        write(
                point("a", START, Gauge.of(1)),
                point("a", START + SECOND, Gauge.of(4)),
                point("a", START + 20 * SECOND, Gauge.of(-2)));
        assertThat(total()).isEqualTo(new Gauge(3, Amount.of(3), -2, 4));
    }

    @Test
    void seriesBeyondTheLimitAreCountedTogether() {
        for (int pod = 0; pod < 50; pod++) {
            assertThat(write(point("p" + pod, START, Amount.of(1))).stored()).isOne();
        }
        assertThat(total()).isEqualTo(Amount.of(50));
        List<MetricSeries> byPod = all(START + DAY, DAY, "pod");
        assertThat(byPod).hasSize(9);
        assertThat(store.statistics().metrics().folded()).isEqualTo(42);
        assertThat(byPod.getLast().total()).as("without a pod").isEqualTo(Amount.of(42));
        MetricPoint late = point("late", START, Amount.of(1));
        assertThat(
                        write(
                                new MetricPoint(
                                        late.metric(),
                                        late.labels(),
                                        0,
                                        START,
                                        true,
                                        Amount.of(1))))
                .as("what it stood at before nobody knows")
                .isEqualTo(new WriteResult(0, 0));
    }

    @Test
    void metricsBeyondTheLimitAreCountedTogether() {
        List<MetricPoint> points = new ArrayList<>();
        for (int i = 0; i < 1_100; i++) {
            points.add(
                    new MetricPoint(
                            new Metric("m" + i, MetricKind.COUNTER, ""),
                            Labels.of(Map.of("service_name", "shop")),
                            0,
                            START,
                            false,
                            Amount.of(1)));
        }
        write(points.toArray(MetricPoint[]::new));
        List<MetricSeries> found = all(START + DAY, DAY);
        assertThat(found).hasSize(1_001);
        assertThat(found.getFirst().metric().name()).isEqualTo("<overflow>");
        assertThat(found.getFirst().total()).isEqualTo(Amount.of(100));
    }

    @Test
    void whatIsTooOldIsReadFromLongerStretchesAndThenGone() {
        write(point("a", START + 30 * SECOND, Amount.of(1)));
        write(point("a", START + 3 * 3_600 * SECOND, Amount.of(2)));
        for (int day = 0; day < 8; day++) {
            clock.set(START + day * DAY + DAY / 2);
            write(point("b", clock.get(), Amount.of(1)));
            store.applyRetention();
            assertThat(total()).as("day %d", day).isEqualTo(Amount.of(4 + day));
        }
        assertThat(all(START + DAY, 10 * SECOND).getFirst().steps())
                .as("days alone are left")
                .containsOnlyKeys(START);
        store.close();
        open();
        assertThat(total()).isEqualTo(Amount.of(11));
        clock.set(START + 30 * DAY);
        store.applyRetention();
        assertThat(all(START + 40 * DAY, DAY)).isEmpty();
        assertThat(write(point("c", clock.get(), Amount.of(1))).stored()).isOne();
    }

    @Test
    void profilesKnowNothingOfMetrics() {
        write(point("a", START, Amount.of(1)));
        assertThat(store.profileTypes("t", Selector.ALL, new TimeRange(0, START + DAY))).isEmpty();
        assertThat(store.statistics().series()).isZero();
    }
}
