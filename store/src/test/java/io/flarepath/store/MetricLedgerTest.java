package io.flarepath.store;

import static io.flarepath.store.Profiles.SECOND;
import static io.flarepath.store.Profiles.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.store.metric.Measure;
import io.flarepath.store.metric.Measures;
import io.flarepath.store.metric.Metric;
import io.flarepath.store.metric.MetricKind;
import io.flarepath.store.metric.MetricPoint;
import io.flarepath.store.metric.MetricQuery;
import io.flarepath.store.metric.MetricSeries;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever is uploaded, late, out of order and again, with passes and restarts in between: what is
 * read equals a ledger kept on the side, whatever the steps.
 */
class MetricLedgerTest {
    private static final int SPAN_SECONDS = 3 * 86_400;
    private static final List<MetricKind> KINDS = List.of(MetricKind.values());
    private static final long SLOT = 10 * SECOND;

    @TempDir private Path directory;

    private record Upload(byte[] id, List<MetricPoint> points) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void answersEqualTheLedger(long seed) {
        Random random = new Random(seed);
        AtomicLong clock = new AtomicLong(START / SECOND);
        StoreOptions options =
                StoreOptions.defaults()
                        .withFinishing(Duration.ofMinutes(2), Duration.ofDays(1))
                        .withClock(() -> Instant.ofEpochSecond(clock.get()));
        List<Upload> uploads = new ArrayList<>();
        RocksDbProfileStore store = RocksDbProfileStore.open(directory, options);
        try {
            for (int call = 0; call < 60; call++) {
                clock.addAndGet(random.nextInt(2 * SPAN_SECONDS / 60));
                if (random.nextInt(15) == 0) {
                    store.close();
                    store = RocksDbProfileStore.open(directory, options);
                }
                if (random.nextInt(4) == 0) {
                    store.finishWindows();
                }
                boolean again = !uploads.isEmpty() && random.nextInt(4) == 0;
                Upload upload =
                        again
                                ? uploads.get(random.nextInt(uploads.size()))
                                : upload(random, uploads.size());
                int size = upload.points().size();
                assertThat(store.metrics().write("t", upload.id(), upload.points()))
                        .as("seed %d, call %d", seed, call)
                        .isEqualTo(again ? new WriteResult(0, size) : new WriteResult(size, 0));
                if (!again) {
                    uploads.add(upload);
                }
            }
            compare(store, random, uploads, seed);
            clock.set(START / SECOND + 2L * SPAN_SECONDS);
            store.finishWindows();
            compare(store, random, uploads, seed);
        } finally {
            store.close();
        }
    }

    private static Upload upload(Random random, int number) {
        byte[] id = ByteBuffer.allocate(32).putLong(number).putLong(~number).array();
        List<MetricPoint> points = new ArrayList<>();
        for (int i = random.nextInt(12); i >= 0; i--) {
            MetricKind kind = KINDS.get(random.nextInt(KINDS.size()));
            points.add(
                    new MetricPoint(
                            new Metric("m" + random.nextInt(2), kind, "s"),
                            Labels.of(
                                    Map.of(
                                            "service_name", "s" + random.nextInt(2),
                                            "pod", "p" + random.nextInt(3))),
                            0,
                            START + random.nextInt(SPAN_SECONDS) * SECOND + random.nextInt(1_000),
                            false,
                            Measures.of(kind, random)));
        }
        return new Upload(id, points);
    }

    private static void compare(
            RocksDbProfileStore store, Random random, List<Upload> uploads, long seed) {
        long[] steps = {SLOT, 3 * SLOT, 600 * SECOND, 7_200 * SECOND, 86_400 * SECOND, 90 * SECOND};
        for (int round = 0; round < 25; round++) {
            long from = START + random.nextInt(SPAN_SECONDS) / 10 * SLOT;
            long until = from + (random.nextInt(SPAN_SECONDS) + 10) / 10 * SLOT;
            if (round == 0) {
                from = START;
                until = START + SPAN_SECONDS * SECOND;
            }
            long step =
                    steps[
                            Math.max(
                                    random.nextInt(steps.length),
                                    until - from > 86_400 * SECOND ? 2 : 0)];
            boolean grouped = random.nextBoolean();
            String text = random.nextBoolean() ? "{pod=\"p1\"}" : "{service_name=\"s0\"}";
            Selector selector = round == 0 ? Selector.ALL : Selector.parse(text);
            MetricQuery query =
                    new MetricQuery(
                            "t",
                            selector,
                            new TimeRange(from, until),
                            step,
                            grouped ? List.of("pod") : List.of());
            Map<String, SortedMap<Long, Measure>> found = new TreeMap<>();
            for (MetricSeries series : store.metrics().read(query)) {
                found.put(series.metric() + " " + series.labels(), series.steps());
            }
            assertThat(found).as("seed %d, %s", seed, query).isEqualTo(expected(uploads, query));
        }
    }

    private static Map<String, SortedMap<Long, Measure>> expected(
            List<Upload> uploads, MetricQuery query) {
        Map<String, SortedMap<Long, Measure>> sums = new HashMap<>();
        for (Upload upload : uploads) {
            for (MetricPoint point : upload.points()) {
                long slot = point.timeNanos() / SLOT * SLOT;
                if (!query.range().contains(slot) || !query.selector().matches(point.labels())) {
                    continue;
                }
                Map<String, String> labels = new HashMap<>();
                query.groupBy().forEach(name -> labels.put(name, point.labels().get(name)));
                sums.computeIfAbsent(
                                point.metric() + " " + Labels.of(labels), absent -> new TreeMap<>())
                        .merge(
                                slot / query.stepNanos() * query.stepNanos(),
                                point.measure(),
                                Measure::plus);
            }
        }
        return new TreeMap<>(sums);
    }
}
