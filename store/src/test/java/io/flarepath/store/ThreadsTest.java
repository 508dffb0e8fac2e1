package io.flarepath.store;

import static io.flarepath.store.Profiles.ALL;
import static io.flarepath.store.Profiles.SECOND;
import static io.flarepath.store.Profiles.START;
import static io.flarepath.store.Profiles.TENANT;
import static io.flarepath.store.Profiles.query;
import static io.flarepath.store.Profiles.selfByName;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.SampledThread;
import io.flarepath.store.profile.TimedSamples;
import io.flarepath.store.query.ThreadSelection;
import io.flarepath.store.query.ThreadSeries;
import io.flarepath.store.query.TimeRange;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What threads did, to a tenth of a second, for as long as that is kept. */
class ThreadsTest {
    private static final long SLOT = TimedSamples.SLOT_NANOS;
    private static final ThreadSelection EVERY = new ThreadSelection(Set.of(), Set.of());

    @TempDir private Path directory;

    /** One sample: where it was, in which thread, when, and what it stands for. */
    private record Sample(String function, SampledThread thread, long nanos, long value) {}

    private static Profile profile(String pod, long start, List<Sample> samples) {
        List<String> functions = samples.stream().map(Sample::function).distinct().toList();
        List<SampledThread> threads = samples.stream().map(Sample::thread).distinct().toList();
        TreeMap<String, Long> stacks = new TreeMap<>();
        samples.forEach(one -> stacks.merge("main;" + one.function, one.value, Long::sum));
        List<String> order = new ArrayList<>(stacks.keySet());
        assertThat(order).hasSameSizeAs(functions);
        return Profiles.of("shop", pod, start, stacks)
                .timed(
                        new TimedSamples(
                                threads,
                                samples.stream().mapToLong(one -> one.nanos / SLOT).toArray(),
                                samples.stream()
                                        .mapToInt(one -> threads.indexOf(one.thread))
                                        .toArray(),
                                samples.stream()
                                        .mapToInt(one -> order.indexOf("main;" + one.function))
                                        .toArray(),
                                samples.stream().mapToLong(Sample::value).toArray()))
                .build();
    }

    @Test
    void rectanglesOfTimeAndThreadsHoldWhatALedgerOfSamplesHolds() {
        Random random = new Random(5);
        List<Sample> ledger = new ArrayList<>();
        try (RocksDbProfileStore store =
                RocksDbProfileStore.open(directory, StoreOptions.defaults())) {
            for (int each = 0; each < 40; each++) {
                long start = START + each * 10L * SECOND;
                List<Sample> samples = new ArrayList<>();
                for (int i = 0; i < 60; i++) {
                    int thread = random.nextInt(4);
                    samples.add(
                            new Sample(
                                    "f" + random.nextInt(5),
                                    new SampledThread(100 + thread, "worker-" + thread % 2),
                                    start + random.nextLong(10 * SECOND),
                                    (1 + random.nextInt(5)) * 10L));
                }
                store.write(TENANT, List.of(profile("a", start, samples)));
                ledger.addAll(samples);
            }
            for (int pass = 0; pass < 2; pass++) {
                for (int i = 0; i < 50; i++) {
                    long from = START + random.nextInt(4100) * SLOT;
                    long until = from + (1 + random.nextInt(300)) * SLOT;
                    Set<Long> ids = i % 3 == 0 ? Set.of() : Set.of(100L + random.nextInt(4));
                    Set<String> names = i % 3 == 2 ? Set.of("worker-1") : Set.of();
                    ThreadSelection which = new ThreadSelection(ids, names);
                    Map<String, Long> expected = new TreeMap<>();
                    for (Sample one : ledger) {
                        boolean within = from <= one.nanos && one.nanos < until;
                        if (within && which.holds(one.thread)) {
                            expected.merge(one.function, one.value, Long::sum);
                        }
                    }
                    TimeRange range = new TimeRange(from, until);
                    assertThat(selfByName(store.mergeThreads(query("", range), which, false)))
                            .isEqualTo(expected);
                }
                assertThat(store.mergeThreads(query("", ALL), EVERY, true).total(0))
                        .isEqualTo(store.merge(query("", ALL)).total(0))
                        .isEqualTo(ledger.stream().mapToLong(Sample::value).sum());
                store.finishWindows();
            }
        }
    }

    @Test
    void threadsOfEachSeriesHaveTheirOwnCourse() {
        SampledThread main = new SampledThread(1, "main");
        SampledThread other = new SampledThread(2, "gc");
        try (RocksDbProfileStore store =
                RocksDbProfileStore.open(directory, StoreOptions.defaults())) {
            store.write(
                    TENANT,
                    List.of(
                            profile(
                                    "a",
                                    START,
                                    List.of(
                                            new Sample("f", main, START, 3),
                                            new Sample("f", main, START + 9 * SLOT, 4),
                                            new Sample("g", other, START + 10 * SLOT, 5))),
                            profile("b", START, List.of(new Sample("f", main, START, 1)))));
            TimeRange range = new TimeRange(START, START + 2 * SECOND);
            List<ThreadSeries> found = store.threads(query("", range), SECOND);
            assertThat(found).hasSize(3);
            assertThat(found.get(0).thread()).isEqualTo(main);
            assertThat(found.get(0).series().get("pod")).isEqualTo("a");
            assertThat(found.get(0).values()).containsExactly(7, 0);
            assertThat(found.get(1).thread()).isEqualTo(other);
            assertThat(found.get(1).values()).containsExactly(0, 5);
            assertThat(found.get(2).series().get("pod")).isEqualTo("b");
            assertThat(store.threads(query("pod=\"b\"", range), SLOT).getFirst().values())
                    .hasSize(20)
                    .startsWith(1, 0);
            assertThatThrownBy(() -> store.threads(query("", range), SLOT / 2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("multiple");
        }
    }

    @Test
    void timesGoAfterAnHourAndProfilesStay() {
        AtomicLong now = new AtomicLong(START / SECOND);
        StoreOptions options =
                StoreOptions.defaults().withClock(() -> Instant.ofEpochSecond(now.get()));
        SampledThread thread = new SampledThread(1, "main");
        try (RocksDbProfileStore store = RocksDbProfileStore.open(directory, options)) {
            store.write(
                    TENANT,
                    List.of(profile("a", START, List.of(new Sample("f", thread, START, 7)))));
            assertThat(store.statistics().fineBytes()).isPositive();
            now.addAndGet(3600);
            store.applyRetention();
            assertThat(store.mergeThreads(query("", ALL), EVERY, false).total(0)).isEqualTo(7);
            now.addAndGet(Duration.ofMinutes(11).toSeconds());
            store.applyRetention();
            assertThat(store.mergeThreads(query("", ALL), EVERY, false).total(0)).isZero();
            assertThat(store.merge(query("", ALL)).total(0)).isEqualTo(7);
        }
    }
}
