package io.flarepath.store;

import static io.flarepath.store.Profiles.SECOND;
import static io.flarepath.store.Profiles.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.DiffTree;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.Matcher;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import io.flarepath.store.query.TimeSeries;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever is written, late, out of order and again, restarted, put together and summed up in
 * between: answers equal a ledger kept on the side.
 */
class LedgerPropertyTest {
    private static final int SPAN_SECONDS = 3 * 86_400;
    private static final List<ProfileType> TYPES =
            List.of(
                    ProfileType.CPU,
                    ProfileType.parse("memory:alloc_space:bytes:space:bytes"),
                    ProfileType.parse("mutex:delay:nanoseconds::"));

    /** What may be configured: it changes from one start to the next. */
    private static final List<List<List<String>>> GROUPS =
            List.of(
                    List.of(List.of("k8s.namespace.name"), List.of("namespace", "version")),
                    List.of(List.of("version", "namespace")),
                    List.of(List.of("namespace")),
                    List.of());

    @TempDir private Path directory;

    private record Entry(
            String tenant, Labels labels, ProfileType type, long start, Map<String, Long> stacks) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void answersEqualTheLedger(long seed) {
        compare(seed, 120, 15);
    }

    @ParameterizedTest
    @Tag("slow")
    @ValueSource(longs = {3, 4, 5, 6, 7, 8, 9, 10})
    void answersEqualALongLedger(long seed) {
        compare(seed, 240, 120);
    }

    private void compare(long seed, int calls, int checks) {
        Random random = new Random(seed);
        List<Entry> ledger = new ArrayList<>();
        List<Entry> everything = new ArrayList<>();
        Map<Entry, Profile> sent = new HashMap<>();
        AtomicLong clock = new AtomicLong(START / SECOND);
        StoreOptions options =
                StoreOptions.defaults()
                        // Small enough that dictionaries are let go and read again, and overflow.
                        .withDictionaries(1 << 20, seed % 2 == 0 ? 150 : 100_000)
                        .withFinishing(Duration.ofMinutes(2), Duration.ofDays(1))
                        .withSeriesSumRows(seed % 4 < 2 ? 0 : 8192)
                        .withClock(() -> Instant.ofEpochSecond(clock.get()));
        options = options.withGroups(GROUPS.getFirst());
        RocksDbProfileStore store = RocksDbProfileStore.open(directory, options);
        try {
            for (int call = 0; call < calls; call++) {
                if (random.nextInt(30) == 0) {
                    store.close();
                    options = options.withGroups(GROUPS.get(random.nextInt(GROUPS.size())));
                    store = RocksDbProfileStore.open(directory, options);
                }
                clock.addAndGet(random.nextInt(3 * SPAN_SECONDS / calls));
                if (random.nextInt(4) == 0) {
                    store.finishWindows();
                }
                String tenant = "tenant" + random.nextInt(2);
                List<Profile> batch = new ArrayList<>();
                int duplicates = 0;
                for (int i = random.nextInt(6); i >= 0; i--) {
                    Entry again =
                            everything.isEmpty()
                                    ? null
                                    : everything.get(random.nextInt(everything.size()));
                    if (again != null && again.tenant().equals(tenant) && random.nextInt(4) == 0) {
                        batch.add(java.util.Objects.requireNonNull(sent.get(again)));
                        duplicates++;
                    } else {
                        Entry entry = entry(random, tenant);
                        Profile profile = profile(random, entry, everything.size());
                        if (sent.putIfAbsent(entry, profile) == null) {
                            everything.add(entry);
                            ledger.add(entry);
                            batch.add(profile);
                        }
                    }
                }
                assertThat(store.write(tenant, batch))
                        .as("seed %d, call %d", seed, call)
                        .isEqualTo(new WriteResult(batch.size() - duplicates, duplicates));
            }
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < checks; i++) {
                    check(store, random, ledger, seed);
                }
                // As it was written, then with all days summed up, then read anew.
                clock.set(START / SECOND + 2 * SPAN_SECONDS);
                store.finishWindows();
                if (round == 1) {
                    store.close();
                    options = options.withGroups(GROUPS.getFirst());
                    store = RocksDbProfileStore.open(directory, options);
                }
            }
            for (Entry entry : everything) {
                assertThat(
                                store.write(
                                        entry.tenant(),
                                        List.of(java.util.Objects.requireNonNull(sent.get(entry)))))
                        .isEqualTo(new WriteResult(0, 1));
            }
            assertThat(store.statistics().corruptValues()).isZero();
            // Of whatever was configured when they were made.
            assertThat(store.contents("tenant0").levels())
                    .filteredOn(part -> part.values() > 0)
                    .extracting(StoreContents.Part::name)
                    .anyMatch(name -> name.contains(" by "));
        } finally {
            store.close();
        }
    }

    private static Entry entry(Random random, String tenant) {
        // Half of it lies in few windows, where sums of many series begin.
        boolean busy = random.nextBoolean();
        Labels labels = labels(busy ? 0 : random.nextInt(3), random.nextInt(12));
        Map<String, Long> stacks = new TreeMap<>();
        for (int i = random.nextInt(8); i >= 0; i--) {
            StringBuilder stack = new StringBuilder("main");
            for (int depth = random.nextInt(12); depth > 0; depth--) {
                stack.append(";f").append(random.nextInt(5));
            }
            stacks.merge(stack.toString(), (long) random.nextInt(50) * 10_000_000, Long::sum);
        }
        int second =
                busy
                        ? random.nextInt(2) * 100_200 + random.nextInt(600)
                        : random.nextInt(SPAN_SECONDS);
        ProfileType type = TYPES.get(busy ? 0 : random.nextInt(TYPES.size()));
        return new Entry(tenant, labels, type, START + second * SECOND, stacks);
    }

    /** Most pods are of one namespace; the last few have none. */
    private static Labels labels(int service, int pod) {
        Map<String, String> labels =
                new HashMap<>(Profiles.labels("service" + service, "pod" + pod).asMap());
        labels.put("namespace", pod < 8 ? "shop" : pod < 10 ? "test" : "");
        labels.put("version", "v" + pod % 2);
        return Labels.of(labels);
    }

    private static Profile profile(Random random, Entry entry, int number) {
        return Profiles.of(entry.labels(), entry.type(), entry.start(), entry.stacks())
                .id(random.nextBoolean() ? "" : "upload" + number)
                .build();
    }

    private static void check(
            RocksDbProfileStore store, Random random, List<Entry> ledger, long seed) {
        String tenant = "tenant" + random.nextInt(2);
        ProfileType type = TYPES.get(random.nextInt(TYPES.size()));
        int grain = random.nextBoolean() ? 1 : 600;
        long from = START + (long) random.nextInt(SPAN_SECONDS) / grain * grain * SECOND;
        TimeRange range = new TimeRange(from, from + random.nextInt(SPAN_SECONDS) * SECOND);
        long step = List.of(7, 600, 7200, 86_400).get(random.nextInt(4)) * SECOND;
        List<Matcher> matchers = new ArrayList<>();
        if (random.nextBoolean()) {
            matchers.add(
                    new Matcher(
                            "service_name", Matcher.Operator.EQUAL, "service" + random.nextInt(3)));
        }
        if (random.nextBoolean()) {
            matchers.add(
                    List.of(
                                    new Matcher("pod", Matcher.Operator.NOT_MATCHES, "pod[01]"),
                                    new Matcher("namespace", Matcher.Operator.EQUAL, "shop"),
                                    new Matcher("namespace", Matcher.Operator.NOT_EQUAL, "test"),
                                    new Matcher("version", Matcher.Operator.EQUAL, "v1"))
                            .get(random.nextInt(4)));
        }
        List<String> groupBy =
                List.of(List.of("pod"), List.of("namespace"), List.of("version", "namespace"))
                        .get(random.nextInt(3));
        Selector selector = new Selector(matchers);
        long expected = 0;
        Map<String, Long> leaves = new TreeMap<>();
        Map<String, Long> steps = new TreeMap<>();
        long samples = 0;
        for (Entry entry : ledger) {
            if (entry.tenant().equals(tenant)
                    && entry.type().equals(type)
                    && range.contains(entry.start())
                    && selector.matches(entry.labels())) {
                for (Map.Entry<String, Long> stack : entry.stacks().entrySet()) {
                    expected += stack.getValue();
                    leaves.merge(stack.getKey(), stack.getValue(), Long::sum);
                }
                long total = entry.stacks().values().stream().mapToLong(Long::longValue).sum();
                samples += total / 10_000_000;
                steps.merge(
                        group(entry.labels(), groupBy) + " " + (entry.start() - from) / step,
                        total,
                        Long::sum);
            }
        }
        leaves.values().removeIf(value -> value == 0);
        ProfileQuery query = new ProfileQuery(tenant, type, selector, range);
        FlameTree tree = store.merge(query);
        assertThat(tree.total(0)).as("seed %d %s", seed, query).isEqualTo(expected);
        if (seed % 2 == 1) {
            assertThat(stacks(tree)).as("seed %d %s", seed, query).isEqualTo(leaves);
        }
        assertThat(tree.samples()).as("seed %d %s", seed, query).isEqualTo(samples);
        steps.values().removeIf(value -> value == 0);
        Map<String, Long> inSteps = new TreeMap<>();
        for (TimeSeries series : store.timeSeries(query, step, groupBy)) {
            for (int i = 0; i < series.values().length; i++) {
                if (series.values()[i] > 0) {
                    inSteps.put(series.labels() + " " + i, series.values()[i]);
                }
            }
        }
        assertThat(inSteps).as("seed %d %s", seed, query).isEqualTo(steps);
        assertThat(
                        store.timeSeries(query, step, List.of()).stream()
                                .mapToLong(TimeSeries::total)
                                .sum())
                .as("seed %d %s", seed, query)
                .isEqualTo(expected);
        Trees.check(tree);
        FlameTree top = tree.top(1 + random.nextInt(20));
        Trees.check(top);
        Trees.check(top.top(1 + random.nextInt(10)));
        assertThat(top.total(0)).isEqualTo(expected);
        DiffTree diff = DiffTree.of(tree, top);
        Trees.check(diff);
        Trees.check(diff.top(1 + random.nextInt(20)));
        assertThat(diff.totalA(0)).isEqualTo(expected);
        assertThat(diff.totalB(0)).isEqualTo(expected);
    }

    private static Labels group(Labels labels, List<String> names) {
        Map<String, String> group = new HashMap<>(labels.asMap());
        group.keySet().retainAll(names);
        return Labels.of(group);
    }

    private static Map<String, Long> stacks(FlameTree tree) {
        Map<String, Long> stacks = new TreeMap<>();
        for (int node = 1; node < tree.size(); node++) {
            if (tree.self(node) > 0) {
                List<String> names = new ArrayList<>();
                for (int up = node; up > 0; up = tree.parent(up)) {
                    names.add(tree.frame(up).function());
                }
                Collections.reverse(names);
                stacks.put(String.join(";", names), tree.self(node));
            }
        }
        return stacks;
    }
}
