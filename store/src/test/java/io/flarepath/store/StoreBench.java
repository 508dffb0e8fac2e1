package io.flarepath.store;

import static io.flarepath.store.Profiles.SECOND;
import static io.flarepath.store.Profiles.START;
import static io.flarepath.store.Profiles.TENANT;
import static io.flarepath.store.Profiles.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Generated load of a day: 4 pods, a profile each per minute, 20,000 stacks of depth 20 to 60 that
 * share their callers, drawn by zipf. The baseline writes the same rows as plain varints with the
 * stacks' text, and merges them by a map of texts.
 */
@Tag("bench")
class StoreBench {
    private static final int STACKS = 20_000;
    private static final int PODS = 4;
    private static final int ROWS = 600;
    private static final int HOURS = 24;
    private static final int PER_HOUR = 60;
    private static final long PERIOD = 10_309_278;

    @TempDir private Path directory;
    private final Random random = new Random(42);

    private static final Frame[] FRAMES = new Frame[10_000];

    static {
        for (int i = 0; i < FRAMES.length; i++) {
            FRAMES[i] = Frame.named("com/example/shop/Part.call" + i);
        }
    }

    @Test
    void ingestSizeAndMerge() {
        List<int[]> stacks = stacks();
        double[] cumulated = zipf();
        long rows = 0;
        long storeCpu = 0;
        long baselineCpu = 0;
        long baselineBytes = 0;
        List<ByteWriter> baselineHour = new ArrayList<>();
        StoreOptions options =
                StoreOptions.defaults()
                        .withRetention(Duration.ofDays(36_500), Duration.ofDays(1))
                        .withFinishing(Duration.ZERO, Duration.ofDays(1))
                        .withMinimumFreeBytes(0);
        try (RocksDbProfileStore store = RocksDbProfileStore.open(directory, options)) {
            for (int at = 0; at < HOURS * PER_HOUR; at++) {
                List<Profile> batch = new ArrayList<>();
                for (int pod = 0; pod < PODS; pod++) {
                    Profile profile =
                            profile(stacks, cumulated, pod, START + at * 3600L * SECOND / PER_HOUR);
                    batch.add(profile);
                    rows += profile.stackCount();
                }
                long before = cpu();
                store.write(TENANT, batch);
                long between = cpu();
                for (Profile profile : batch) {
                    ByteWriter plain = plain(profile);
                    baselineBytes += plain.size();
                    if (at < PER_HOUR) {
                        baselineHour.add(plain);
                    }
                }
                baselineCpu += cpu() - between;
                storeCpu += between - before;
            }
            long before = cpu();
            store.finishWindows();
            storeCpu += cpu() - before;
        }
        long bytes =
                FamilyBytes.of(directory.resolve("db"), true).values().stream()
                        .mapToLong(Long::longValue)
                        .sum();
        try (RocksDbProfileStore store = RocksDbProfileStore.open(directory, options)) {
            double hour = merge(store, 1);
            double all = merge(store, HOURS);
            double baseline = mergeByText(baselineHour);
            System.out.printf(
                    "store: %d rows, %.0f rows/CPU s (baseline %.0f), %.2f B/row (baseline %.1f,"
                            + " ratio %.4f)%n",
                    rows,
                    rows / (storeCpu / 1e9),
                    rows / (baselineCpu / 1e9),
                    (double) bytes / rows,
                    (double) baselineBytes / rows,
                    (double) bytes / baselineBytes);
            System.out.printf(
                    "merge: 1 h %.1f ms, %d h %.1f ms; by texts 1 h %.1f ms, ratio %.4f%n",
                    hour, HOURS, all, baseline, hour / baseline);
            ratio("store-write-rate", (double) baselineCpu / storeCpu);
            ratio("store-compression", (double) baselineBytes / bytes);
            ratio("store-merge-1h", hour / baseline);
            // Rows of a day are 24 times those of an hour; the tree is folded once.
            ratio("store-merge-1d-to-1h", all / hour);
        }
    }

    @Test
    void tenSecondProfilesOfFivePods() {
        GeneratedService service = new GeneratedService("ten", 7, START, 20_000, 1.0, 5);
        long end = START + 4 * 3600L * SECOND;
        report("ten-seconds", service, 10 * SECOND, 0, end);
    }

    @Test
    void aMonthOfFourPods() {
        GeneratedService service = new GeneratedService("month", 8, START, 20_000, 1.0, 4);
        long end = START + 30 * GeneratedService.DAY;
        report("month", service, 600 * SECOND, 450, end);
    }

    /** Half of it allocations: values without a unit of their own, which nothing packs. */
    @Test
    void aWeekOfPodsThatComeAndGoAndOfNewBuilds() {
        GeneratedService service =
                new GeneratedService("week", 11, START, 5_000, 1.0, 5).changing().allocating();
        long end = START + 7 * GeneratedService.DAY;
        report("week", service, 600 * SECOND, 450, end);
    }

    /** Targets of 30 days of a service and of a day of 100 pods. */
    @Test
    void queriesOfTwoThousandPods() {
        AtomicLong clock = new AtomicLong(START);
        FleetQueries fleet = new FleetQueries(directory, options(clock), clock);
        fleet.write();
        fleet.ask();
        ratio("store-fleet-day-of-100-to-budget", fleet.median(100, 24 * 60) / 400);
        ratio("store-fleet-month-to-budget", fleet.median(2_000, 30 * 24 * 60) / 50);
    }

    /** What is kept besides, if it is asked for: sums by label, and times of samples. */
    @Test
    void labelGroupsAndTimesOfSamples() {
        StoreOptions options = options(new AtomicLong(START + 2 * GeneratedService.DAY));
        // Whoever is first pays for what the JIT has not compiled yet.
        cost("first", options, 16);
        Cost plain = cost("plain", options, 0);
        Cost groups = cost("groups", options.withGroups(List.of(List.of("zone"))), 0);
        Cost times = cost("times", options(new AtomicLong(START + 2400 * SECOND)), 16);
        ratio("store-groups-bytes", groups.bytes / plain.bytes);
        ratio("store-groups-finishing", groups.finishing / plain.finishing);
        ratio("store-times-writing", times.writing / plain.writing);
    }

    private static StoreOptions options(AtomicLong clock) {
        return StoreOptions.defaults()
                .withClock(() -> Instant.ofEpochSecond(0, clock.get()))
                .withFinishing(Duration.ofMinutes(2), Duration.ofDays(1))
                .withMinimumFreeBytes(0);
    }

    /** Bytes a row, compacted, and CPU nanoseconds a row. */
    private record Cost(double bytes, double writing, double finishing) {}

    /** Forty minutes of twelve pods in three zones; all of it becomes sums if its time is over. */
    private Cost cost(String name, StoreOptions options, int threads) {
        GeneratedService service =
                new GeneratedService("beside", 9, START, 20_000, 1.0, 12).inThreads(threads);
        java.nio.file.Path place = directory.resolve(name);
        long writing = 0;
        long finishing = 0;
        try (RocksDbProfileStore store = RocksDbProfileStore.open(place, options)) {
            for (long time = START; time < START + 2400 * SECOND; time += 10 * SECOND) {
                List<Profile> batch = new ArrayList<>();
                for (int pod = 0; pod < service.pods(); pod++) {
                    batch.add(service.profile(pod, time, 10 * SECOND));
                }
                long before = cpu();
                store.write(TENANT, batch);
                writing += cpu() - before;
            }
            long before = cpu();
            store.finishWindows();
            finishing += cpu() - before;
        }
        Map<String, Long> bytes = FamilyBytes.of(place.resolve("db"), true);
        double rows = service.rows();
        StringBuilder split = new StringBuilder();
        bytes.forEach(
                (family, size) -> split.append(String.format(" %s %.3f", family, size / rows)));
        double sum = bytes.values().stream().mapToLong(Long::longValue).sum() / rows;
        System.out.printf(
                "%s: %,d rows, %,d hits; %.3f B/row, written %.0f and finished %.0f CPU ns a row:%s%n",
                name, service.rows(), service.hits(), sum, writing / rows, finishing / rows, split);
        return new Cost(sum, writing / rows, finishing / rows);
    }

    /**
     * Writes, weighs, asks, and compares with the ledger; {@code hits} 0 goes by the pods' load.
     */
    private void report(String name, GeneratedService service, long step, int hits, long end) {
        AtomicLong clock = new AtomicLong(START);
        StoreOptions options = options(clock);
        long cpu = 0;
        long finishing = 0;
        long written = writtenToDevice();
        try (RocksDbProfileStore store = RocksDbProfileStore.open(directory, options)) {
            for (long time = START; time < end; time += step) {
                List<Profile> batch = new ArrayList<>();
                for (int pod = 0; pod < service.pods(); pod++) {
                    batch.add(
                            hits == 0
                                    ? service.profile(pod, time, step)
                                    : service.profile(pod, time, step, hits));
                    if (service.allocates()) {
                        batch.add(service.allocations(pod, time, step, hits));
                    }
                }
                long before = cpu();
                store.write(TENANT, batch);
                long between = cpu();
                cpu += between - before;
                if ((time - START) / step % 60 == 59) {
                    clock.set(time);
                    before = cpu();
                    store.finishWindows();
                    finishing += cpu() - before;
                }
            }
            long before = cpu();
            clock.set(end + 180 * SECOND);
            store.applyRetention();
            finishing += cpu() - before;
        }
        double rows = service.rows();
        System.out.printf(
                "%s: %,d profiles, %,d rows, %,d hits; %,.0f profiles and %,.0f rows/CPU s written,"
                        + " %,.0f rows finished; %.2f bytes a row to the device; RSS at most %d MiB"
                        + " with the generator%n",
                name,
                service.profiles(),
                service.rows(),
                service.hits(),
                service.profiles() / (cpu / 1e9),
                rows / (cpu / 1e9),
                rows / Math.max(1e-9, finishing / 1e9),
                (writtenToDevice() - written) / rows,
                number("/proc/self/status", "VmHWM:\\s+(\\d+) kB") / 1024);
        for (boolean compact : new boolean[] {false, true}) {
            Map<String, Long> bytes = FamilyBytes.of(directory.resolve("db"), compact);
            long sum = bytes.values().stream().mapToLong(Long::longValue).sum();
            StringBuilder split = new StringBuilder();
            bytes.forEach(
                    (family, size) -> split.append(String.format(" %s %.3f", family, size / rows)));
            System.out.printf(
                    "%s: %s %.3f B/row (%.3f B/hit):%s%n",
                    name,
                    compact ? "compacted" : "flushed",
                    sum / rows,
                    sum / (double) service.hits(),
                    split);
            if (compact) {
                ratio("store-bytes-per-row-" + name, sum / rows);
            }
        }
        try (RocksDbProfileStore store = RocksDbProfileStore.open(directory, options)) {
            ask(name, store, service, end);
        }
    }

    private static void ask(
            String name, RocksDbProfileStore store, GeneratedService service, long end) {
        Map<String, Double> millis = new LinkedHashMap<>();
        long minute = 60 * SECOND;
        for (long range :
                new long[] {15 * minute, GeneratedService.DAY, 30 * GeneratedService.DAY}) {
            // Ends inside a window, as a page asks.
            long until = end - 7 * minute;
            TimeRange asked = new TimeRange(until - range, until);
            String label = range / minute + " min";
            double cold = 0;
            double[] warm = new double[9];
            for (int i = -1; i < warm.length; i++) {
                double took = mergeMillis(store, "", asked);
                if (i < 0) {
                    cold = took;
                } else {
                    warm[i] = took;
                }
            }
            java.util.Arrays.sort(warm);
            millis.put(label, warm[warm.length / 2]);
            System.out.printf(
                    "%s: merge of %s: cold %.1f CPU ms, warm p50 %.1f CPU ms%n",
                    name, label, cold, warm[warm.length / 2]);
        }
        if (end - START >= 30 * GeneratedService.DAY) {
            List<Double> p50 = new ArrayList<>(millis.values());
            double slope = Math.log(p50.get(2) / p50.get(0)) / Math.log(2880);
            System.out.printf("%s: slope of 15 min to 30 d %.3f%n", name, slope);
            ratio("store-slope-" + name, slope);
        }
        for (ProfileType type : service.types()) {
            compare(store, service, type, 0, 40);
            compare(store, service, type, 1, 3);
        }
    }

    /** Per function, not only in all. */
    private static void compare(
            RocksDbProfileStore store,
            GeneratedService service,
            ProfileType type,
            int fromDay,
            int untilDay) {
        long[] ledger = service.sums(type, fromDay, untilDay);
        Map<String, Long> expected = new HashMap<>();
        for (int stack = 0; stack < ledger.length; stack++) {
            if (ledger[stack] > 0) {
                expected.put(GeneratedService.leaf(stack), ledger[stack]);
            }
        }
        TimeRange range =
                new TimeRange(
                        START + fromDay * GeneratedService.DAY,
                        START + untilDay * GeneratedService.DAY);
        FlameTree tree = store.merge(new ProfileQuery(TENANT, type, Selector.parse(""), range));
        Map<String, Long> found = new HashMap<>();
        for (int node = 1; node < tree.size(); node++) {
            if (tree.self(node) > 0) {
                found.merge(tree.frame(node).function(), tree.self(node), Long::sum);
            }
        }
        assertThat(found).isEqualTo(expected);
    }

    private static void ratio(String name, double value) {
        System.out.printf("RATIO %s %.4f%n", name, value);
    }

    private static double merge(RocksDbProfileStore store, int hours) {
        TimeRange range = new TimeRange(START, START + hours * 3600L * SECOND);
        double best = Double.MAX_VALUE;
        for (int i = 0; i < 9; i++) {
            best = Math.min(best, mergeMillis(store, "service_name=\"bench\"", range));
        }
        return best;
    }

    /**
     * Merges what is selected and cuts it as a page does. Others may run on this machine: what
     * counts is the CPU of this thread.
     */
    static double mergeMillis(RocksDbProfileStore store, String selector, TimeRange range) {
        long before = cpu();
        FlameTree tree = store.merge(query(selector, range)).top(16_384);
        double took = (cpu() - before) / 1e6;
        assertThat(tree.total(0)).isPositive();
        return took;
    }

    private static double mergeByText(List<ByteWriter> profiles) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            long before = cpu();
            Map<String, Long> sums = new HashMap<>();
            for (ByteWriter profile : profiles) {
                var in =
                        new io.flarepath.store.encoding.ByteReader(
                                profile.array(), 0, profile.size());
                while (in.remaining() > 0) {
                    sums.merge(in.text(), in.varint(), Long::sum);
                }
            }
            best = Math.min(best, cpu() - before);
            assertThat(sums).isNotEmpty();
        }
        return best / 1e6;
    }

    private static ByteWriter plain(Profile profile) {
        ByteWriter out = new ByteWriter(1 << 16);
        for (int stack = 0; stack < profile.stackCount(); stack++) {
            StringBuilder text = new StringBuilder();
            for (int at = profile.stackStart(stack); at < profile.stackStart(stack + 1); at++) {
                text.append(profile.frames().get(profile.stackFrame(at)).function()).append(';');
            }
            out.text(text.toString()).varint(profile.value(stack));
        }
        return out;
    }

    /** Every stack leaves an earlier one at some depth: callers are shared as in real programs. */
    private List<int[]> stacks() {
        List<int[]> stacks = new ArrayList<>();
        for (int i = 0; i < STACKS; i++) {
            int depth = 20 + random.nextInt(41);
            int[] stack = new int[depth];
            int[] base = i == 0 ? stack : stacks.get(random.nextInt(i));
            int shared = i == 0 ? 0 : Math.min(base.length, depth - 1 - random.nextInt(8));
            for (int at = 0; at < depth; at++) {
                stack[at] = at < shared ? base[at] : random.nextInt(FRAMES.length);
            }
            stacks.add(stack);
        }
        return stacks;
    }

    private static double[] zipf() {
        double[] cumulated = new double[STACKS];
        double sum = 0;
        for (int i = 0; i < STACKS; i++) {
            sum += 1.0 / (i + 1);
            cumulated[i] = sum;
        }
        return cumulated;
    }

    private Profile profile(List<int[]> stacks, double[] cumulated, int pod, long start) {
        Profile.Builder builder =
                Profile.builder(Profiles.labels("bench", "pod" + pod), ProfileType.CPU)
                        .time(start, 10 * SECOND)
                        .period(PERIOD);
        Map<Integer, Long> hits = new HashMap<>();
        for (int i = 0; i < ROWS * 2; i++) {
            double at = random.nextDouble() * cumulated[STACKS - 1];
            int place = java.util.Arrays.binarySearch(cumulated, at);
            hits.merge(place < 0 ? -place - 1 : place, 1L, Long::sum);
        }
        hits.forEach((stack, count) -> {
            int[] rootFirst = stacks.get(stack);
            int[] frames = new int[rootFirst.length];
            for (int i = 0; i < frames.length; i++) {
                frames[frames.length - 1 - i] = builder.frame(FRAMES[rootFirst[i]]);
            }
            builder.stack(frames, frames.length, count * PERIOD);
        });
        return builder.build();
    }

    /** Bytes that this process has had written to disks (proc_pid_io(5)). */
    private static long writtenToDevice() {
        return number("/proc/self/io", "\nwrite_bytes: (\\d+)");
    }

    private static long number(String file, String pattern) {
        try {
            Matcher found = Pattern.compile(pattern).matcher(Files.readString(Path.of(file)));
            assertThat(found.find()).as(file).isTrue();
            return Long.parseLong(found.group(1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
