package io.flarepath.store;

import static io.flarepath.store.Profiles.ALL;
import static io.flarepath.store.Profiles.SECOND;
import static io.flarepath.store.Profiles.START;
import static io.flarepath.store.Profiles.TENANT;
import static io.flarepath.store.Profiles.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.FlameTree;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Uploads that are made to take all memory: what is kept is bounded, and totals stay exact. */
class AdversaryTest {
    private static final int CAP = 2_000;
    private static final int SERIES = 100;
    private static final long DAY = 86_400 * SECOND;

    @TempDir private Path directory;

    private final AtomicLong clock = new AtomicLong(START);

    private RocksDbProfileStore open() {
        return RocksDbProfileStore.open(
                directory,
                StoreOptions.defaults()
                        .withDictionaries(1 << 20, CAP)
                        .withSeries(SERIES)
                        .withRetention(Duration.ofDays(3), Duration.ofDays(1))
                        .withFinishing(Duration.ofMinutes(2), Duration.ofDays(1))
                        .withClock(() -> Instant.ofEpochSecond(0, clock.get())));
    }

    private static long total(RocksDbProfileStore store, String selector) {
        return store.merge(query(selector, ALL)).total(0);
    }

    @Test
    void seriesWithoutEndFoldIntoOneOfTheirServiceAndProfiler() {
        int count = 1_000;
        List<Profile> profiles = new ArrayList<>();
        for (int pod = 0; pod < count; pod++) {
            // The same content at the same time: only the labels tell them apart.
            profiles.add(Profiles.of("shop", "pod" + pod, START, Map.of("main;work", 7L)).build());
        }
        try (RocksDbProfileStore store = open()) {
            for (int from = 0; from < count; from += 50) {
                List<Profile> batch = profiles.subList(from, from + 50);
                assertThat(store.write(TENANT, batch)).isEqualTo(new WriteResult(50, 0));
            }
            assertThat(store.statistics().series()).isEqualTo(SERIES + 1);
            assertThat(store.statistics().foldedProfiles()).isEqualTo(count - SERIES);
            assertThat(total(store, "service_name=\"shop\"")).isEqualTo(7L * count);
            assertThat(total(store, "overflow=\"true\",profiler=\"flarepath\""))
                    .isEqualTo(7L * (count - SERIES));
            assertThat(store.write(TENANT, profiles))
                    .as("retries")
                    .isEqualTo(new WriteResult(0, count));
            store.finishWindows();
        }
        try (RocksDbProfileStore store = open()) {
            assertThat(store.write(TENANT, profiles)).isEqualTo(new WriteResult(0, count));
            assertThat(total(store, "")).isEqualTo(7L * count);
        }
    }

    @Test
    void servicesAndProfilersWithoutEndFoldToo() {
        int count = 1_500;
        try (RocksDbProfileStore store = open()) {
            for (int number = 0; number < count; number++) {
                Labels labels =
                        Labels.of(
                                Map.of(
                                        "service_name", "s" + number,
                                        "profiler", "p" + number,
                                        "pod", "a"));
                store.write(
                        TENANT,
                        List.of(
                                Profiles.of(labels, ProfileType.CPU, START, Map.of("main", 3L))
                                        .build()));
            }
            assertThat(store.statistics().series()).isLessThanOrEqualTo(SERIES + SERIES / 4 + 1);
            assertThat(total(store, "")).isEqualTo(3L * count);
            assertThat(total(store, "service_name=\"s0\"")).isEqualTo(3);
            assertThat(total(store, "service_name=\"<overflow>\",overflow=\"true\""))
                    .isEqualTo(3L * (count - SERIES - SERIES / 4));
        }
    }

    /** One in a hundred has a name that never comes again, some are deep, some are wide. */
    private static Profile hostile(Random random, int number, Map<String, Long> roots) {
        Map<String, Long> stacks = new HashMap<>();
        int wide = number % 50 == 49 ? 16_000 : 100;
        for (int i = 0; i < wide; i++) {
            String root = "root" + random.nextInt(5);
            String stack =
                    random.nextInt(100) == 0
                            ? root + ";Lambda$" + number + "/" + i
                            : root + ";f" + random.nextInt(20) + ";g" + random.nextInt(20);
            stacks.merge(stack, 1L, Long::sum);
        }
        if (number % 50 == 49) {
            stacks.put("root0" + ";again".repeat(500), 1L);
        }
        stacks.forEach((stack, value) -> roots.merge(stack.substring(0, 5), value, Long::sum));
        return Profiles.of("jit", "a", START + number * 60L * SECOND, stacks).build();
    }

    private static Map<String, Long> roots(FlameTree tree) {
        Map<String, Long> roots = new TreeMap<>();
        for (int node = 1; node < tree.size(); node++) {
            if (tree.parent(node) == 0) {
                roots.merge(tree.frame(node).function(), tree.total(node), Long::sum);
            }
        }
        return roots;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void namesWithoutEndAreFoldedUntilTheNextDayAndGoWithTheirProfiles(long seed) {
        Random random = new Random(seed);
        Map<String, Long> expected = new TreeMap<>();
        RocksDbProfileStore store = open();
        try {
            for (int day = 0; day < 3; day++) {
                long folded = store.statistics().foldedStacks();
                for (int i = 0; i < 200; i++) {
                    int number = day * 1_440 + i;
                    clock.set(START + number * 60L * SECOND);
                    store.write(TENANT, List.of(hostile(random, number, expected)));
                }
                assertThat(store.statistics().foldedStacks()).as("%d", seed).isGreaterThan(folded);
                FlameTree tree = store.merge(query("", ALL));
                assertThat(roots(tree)).as("seed %d, day %d", seed, day).isEqualTo(expected);
                // A full dictionary has room for an overflow below every node.
                assertThat(nodes(store)).isBetween(CAP * (day + 1L), 2L * CAP * (day + 1) + 2);
                assertThat(newest(tree)).as("named anew").isBetween(day * 1_440, day * 1_440 + 199);
                if (day == 1) {
                    store.finishWindows();
                    store.close();
                    store = open();
                }
            }
            clock.addAndGet(4 * DAY);
            store.write(TENANT, List.of(hostile(random, 7 * 1_440, expected)));
            clock.addAndGet(4 * DAY);
            store.applyRetention();
            assertThat(nodes(store)).as("epochs that are over").isLessThanOrEqualTo(2L * CAP + 2);
        } finally {
            store.close();
        }
    }

    private static long nodes(RocksDbProfileStore store) {
        return store.contents(TENANT).services().getFirst().nodes();
    }

    /** The newest profile of which a name that never came again is known. */
    private static int newest(FlameTree tree) {
        int newest = -1;
        for (int node = 1; node < tree.size(); node++) {
            String name = tree.frame(node).function();
            if (name.startsWith("Lambda$")) {
                newest = Math.max(newest, Integer.parseInt(name.substring(7, name.indexOf('/'))));
            }
        }
        return newest;
    }
}
