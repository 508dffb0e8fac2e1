package io.flarepath.store;

import static io.flarepath.store.Profiles.ALL;
import static io.flarepath.store.Profiles.SECOND;
import static io.flarepath.store.Profiles.START;
import static io.flarepath.store.Profiles.TENANT;
import static io.flarepath.store.Profiles.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.JoinedTrees;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines on demand, and what single profiles come to. */
class LinesTest {
    @TempDir private Path directory;

    private static Frame frame(String name, int line, int start) {
        return new Frame(name, name + ".go", line, "app", "ab", 0, FrameKind.GO, false)
                .withStartLine(start);
    }

    private static Profile profile(String pod, long start, int line, long value) {
        Profile.Builder builder =
                Profile.builder(Profiles.labels("shop", pod), ProfileType.CPU)
                        .time(start, 10 * SECOND)
                        .period(1);
        int[] stack = {builder.frame(frame("work", line, 10)), builder.frame(frame("main", 7, 5))};
        return builder.stack(stack, 2, value).build();
    }

    private RocksDbProfileStore open() {
        return RocksDbProfileStore.open(
                directory,
                StoreOptions.defaults()
                        .withRetention(Duration.ofDays(36_500), Duration.ofHours(1)));
    }

    private static Map<String, Long> stacks(FlameTree tree) {
        Map<String, Long> stacks = new TreeMap<>();
        for (int node = 1; node < tree.size(); node++) {
            if (tree.self(node) == 0) {
                continue;
            }
            List<String> path = new ArrayList<>();
            for (int at = node; at > 0; at = tree.parent(at)) {
                Frame frame = tree.frame(at);
                path.add(frame.function() + ":" + frame.line() + "+" + frame.startLine());
            }
            stacks.merge(String.join(";", path.reversed()), tree.self(node), Long::sum);
        }
        return stacks;
    }

    @Test
    void linesAreThereWhenTheyAreAskedFor() {
        try (RocksDbProfileStore store = open()) {
            store.write(
                    TENANT,
                    List.of(profile("a", START, 11, 3), profile("a", START + SECOND, 12, 4)));
        }
        try (RocksDbProfileStore store = open()) {
            FlameTree byFunction = store.merge(query("", ALL));
            assertThat(stacks(byFunction)).isEqualTo(Map.of("main:0+0;work:0+0", 7L));

            Map<String, Long> lines = Map.of("main:7+5;work:11+10", 3L, "main:7+5;work:12+10", 4L);
            FlameTree byLine = store.mergeLines(query("", ALL));
            Trees.check(byLine);
            assertThat(stacks(byLine)).isEqualTo(lines);
            assertThat(stacks(byLine.focus(List.of("main", "work")))).isEqualTo(lines);
            assertThat(stacks(byLine.top(3)))
                    .isEqualTo(Map.of("main:7+5;work:12+10", 4L, "main:7+5;other:0+0", 3L));

            FlameTree twice = JoinedTrees.of(List.of(byLine, byLine));
            assertThat(stacks(twice))
                    .isEqualTo(Map.of("main:7+5;work:11+10", 6L, "main:7+5;work:12+10", 8L));
            assertThat(twice.samples()).isEqualTo(14);
            assertThat(JoinedTrees.of(List.of()).size()).isEqualTo(1);
        }
    }

    @Test
    void totalsAreOfSingleProfiles() {
        List<String> expected = List.of("{pod=a} 0 3", "{pod=a} 1 4", "{pod=b} 2 5");
        try (RocksDbProfileStore store = open()) {
            store.write(
                    TENANT,
                    List.of(
                            profile("a", START, 11, 3),
                            profile("a", START + SECOND, 12, 4),
                            profile("b", START + 2 * SECOND, 12, 5)));
            assertThat(totals(store)).isEqualTo(expected);
            store.finishWindows();
            assertThat(totals(store)).as("of finished windows").isEqualTo(expected);
        }
    }

    private static List<String> totals(RocksDbProfileStore store) {
        List<String> found = new ArrayList<>();
        boolean whole =
                store.totals(
                        query("", ALL),
                        List.of("pod", "absent"),
                        (group, series, start, total) -> {
                            assertThat(series.get("service_name")).isEqualTo("shop");
                            found.add(line(group, start, total));
                        });
        assertThat(whole).isTrue();
        return found.stream().sorted().toList();
    }

    private static String line(Labels group, long start, long total) {
        return group + " " + (start - START) / SECOND + " " + total;
    }

    @Test
    void aLineThatIsOnlyNearStaysSo() {
        Profile.Builder builder =
                Profile.builder(Profiles.labels("shop", "a"), ProfileType.CPU)
                        .time(START, 10 * SECOND)
                        .period(1);
        Frame exact = frame("work", 11, 10);
        int main = builder.frame(frame("main", 7, 5));
        builder.stack(new int[] {builder.frame(exact), main}, 2, 3);
        builder.stack(new int[] {builder.frame(exact.withApproximateLine(true)), main}, 2, 4);
        try (RocksDbProfileStore store = open()) {
            store.write(TENANT, List.of(builder.build()));
        }
        try (RocksDbProfileStore store = open()) {
            assertThat(stacks(store.merge(query("", ALL))))
                    .isEqualTo(Map.of("main:0+0;work:0+0", 7L));
            Map<Boolean, Long> work = new TreeMap<>();
            FlameTree byLine = store.mergeLines(query("", ALL));
            for (int node = 1; node < byLine.size(); node++) {
                if (byLine.frame(node).line() == 11) {
                    work.put(byLine.frame(node).approximateLine(), byLine.self(node));
                }
            }
            assertThat(work).isEqualTo(Map.of(false, 3L, true, 4L));
        }
    }
}
