package io.flarepath.api.query.flamebearer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.flarepath.api.query.ServedStore;
import io.flarepath.api.query.Stacks;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.api.time.Instants;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.Selector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random trees, written as flamebearer and read back. */
class FlamebearerTest {
    private static final int ROUNDS = 40;
    private static final int HARD_LIMIT = 100_000;

    @TempDir Path directory;

    @Test
    void readBackItIsTheTree() throws IOException {
        try (ServedStore served = new ServedStore(directory)) {
            for (int round = 0; round < ROUNDS; round++) {
                Map<String, Long> stacks = stacks(new Random(round), 1 + round * 3);
                FlameTree tree = merged(served, "tree-" + round, stacks);
                JsonNode written = written(NamedTree.of(tree), HARD_LIMIT, HARD_LIMIT);
                assertThat(DecodedFlamebearer.of(written, 1).values())
                        .as("seed %d", round)
                        .isEqualTo(expected(stacks));
                assertThat(written.get("numTicks").longValue()).isEqualTo(sum(stacks));
                assertThat(written.get("maxSelf").longValue()).isEqualTo(maxSelf(stacks));
                assertThat(written.get("names").get(0).textValue()).isEqualTo("total");
            }
        }
    }

    @Test
    void truncatedItKeepsEveryTotal() throws IOException {
        try (ServedStore served = new ServedStore(directory)) {
            for (int i = 0; i < ROUNDS; i++) {
                int round = i;
                Random random = new Random(1_000 + round);
                Map<String, Long> stacks = stacks(random, 100);
                int maxNodes = 1 + random.nextInt(60);
                FlameTree tree = merged(served, "tree-" + round, stacks);
                JsonNode written = written(NamedTree.of(tree), maxNodes, HARD_LIMIT);
                Map<String, List<Long>> all = expected(stacks);
                Map<String, List<Long>> kept = DecodedFlamebearer.of(written, 1).values();
                assertKeepsTotals(round, kept);
                long least =
                        all.entrySet().stream()
                                .filter(entry -> !entry.getKey().equals("total"))
                                .map(entry -> entry.getValue().getFirst())
                                .sorted((a, b) -> Long.compare(b, a))
                                .skip(Math.min(maxNodes, all.size() - 1) - 1L)
                                .findFirst()
                                .orElseThrow();
                all.forEach((path, values) ->
                        assertThat(kept.containsKey(path))
                                .as("seed %d, %s, least %d", round, path, least)
                                .isEqualTo(values.getFirst() >= least || path.equals("total")));
            }
        }
    }

    @Test
    void equalTotalsDoNotBreakTheHardLimit() throws IOException {
        try (ServedStore served = new ServedStore(directory)) {
            Map<String, Long> stacks = new TreeMap<>();
            for (int i = 0; i < 500; i++) {
                stacks.put("leaf" + i, 1L);
            }
            FlameTree tree = merged(served, "flat", stacks);
            assertThat(written(NamedTree.of(tree), 10, 1_000).get("levels").get(1)).hasSize(2_000);
            JsonNode bounded = written(NamedTree.of(tree), 10, 100);
            assertThat(bounded.get("levels").get(1)).hasSize(4);
            assertThat(bounded.get("numTicks").longValue()).isEqualTo(500);
        }
    }

    @Test
    void twoTreesAreAligned() throws IOException {
        try (ServedStore served = new ServedStore(directory)) {
            for (int round = 0; round < ROUNDS; round++) {
                Map<String, Long> left = stacks(new Random(round), 30);
                Map<String, Long> right = stacks(new Random(round + 1), 30);
                NamedTree both =
                        NamedTree.of(
                                merged(served, "left-" + round, left),
                                merged(served, "right-" + round, right));
                JsonNode written = written(both, HARD_LIMIT, HARD_LIMIT);
                assertThat(DecodedFlamebearer.of(written, 2).values())
                        .as("seed %d", round)
                        .isEqualTo(both(expected(left), expected(right)));
                assertThat(written.get("numTicks").longValue()).isEqualTo(sum(left) + sum(right));
            }
        }
    }

    private static void assertKeepsTotals(int seed, Map<String, List<Long>> kept) {
        kept.forEach((path, values) -> {
            long below =
                    kept.entrySet().stream()
                            .filter(entry -> isChild(path, entry.getKey()))
                            .mapToLong(entry -> entry.getValue().getFirst())
                            .sum();
            assertThat(values.getFirst())
                    .as("seed %d, total of %s", seed, path)
                    .isEqualTo(values.get(1) + below);
        });
    }

    private static boolean isChild(String path, String other) {
        return other.startsWith(path + ";") && other.indexOf(';', path.length() + 1) < 0;
    }

    private static FlameTree merged(ServedStore served, String service, Map<String, Long> stacks) {
        Labels labels = Stacks.labels("service_name", service, "profiler", "flarepath");
        served.write(Stacks.profile(labels, ProfileType.CPU, 1_700_000_000_000L, stacks));
        return served.store()
                .merge(
                        new ProfileQuery(
                                "anonymous",
                                ProfileType.CPU,
                                Selector.parse("{service_name=\"" + service + "\"}"),
                                Instants.ALWAYS));
    }

    private static JsonNode written(NamedTree tree, int maxNodes, int hardLimit)
            throws IOException {
        byte[] json =
                JsonAnswer.encode(out -> {
                    out.writeStartObject();
                    Flamebearer.of(tree, maxNodes, hardLimit).write(out);
                    out.writeEndObject();
                });
        return new ObjectMapper().readTree(json).get("flamebearer");
    }

    /** Stacks of few names, so that they share parts; values of which many are equal. */
    private static Map<String, Long> stacks(Random random, int count) {
        Map<String, Long> stacks = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            StringBuilder stack = new StringBuilder("f" + random.nextInt(3));
            for (int depth = random.nextInt(6); depth > 0; depth--) {
                stack.append(";f").append(random.nextInt(4));
            }
            stacks.merge(stack.toString(), 1L + random.nextInt(9), Long::sum);
        }
        return stacks;
    }

    private static Map<String, List<Long>> expected(Map<String, Long> stacks) {
        Map<String, List<Long>> values = new TreeMap<>();
        values.put("total", List.of(0L, 0L));
        stacks.forEach((stack, value) -> {
            String path = "total;" + stack;
            for (int end = path.indexOf(';'); end >= 0; end = path.indexOf(';', end + 1)) {
                add(values, path.substring(0, end), value, 0);
            }
            add(values, path, value, value);
        });
        return values;
    }

    private static void add(Map<String, List<Long>> values, String path, long total, long self) {
        List<Long> known = values.getOrDefault(path, List.of(0L, 0L));
        values.put(path, List.of(known.get(0) + total, known.get(1) + self));
    }

    private static Map<String, List<Long>> both(
            Map<String, List<Long>> left, Map<String, List<Long>> right) {
        Map<String, List<Long>> values = new TreeMap<>();
        List<Long> none = List.of(0L, 0L);
        for (Map<String, List<Long>> side : List.of(left, right)) {
            for (String path : side.keySet()) {
                List<Long> a = left.getOrDefault(path, none);
                List<Long> b = right.getOrDefault(path, none);
                values.put(path, List.of(a.get(0), a.get(1), b.get(0), b.get(1)));
            }
        }
        return values;
    }

    private static long sum(Map<String, Long> stacks) {
        return stacks.values().stream().mapToLong(Long::longValue).sum();
    }

    private static long maxSelf(Map<String, Long> stacks) {
        return stacks.values().stream().mapToLong(Long::longValue).max().orElseThrow();
    }
}
