package io.flarepath.store;

import static io.flarepath.store.Profiles.ALL;
import static io.flarepath.store.Profiles.SECOND;
import static io.flarepath.store.Profiles.START;
import static io.flarepath.store.Profiles.TENANT;
import static io.flarepath.store.Profiles.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.DiffTree;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.LateNames;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names that come after the samples, and confidence. */
class LateNamesTest {
    @TempDir private Path directory;
    private final Map<Long, List<Frame>> known = new HashMap<>();
    private final List<Frame> asked = new ArrayList<>();
    private final LateNames names =
            (tenant, frame) -> {
                asked.add(frame);
                return frame.buildId().equals("ab") && tenant.equals(TENANT)
                        ? known.getOrDefault(frame.address(), List.of())
                        : List.of();
            };

    @Test
    void addressesOfOneFunctionBecomeOneNodeAndTotalsStay() {
        Profile.Builder builder = builder(START);
        stack(builder, 3, at(0x10, "ab"), Frame.named("main"));
        stack(builder, 4, at(0x14, "ab"), Frame.named("main"));
        stack(builder, 5, at(0x20, "ab"), Frame.named("main"));
        stack(builder, 6, at(0x10, "cd"), Frame.named("main"));
        try (RocksDbProfileStore store = open()) {
            store.write(TENANT, List.of(builder.build()));
            assertThat(store.merge(query("", ALL)).size()).isEqualTo(5);

            known.put(0x10L, List.of(code("work", false)));
            known.put(0x14L, List.of(code("work", false)));
            FlameTree tree = store.merge(query("", ALL));

            Trees.check(tree);
            assertThat(tree.total(0)).isEqualTo(18);
            assertThat(paths(tree))
                    .isEqualTo(
                            Map.of(
                                    "main;work", 7L,
                                    "main;app+0x20", 5L,
                                    "main;app+0x10", 6L));
        }
    }

    @Test
    void inlinedCallsBecomeFramesOfTheirOwn() {
        Profile.Builder builder = builder(START);
        stack(builder, 3, at(0x10, "ab"), at(0x30, "ab"), Frame.named("main"));
        stack(builder, 4, at(0x20, "ab"), Frame.named("main"));
        known.put(0x10L, List.of(code("leaf", true), code("mid", true), code("work", false)));
        known.put(0x20L, List.of(code("mid", true), code("work", false)));
        known.put(0x30L, List.of(code("work", false)));
        try (RocksDbProfileStore store = open()) {
            store.write(TENANT, List.of(builder.build()));
            FlameTree tree = store.merge(query("", ALL));
            Trees.check(tree);
            assertThat(paths(tree))
                    .isEqualTo(Map.of("main;work;work;mid;leaf", 3L, "main;work;mid", 4L));
            assertThat(tree.focus(List.of("main", "work")).total(0)).isEqualTo(7);
            assertThat(asked).as("once a frame").hasSize(3);
        }
    }

    @Test
    void framesWithANameAreNotAskedFor() {
        Profile.Builder builder = builder(START);
        stack(builder, 3, Frame.named("leaf"), code("work", false), Frame.named("main"));
        try (RocksDbProfileStore store = open()) {
            store.write(TENANT, List.of(builder.build()));
            assertThat(store.merge(query("", ALL)).total(0)).isEqualTo(3);
            assertThat(asked).isEmpty();
        }
    }

    @Test
    void tellsWhatABuildCouldName() {
        Profile.Builder builder = builder(START);
        stack(builder, 3, at(0x10, "ab"), at(0x10, "cd"), code("work", false));
        stack(builder, 3, at(0x20, "AB"), Frame.named("main"));
        Profile other =
                Profile.builder(Profiles.labels("bank", "b"), ProfileType.CPU)
                        .time(START, SECOND)
                        .build();
        try (RocksDbProfileStore store = open()) {
            store.write(TENANT, List.of(builder.build(), other));
        }
        try (RocksDbProfileStore store = open()) {
            assertThat(store.unnamed(TENANT, "ab"))
                    .containsOnlyKeys("shop")
                    .hasEntrySatisfying(
                            "shop",
                            frames ->
                                    assertThat(frames)
                                            .containsExactlyInAnyOrder(
                                                    at(0x10, "ab"), at(0x20, "AB")));
            assertThat(store.unnamed(TENANT, "ef")).isEmpty();
            assertThat(store.unnamed("nobody", "ab")).isEmpty();
        }
    }

    @Test
    void confidenceIsKeptAndNeverSplitsANode() {
        Frame sure = new Frame("f", "f.c", 1, "app", "ab", 0, FrameKind.NATIVE, false);
        Profile.Builder first = builder(START);
        stack(first, 1, sure, Frame.named("main"));
        stack(first, 2, sure.withLowConfidence(true), Frame.named("main"));
        stack(first, 4, sure, Frame.named("init"));
        stack(first, 8, Frame.named("leaf"), at(0x10, "ab").withLowConfidence(true));
        Profile.Builder second = builder(START + 5000 * SECOND);
        stack(second, 1, sure, Frame.named("main"));
        stack(second, 2, sure.withLowConfidence(true), Frame.named("init"));
        known.put(0x10L, List.of(code("in", true), code("out", false)));
        try (RocksDbProfileStore store = open()) {
            store.write(TENANT, List.of(first.build(), second.build()));
        }
        try (RocksDbProfileStore store = open()) {
            FlameTree tree = store.merge(query("pod=\"a\"", Profiles.rangeOf(START, 10)));
            Trees.check(tree);
            assertThat(low(tree)).isEqualTo(List.of("main;f", "out", "out;in"));
            assertThat(paths(tree)).containsEntry("main;f", 3L).containsEntry("init;f", 4L);
            assertThat(low(tree.top(100))).isEqualTo(low(tree));
            assertThat(low(tree.focus(List.of("main")))).containsExactly("main;f");
            FlameTree late = store.merge(query("", Profiles.rangeOf(START + 5000 * SECOND, 10)));
            DiffTree diff = DiffTree.of(tree, late);
            List<String> marked = new ArrayList<>();
            for (int node = 1; node < diff.size(); node++) {
                if (diff.frame(node).lowConfidence()) {
                    marked.add(
                            diff.frame(diff.parent(node) == 0 ? node : diff.parent(node))
                                    .function());
                }
            }
            assertThat(marked).containsExactlyInAnyOrder("main", "init", "out", "out");
        }
    }

    private RocksDbProfileStore open() {
        return RocksDbProfileStore.open(directory, StoreOptions.defaults(), names);
    }

    private static Profile.Builder builder(long start) {
        return Profile.builder(Profiles.labels("shop", "a"), ProfileType.CPU).time(start, SECOND);
    }

    private static void stack(Profile.Builder builder, long value, Frame... leafFirst) {
        int[] indices = new int[leafFirst.length];
        for (int i = 0; i < indices.length; i++) {
            indices[i] = builder.frame(leafFirst[i]);
        }
        builder.stack(indices, indices.length, value);
    }

    private static Frame at(long address, String buildId) {
        String name = "app+0x" + Long.toHexString(address);
        return new Frame(name, "", 0, "app", buildId, address, FrameKind.NATIVE, false);
    }

    private static Frame code(String name, boolean inlined) {
        return new Frame(name, "app.c", 7, "app", "ab", 0, FrameKind.NATIVE, inlined);
    }

    private static List<String> low(FlameTree tree) {
        List<String> low = new ArrayList<>();
        for (int node = 1; node < tree.size(); node++) {
            if (!tree.isOther(node) && tree.frame(node).lowConfidence()) {
                low.add(path(tree, node));
            }
        }
        return low.stream().sorted().toList();
    }

    private static Map<String, Long> paths(FlameTree tree) {
        Map<String, Long> paths = new HashMap<>();
        for (int node = 1; node < tree.size(); node++) {
            if (tree.self(node) > 0) {
                paths.merge(path(tree, node), tree.self(node), Long::sum);
            }
        }
        return paths;
    }

    private static String path(FlameTree tree, int node) {
        String own = tree.frame(node).function();
        return tree.parent(node) == 0 ? own : path(tree, tree.parent(node)) + ";" + own;
    }
}
