package io.flarepath.store;

import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import java.util.Map;
import java.util.TreeMap;

/** Small profiles for tests. */
final class Profiles {
    static final long SECOND = 1_000_000_000L;

    /** 2026-01-01, on the edge of a window. */
    static final long START = 1_767_225_600L * SECOND;

    static final TimeRange ALL = new TimeRange(0, Long.MAX_VALUE);
    static final String TENANT = "anonymous";

    private Profiles() {}

    static Labels labels(String service, String pod) {
        return Labels.of(Map.of("service_name", service, "pod", pod, "profiler", "flarepath"));
    }

    /** A profile of one service; a stack is written {@code main;work;leaf}, root first. */
    static Profile.Builder of(String service, String pod, long start, Map<String, Long> stacks) {
        return of(labels(service, pod), ProfileType.CPU, start, stacks);
    }

    static Profile.Builder of(
            Labels labels, ProfileType type, long start, Map<String, Long> stacks) {
        Profile.Builder builder =
                Profile.builder(labels, type).time(start, 10 * SECOND).period(10_000_000);
        new TreeMap<>(stacks)
                .forEach((stack, value) -> {
                    String[] names = stack.split(";", -1);
                    int[] leafFirst = new int[names.length];
                    for (int i = 0; i < names.length; i++) {
                        leafFirst[names.length - 1 - i] = builder.frame(Frame.named(names[i]));
                    }
                    builder.stack(leafFirst, leafFirst.length, value);
                });
        return builder;
    }

    /** A range of so many seconds. */
    static TimeRange rangeOf(long start, int seconds) {
        return new TimeRange(start, start + seconds * SECOND);
    }

    static ProfileQuery query(String selector, TimeRange range) {
        return new ProfileQuery(TENANT, ProfileType.CPU, Selector.parse(selector), range);
    }

    /** What each function took itself. */
    static Map<String, Long> selfByName(FlameTree tree) {
        Map<String, Long> values = new TreeMap<>();
        for (int node = 1; node < tree.size(); node++) {
            if (tree.self(node) > 0) {
                values.merge(tree.frame(node).function(), tree.self(node), Long::sum);
            }
        }
        return values;
    }
}
