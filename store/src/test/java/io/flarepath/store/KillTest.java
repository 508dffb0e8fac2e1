package io.flarepath.store;

import static io.flarepath.store.Profiles.ALL;
import static io.flarepath.store.Profiles.START;
import static io.flarepath.store.Profiles.TENANT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flarepath.store.call.Call;
import io.flarepath.store.call.CallOrder;
import io.flarepath.store.call.CallQuery;
import io.flarepath.store.call.CallRole;
import io.flarepath.store.call.Calls;
import io.flarepath.store.metric.Amount;
import io.flarepath.store.metric.Measure;
import io.flarepath.store.metric.MeasureSlots;
import io.flarepath.store.metric.Metric;
import io.flarepath.store.metric.MetricKind;
import io.flarepath.store.metric.MetricPoint;
import io.flarepath.store.metric.MetricQuery;
import io.flarepath.store.metric.MetricSeries;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that writes, puts windows together and sums days up is killed with -9, again and again:
 * what it acknowledged is there once, profiles and calls.
 */
@Tag("slow")
class KillTest {
    private static final int KILLS = 20;

    /** Within what is kept, whenever the test runs. */
    private static final long CALLS_START = (System.currentTimeMillis() - 3_600_000) * 1_000_000;

    private static final CallQuery ALL_CALLS =
            new CallQuery(
                    TENANT,
                    Selector.ALL,
                    ALL,
                    EnumSet.allOf(CallRole.class),
                    CallQuery.Words.ANY,
                    false,
                    0,
                    null,
                    CallOrder.NEWEST,
                    null,
                    Integer.MAX_VALUE);

    /** Every fifth metric is so many slots late: half a day. */
    private static final int LATE = 4320;

    @TempDir private Path directory;

    @Test
    void everyAcknowledgedProfileIsThereOnce() throws Exception {
        long seed = Long.getLong("flarepath.seed", 97);
        Random random = new Random(seed);
        BitSet acknowledged = new BitSet();
        int next = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            next = writeAndKill(Child.class, next, 50 + random.nextInt(400), acknowledged);
            try (RocksDbProfileStore store =
                    RocksDbProfileStore.open(directory, StoreOptions.defaults())) {
                check(store, acknowledged, "seed " + seed + ", kill " + kill);
                if (kill % 4 == 3) {
                    store.finishWindows();
                    check(store, acknowledged, "finished, seed " + seed + ", kill " + kill);
                }
                assertThat(store.statistics().corruptValues()).isZero();
            }
        }
        assertThat(acknowledged.cardinality()).isGreaterThan(KILLS * 50);
    }

    @Test
    void everyAcknowledgedPointIsThereOnce() throws Exception {
        long seed = Long.getLong("flarepath.seed", 97);
        Random random = new Random(seed);
        BitSet acknowledged = new BitSet();
        int next = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            next = writeAndKill(MetricChild.class, next, 50 + random.nextInt(400), acknowledged);
            try (RocksDbProfileStore store =
                    RocksDbProfileStore.open(directory, StoreOptions.defaults())) {
                checkPoints(store, acknowledged, next, "seed " + seed + ", kill " + kill);
                if (kill % 4 == 3) {
                    store.finishWindows();
                    checkPoints(store, acknowledged, next, "finished, kill " + kill);
                }
                assertThat(store.statistics().corruptValues()).isZero();
            }
        }
        assertThat(acknowledged.cardinality()).isGreaterThan(KILLS * 50);
    }

    /** Each number has a slot of its own; what stands grows by as much at each. */
    private static void checkPoints(
            RocksDbProfileStore store, BitSet acknowledged, int offered, String what) {
        TimeRange range = new TimeRange(START, START + (offered + 1) * MeasureSlots.SLOT_NANOS);
        BitSet found = new BitSet();
        Measure stood = Amount.ZERO;
        MetricQuery query =
                new MetricQuery(
                        TENANT, Selector.ALL, range, MeasureSlots.SLOT_NANOS, List.of("pod"));
        for (MetricSeries series : store.metrics().read(query)) {
            if (series.metric().name().equals("stands")) {
                stood = stood.plus(series.total());
                continue;
            }
            series.steps()
                    .forEach((time, measure) -> {
                        int slot = (int) ((time - START) / MeasureSlots.SLOT_NANOS);
                        int number = series.metric().name().equals("late") ? slot + LATE : slot;
                        assertThat(measure).as("%s: %d", what, number).isEqualTo(Amount.of(7));
                        assertThat(found.get(number)).as("%s: %d", what, number).isFalse();
                        found.set(number);
                    });
        }
        BitSet missing = (BitSet) acknowledged.clone();
        missing.andNot(found);
        assertThat(missing.isEmpty()).as("%s: missing %s", what, missing).isTrue();
        assertThat(stood).as(what).isEqualTo(Amount.of(7L * found.length()));
    }

    @Test
    void aProcessThatStandsStillKeepsOthersOutAndGoesOn() throws Exception {
        BitSet acknowledged = new BitSet();
        Process child = start(Child.class, 0);
        try (BufferedReader lines = lines(child)) {
            acknowledge(lines, 100, acknowledged);
            signal(child, "STOP");
            assertThatThrownBy(() -> RocksDbProfileStore.open(directory, StoreOptions.defaults()))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("lock");
            Thread.sleep(1_500);
            signal(child, "CONT");
            acknowledge(lines, 300, acknowledged);
            child.toHandle().destroyForcibly();
            acknowledge(lines, Integer.MAX_VALUE, acknowledged);
        }
        child.waitFor();
        try (RocksDbProfileStore store =
                RocksDbProfileStore.open(directory, StoreOptions.defaults())) {
            check(store, acknowledged, "stopped");
            assertThat(store.statistics().corruptValues()).isZero();
        }
        assertThat(acknowledged.cardinality()).isGreaterThanOrEqualTo(400);
    }

    private static void signal(Process child, String name) throws IOException {
        int status =
                new ProcessBuilder("kill", "-" + name, Long.toString(child.pid()))
                        .start()
                        .onExit()
                        .join()
                        .exitValue();
        assertThat(status).isZero();
    }

    /** Reads so many acknowledgements, or all that there are. */
    private static void acknowledge(BufferedReader lines, int count, BitSet acknowledged)
            throws IOException {
        for (int i = 0; i < count; i++) {
            String line = lines.readLine();
            if (line == null) {
                return;
            }
            acknowledged.set(Integer.parseInt(line));
        }
    }

    private static BufferedReader lines(Process child) {
        return new BufferedReader(
                new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8));
    }

    private Process start(Class<?> writer, int from) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-Xshare:auto");
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(writer.getName());
        command.add(directory.toString());
        command.add(Integer.toString(from));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    /** Returns the first number that was never offered. */
    private int writeAndKill(Class<?> writer, int from, int until, BitSet acknowledged)
            throws IOException, InterruptedException {
        Process child = start(writer, from);
        int last = from - 1;
        try (BufferedReader lines = lines(child)) {
            int seen = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                last = Integer.parseInt(line);
                acknowledged.set(last);
                if (++seen == until) {
                    // Unlike the process's own method this leaves its output readable.
                    child.toHandle().destroyForcibly();
                }
            }
        }
        child.waitFor();
        assertThat(child.exitValue()).isEqualTo(128 + 9);
        // Batches of up to three are under way when it dies.
        return last + 4;
    }

    private static void check(RocksDbProfileStore store, BitSet acknowledged, String what) {
        FlameTree tree = store.merge(Profiles.query("", ALL));
        BitSet found = new BitSet();
        for (int node = 1; node < tree.size(); node++) {
            String name = tree.frame(node).function();
            if (name.startsWith("n")) {
                int number = Integer.parseInt(name.substring(1));
                assertThat(tree.total(node)).as("%s: number %d", what, number).isEqualTo(7);
                found.set(number);
            }
        }
        BitSet missing = (BitSet) acknowledged.clone();
        missing.andNot(found);
        assertThat(missing.isEmpty()).as("%s: missing %s", what, missing).isTrue();
        assertThat(tree.total(0)).isEqualTo(7L * found.cardinality());
        BitSet called = new BitSet();
        for (Call call : store.calls().read(ALL_CALLS)) {
            called.set((int) call.spanId() - 1);
        }
        missing = (BitSet) acknowledged.clone();
        missing.andNot(called);
        assertThat(missing.isEmpty()).as("%s: missing calls %s", what, missing).isTrue();
    }

    /** Writes numbered points and prints the number of each that was acknowledged. */
    static final class MetricChild {
        private MetricChild() {}

        public static void main(String[] arguments) {
            PrintStream out = System.out;
            RocksDbProfileStore store =
                    RocksDbProfileStore.open(
                            Path.of(arguments[0]),
                            StoreOptions.defaults()
                                    .withEngineMemory(8 << 20, 2 << 20)
                                    .withFinishing(Duration.ZERO, Duration.ofMillis(1)));
            for (int number = Integer.parseInt(arguments[1]); ; number++) {
                byte[] upload = ByteBuffer.allocate(32).putLong(number).array();
                List<MetricPoint> points = List.of(came(number), stands(number));
                store.metrics().write(TENANT, upload, points);
                // A retry, as a client sends it that did not hear the answer.
                store.metrics().write(TENANT, upload, points);
                out.println(number);
                out.flush();
            }
        }

        private static MetricPoint came(int number) {
            boolean late = number % 5 == 0 && number >= LATE;
            return new MetricPoint(
                    new Metric(late ? "late" : "came", MetricKind.COUNTER, ""),
                    Profiles.labels("shop" + number % 3, "a"),
                    0,
                    START + (number - (late ? LATE : 0)) * MeasureSlots.SLOT_NANOS,
                    false,
                    Amount.of(7));
        }

        private static MetricPoint stands(int number) {
            return new MetricPoint(
                    new Metric("stands", MetricKind.COUNTER, ""),
                    Profiles.labels("shop", "a"),
                    START,
                    START + number * MeasureSlots.SLOT_NANOS + 1,
                    true,
                    Amount.of(7L * (number + 1)));
        }
    }

    /** Writes numbered profiles and prints the number of each that was acknowledged. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) {
            PrintStream out = System.out;
            RocksDbProfileStore store =
                    RocksDbProfileStore.open(
                            Path.of(arguments[0]),
                            StoreOptions.defaults()
                                    .withEngineMemory(8 << 20, 2 << 20)
                                    .withSeriesSumRows(100)
                                    // Always at it: there is hardly a moment without a batch.
                                    .withFinishing(Duration.ZERO, Duration.ofMillis(1)));
            for (int number = Integer.parseInt(arguments[1]); ; number += 3) {
                List<Profile> batch =
                        List.of(profile(number), profile(number + 1), profile(number + 2));
                store.write(TENANT, batch);
                // A retry, as a client sends it that did not hear the answer.
                store.write(TENANT, batch.subList(0, 1));
                writeCalls(store, number);
                out.println(number);
                out.println(number + 1);
                out.println(number + 2);
                out.flush();
            }
        }

        /** Three of each number, so that blocks fill up; a retry follows as well. */
        private static void writeCalls(RocksDbProfileStore store, int number) {
            List<Call> calls = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                calls.add(Calls.of(number + i + 1L, CALLS_START + number + i, 1_000));
            }
            byte[] upload = ByteBuffer.allocate(32).putLong((long) number << 32).array();
            store.calls().write(TENANT, upload, calls);
            store.calls().write(TENANT, upload, calls);
        }

        /** A minute each, so that days end; every fifth comes half a day late. */
        private static long start(int number) {
            long minutes = number % 5 == 0 ? Math.max(0, number - 720) : number;
            return START + minutes * 60_000_000_000L + number;
        }

        private static Profile profile(int number) {
            return Profiles.of(
                            "shop" + number % 3, "a", start(number), Map.of("main;n" + number, 7L))
                    .id(number % 2 == 0 ? "" : "upload" + number)
                    .build();
        }
    }
}
