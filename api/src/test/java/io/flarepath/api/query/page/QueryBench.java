package io.flarepath.api.query.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.api.query.Stacks;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.api.time.Instants;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.RocksDbProfileStore;
import io.flarepath.store.StoreOptions;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.Selector;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the answer costs on top of the merge: choosing, truncating, writing, compressing. */
@Tag("bench")
class QueryBench {
    private static final int ROUNDS = 15;
    private static final int DEPTH = 24;

    @TempDir Path directory;

    @Test
    void flameGraphs() throws IOException {
        StoreOptions options =
                StoreOptions.defaults().withRetention(Duration.ofDays(36_500), Duration.ofHours(1));
        try (ProfileStore store = RocksDbProfileStore.open(directory.resolve("store"), options)) {
            for (int nodes : new int[] {16_384, 100_000}) {
                measure(store, nodes);
            }
        }
    }

    private static void measure(ProfileStore store, int nodes) throws IOException {
        String service = "service-" + nodes;
        store.write("anonymous", List.of(profile(service, nodes)));
        ProfileQuery query =
                new ProfileQuery(
                        "anonymous",
                        ProfileType.CPU,
                        Selector.parse("{service_name=\"" + service + "\"}"),
                        Instants.ALWAYS);
        FlameGraphAnswer answer = new FlameGraphAnswer(store, query, null, List.of(), nodes);
        long[] merge = new long[ROUNDS];
        long[] whole = new long[ROUNDS];
        long[] gzip = new long[ROUNDS];
        byte[] plain = {};
        byte[] compressed = {};
        int size = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long start = cpuNanos();
            FlameTree tree = store.merge(query);
            long merged = cpuNanos();
            plain = JsonAnswer.encode(answer);
            long written = cpuNanos();
            compressed = JsonAnswer.compress(plain);
            merge[round] = merged - start;
            whole[round] = written - merged;
            gzip[round] = cpuNanos() - written;
            size = tree.size();
        }
        System.out.printf(
                "flamegraph of %,d nodes (shown %,d): merge alone %.1f ms, answer %.1f ms,"
                        + " gzip %.1f ms, %,d bytes, %,d gzipped%n",
                size,
                Math.min(size, nodes),
                median(merge),
                median(whole),
                median(gzip),
                plain.length,
                compressed.length);
        System.out.printf(
                "RATIO query-answer-to-gzip-%d %.2f%n", nodes, median(whole) / median(gzip));
        System.out.printf(
                "RATIO query-merge-to-gzip-%d %.2f%n", nodes, median(merge) / median(gzip));
        assertThat(size).isGreaterThan(nodes * 9 / 10);
    }

    /** Stacks that leave each other at every depth, until there are enough nodes. */
    private static Profile profile(String service, int nodes) {
        Random random = new Random(nodes);
        Profile.Builder builder =
                Profile.builder(
                                Stacks.labels("service_name", service, "profiler", "flarepath"),
                                ProfileType.CPU)
                        .time(1_700_000_000_000_000_000L, 10_000_000_000L)
                        .period(Stacks.PERIOD);
        int[] stack = new int[DEPTH];
        int made = 0;
        while (made < nodes) {
            int common = random.nextInt(DEPTH);
            for (int depth = common; depth < DEPTH; depth++) {
                stack[depth] = builder.frame(frame(made++));
            }
            int[] leafFirst = new int[DEPTH];
            for (int i = 0; i < DEPTH; i++) {
                leafFirst[i] = stack[DEPTH - 1 - i];
            }
            builder.stack(leafFirst, DEPTH, (1 + random.nextInt(50)) * Stacks.PERIOD);
        }
        return builder.build();
    }

    /** A third as many functions as nodes: the same names stand at many places. */
    private static Frame frame(int number) {
        int function = number / 3;
        return new Frame(
                "com/example/shop/module"
                        + function % 97
                        + "/Class"
                        + function
                        + ".method"
                        + function % 7,
                "Class" + function + ".java",
                0,
                "",
                "",
                0,
                FrameKind.JVM,
                false);
    }

    /** CPU time of this thread, which does all of the work: others that run do not count. */
    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static double median(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2] / 1e6;
    }
}
