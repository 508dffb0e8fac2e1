package io.flarepath.store;

import static io.flarepath.store.Profiles.ALL;
import static io.flarepath.store.Profiles.SECOND;
import static io.flarepath.store.Profiles.START;
import static io.flarepath.store.Profiles.TENANT;
import static io.flarepath.store.Profiles.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import io.flarepath.store.retention.Ages;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Retention, concurrency, caps and limits. */
class StoreBehaviourTest {
    @TempDir private Path directory;

    @Test
    void eightWritersOfTheSameNewStacksAndUploadsLoseAndDoubleNothing() throws Exception {
        int writers = 8;
        int each = 60;
        try (RocksDbProfileStore store =
                        RocksDbProfileStore.open(
                                directory,
                                StoreOptions.defaults().withDurability(Durability.SYNC));
                var pool = Executors.newFixedThreadPool(writers)) {
            CyclicBarrier start = new CyclicBarrier(writers);
            List<Future<int[]>> results = new ArrayList<>();
            for (int writer = 0; writer < writers; writer++) {
                String pod = "pod" + writer;
                results.add(
                        pool.submit(() -> {
                            start.await();
                            int[] counts = new int[2];
                            for (int i = 0; i < each; i++) {
                                WriteResult result =
                                        store.write(
                                                TENANT, List.of(own(pod, i), shared(i), shared(i)));
                                counts[0] += result.stored();
                                counts[1] += result.duplicates();
                            }
                            return counts;
                        }));
            }
            int stored = 0;
            int duplicates = 0;
            for (Future<int[]> result : results) {
                stored += result.get()[0];
                duplicates += result.get()[1];
            }
            assertThat(stored).isEqualTo(writers * each + each);
            assertThat(duplicates).isEqualTo(2 * writers * each - each);
            assertThat(store.merge(query("pod=\"shared\"", ALL)).total(0)).isEqualTo(each);
        }
        try (RocksDbProfileStore store =
                RocksDbProfileStore.open(directory, StoreOptions.defaults())) {
            FlameTree tree = store.merge(query("pod!=\"shared\"", ALL));
            assertThat(tree.total(0)).isEqualTo(2L * writers * each);
            for (int node = 1; node < tree.size(); node++) {
                if (tree.frame(node).function().startsWith("f")) {
                    assertThat(tree.total(node)).isEqualTo(2L * writers);
                }
            }
        }
    }

    private static Profile own(String pod, int i) {
        return Profiles.of("shop", pod, START + i * SECOND, Map.of("main;f" + i, 2L)).build();
    }

    private static Profile shared(int i) {
        return Profiles.of("shop", "shared", START + i * SECOND, Map.of("main;s" + i, 1L))
                .id(i % 2 == 0 ? "" : "u" + i)
                .build();
    }

    @Test
    void retentionDropsWindowsSeriesAndDictionariesThatAreTooOld() {
        AtomicLong now = new AtomicLong(START / SECOND);
        StoreOptions options =
                StoreOptions.defaults()
                        .withRetention(Duration.ofHours(1), Duration.ofDays(1))
                        .withClock(() -> Instant.ofEpochSecond(now.get()));
        try (RocksDbProfileStore store = RocksDbProfileStore.open(directory, options)) {
            Profile old = Profiles.of("gone", "a", START, Map.of("main", 1L)).id("x").build();
            store.write(TENANT, List.of(old));
            store.write(
                    TENANT,
                    List.of(
                            Profiles.of("stays", "a", START, Map.of("main", 2L)).build(),
                            Profiles.of("stays", "a", START + 3000 * SECOND, Map.of("main", 4L))
                                    .build()));
            now.addAndGet(69 * 60);
            store.applyRetention();
            assertThat(store.merge(query("", ALL)).total(0)).isEqualTo(7);
            now.addAndGet(2 * 60);
            store.applyRetention();
            assertThat(store.merge(query("", ALL)).total(0)).isEqualTo(4);
            assertThat(store.labelValues(TENANT, "service_name", Selector.ALL, ALL))
                    .containsExactly("stays");
            assertThat(store.statistics().series()).isEqualTo(1);
            assertThat(store.statistics().oldestNanos()).isEqualTo(START + 3000 * SECOND);
            store.write(
                    TENANT,
                    List.of(
                            Profiles.of("gone", "b", START + 3600 * SECOND, Map.of("back", 8L))
                                    .build()));
        }
        try (RocksDbProfileStore store = RocksDbProfileStore.open(directory, options)) {
            assertThat(store.statistics().series()).isEqualTo(2);
            FlameTree tree = store.merge(query("service_name=\"gone\"", ALL));
            assertThat(tree.total(0)).isEqualTo(8);
            assertThat(tree.frame(1).function()).isEqualTo("back");
        }
    }

    @Test
    void everyLevelGoesAtItsAgeAndCoarserSumsAnswerThen() {
        AtomicLong now = new AtomicLong(START / SECOND);
        StoreOptions options =
                StoreOptions.defaults()
                        .withRetention(
                                new Ages(
                                        Duration.ofDays(1),
                                        Duration.ofDays(2),
                                        Duration.ofDays(4),
                                        Duration.ofDays(8)),
                                Duration.ofDays(1))
                        .withSeriesSumRows(0)
                        .withClock(() -> Instant.ofEpochSecond(now.get()));
        int hour = 3600;
        // 1 in the first window, 2 in the next, 4 two hours later.
        List<Profile> profiles = new ArrayList<>();
        int[] at = {30, 630, 2 * hour + 30};
        for (int i = 0; i < at.length; i++) {
            profiles.add(
                    Profiles.of("shop", "a", START + at[i] * SECOND, Map.of("main", 1L << i))
                            .build());
        }
        try (RocksDbProfileStore store = RocksDbProfileStore.open(directory, options)) {
            store.write(TENANT, profiles);
            long[][] expected = {
                // days passed; total of a part of the first window, window, 2 hours, day
                {0, 0, 1, 3, 7},
                {2, 1, 1, 3, 7},
                {3, 3, 3, 3, 7},
                {6, 7, 7, 7, 7},
                {10, 0, 0, 0, 0},
            };
            for (long[] row : expected) {
                now.set(START / SECOND + row[0] * 24 * hour + hour);
                store.applyRetention();
                assertThat(
                                new long[] {
                                    row[0],
                                    total(store, 10),
                                    total(store, 600),
                                    total(store, 2 * hour),
                                    total(store, 24 * hour)
                                })
                        .isEqualTo(row);
            }
            assertThat(store.statistics().series()).isZero();
            assertThat(store.statistics().corruptValues()).isZero();
        }
    }

    private static long total(RocksDbProfileStore store, int seconds) {
        return store.merge(query("", Profiles.rangeOf(START, seconds))).total(0);
    }

    @Test
    void aStoreThatIsTooLargeLosesProfilesBeforeSums() {
        AtomicLong now = new AtomicLong(START / SECOND);
        StoreOptions options =
                StoreOptions.defaults()
                        .withMostBytes(1 << 20)
                        .withClock(() -> Instant.ofEpochSecond(now.get()));
        Random random = new Random(3);
        long first = 0;
        long all = 0;
        try (RocksDbProfileStore store = RocksDbProfileStore.open(directory, options)) {
            for (int i = 0; i < 144; i++) {
                Map<String, Long> stacks = new HashMap<>();
                for (int stack = 0; stack < 1000; stack++) {
                    stacks.put("main;f" + stack, random.nextLong(1L << 40));
                }
                long total = stacks.values().stream().mapToLong(Long::longValue).sum();
                first = i == 0 ? total : first;
                all += total;
                store.write(
                        TENANT,
                        List.of(
                                Profiles.of("shop", "a", START + (600L * i + 30) * SECOND, stacks)
                                        .build()));
            }
            now.addAndGet(86_400 + 3600);
            store.finishWindows();
            assertThat(store.statistics().bytesOnDisk()).isGreaterThan(1 << 20);
            assertThat(total(store, 10)).isZero();
            store.applyRetention();
            store.applyRetention();
            // No profile is known by itself any more; the sums of its window answer.
            assertThat(total(store, 10)).isEqualTo(first);
            assertThat(total(store, 86_400)).isEqualTo(all);
        }
    }

    @Test
    void aFullDictionaryFoldsNewStacksAndKeepsTotals() {
        StoreOptions options = StoreOptions.defaults().withDictionaries(1 << 20, 20);
        try (RocksDbProfileStore store = RocksDbProfileStore.open(directory, options)) {
            Map<String, Long> stacks = new HashMap<>();
            for (int i = 0; i < 200; i++) {
                stacks.put("main;handler;f" + i + ";g", 1L);
            }
            store.write(TENANT, List.of(Profiles.of("shop", "a", START, stacks).build()));
            store.write(TENANT, List.of(Profiles.of("shop", "b", START, stacks).build()));
            FlameTree tree = store.merge(query("", ALL));
            assertThat(tree.total(0)).isEqualTo(400);
            assertThat(tree.size()).isLessThan(30);
            assertThat(tree.frame(3).function()).isEqualTo("<overflow>");
            assertThat(tree.parent(3)).isEqualTo(2);
            assertThat(store.statistics().foldedStacks()).isGreaterThan(300);
        }
    }

    @Test
    void tenThousandFramesDeepIsFine() {
        int depth = 10_000;
        Profile.Builder builder =
                Profile.builder(Profiles.labels("deep", "a"), ProfileType.CPU).time(START, 0);
        int[] frames = new int[depth];
        for (int i = 0; i < depth; i++) {
            frames[i] = builder.frame(Frame.named("f" + i % 3));
        }
        try (RocksDbProfileStore store =
                RocksDbProfileStore.open(directory, StoreOptions.defaults())) {
            store.write(TENANT, List.of(builder.stack(frames, depth, 5).build()));
            FlameTree tree = store.merge(query("", ALL));
            assertThat(tree.size()).isEqualTo(depth + 1);
            assertThat(tree.self(depth)).isEqualTo(5);
            FlameTree top = tree.top(100);
            assertThat(top.size()).isEqualTo(101);
            assertThat(top.isOther(100)).isTrue();
            assertThat(top.hiddenNodes()).isEqualTo(depth + 1 - 100);
            assertThat(tree.focus(List.of("f0", "f2", "f1")).total(0)).isEqualTo(5);
        }
    }

    @Test
    void nodesAreMergedByAllButTheirLine() {
        Profile.Builder builder =
                Profile.builder(Profiles.labels("shop", "a"), ProfileType.CPU).time(START, 0);
        for (int line = 1; line <= 3; line++) {
            Frame frame = new Frame("f", "f.c", line, "app", "ab", 0, FrameKind.NATIVE, false);
            builder.stack(new int[] {builder.frame(frame)}, 1, line);
        }
        Frame inlined = new Frame("f", "f.c", 1, "app", "ab", 0, FrameKind.NATIVE, true);
        builder.stack(new int[] {builder.frame(inlined)}, 1, 10);
        try (RocksDbProfileStore store =
                RocksDbProfileStore.open(directory, StoreOptions.defaults())) {
            store.write(TENANT, List.of(builder.build()));
            FlameTree tree = store.merge(query("", ALL));
            assertThat(tree.size()).isEqualTo(3);
            assertThat(tree.total(1)).isEqualTo(10);
            assertThat(tree.total(2)).isEqualTo(6);
            assertThat(tree.frame(2))
                    .isEqualTo(new Frame("f", "f.c", 0, "app", "ab", 0, FrameKind.NATIVE, false));
        }
    }

    @Test
    void nodesOfTwoBuildsHaveNoBuild() {
        Profile.Builder builder =
                Profile.builder(Profiles.labels("shop", "a"), ProfileType.CPU).time(START, 0);
        for (String build : List.of("ab", "cd", "ab")) {
            Frame frame = new Frame("f", "f.c", 1, "app", build, 0, FrameKind.NATIVE, false);
            builder.stack(new int[] {builder.frame(frame)}, 1, 5);
        }
        try (RocksDbProfileStore store =
                RocksDbProfileStore.open(directory, StoreOptions.defaults())) {
            store.write(TENANT, List.of(builder.build()));
            FlameTree tree = store.merge(query("", ALL));
            assertThat(tree.size()).isEqualTo(2);
            assertThat(tree.total(1)).isEqualTo(15);
            assertThat(tree.frame(1).buildId()).isEmpty();
        }
    }

    @Test
    void refusesValuesAndTimesThatCannotBeAddedUp() {
        try (RocksDbProfileStore store =
                RocksDbProfileStore.open(directory, StoreOptions.defaults())) {
            Profile huge =
                    Profiles.of("shop", "a", START, Map.of("a", 1L << 62, "b", 1L << 62)).build();
            Profile early = Profiles.of("shop", "a", -1, Map.of("a", 1L)).build();
            assertThatThrownBy(() -> store.write(TENANT, List.of(huge)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> store.write(TENANT, List.of(early)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() ->
                            store.timeSeries(query("", new TimeRange(0, START)), 1, List.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("steps");
            assertThat(store.labelNames(TENANT, Selector.ALL, ALL)).isEmpty();
        }
    }

    @Test
    void aNearlyFullDiskRefusesWritesAndAnswersReads() {
        try (RocksDbProfileStore store =
                RocksDbProfileStore.open(
                        directory, StoreOptions.defaults().withMinimumFreeBytes(1L << 60))) {
            Profile profile = Profiles.of("shop", "a", START, Map.of("main", 1L)).build();
            assertThatThrownBy(() -> store.write(TENANT, List.of(profile)))
                    .isInstanceOfSatisfying(
                            StoreException.class,
                            e -> assertThat(e.reason()).isEqualTo(StoreException.Reason.DISK));
            assertThat(store.merge(query("", ALL)).total(0)).isZero();
        }
    }
}
