package io.flarepath.api.query;

import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Profiles for tests, written as collapsed stacks: root first, joined by semicolons; {@code
 * work@b1} is {@code work} in the build b1.
 */
public final class Stacks {
    /** Value of one sample at 100 Hz. */
    public static final long PERIOD = 10_000_000;

    private Stacks() {}

    /** Labels from names and values in turn. */
    public static Labels labels(String... namesAndValues) {
        Map<String, String> labels = new HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            labels.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return Labels.of(labels);
    }

    /** A profile of ten seconds. */
    public static Profile profile(
            Labels labels, ProfileType type, long startMillis, Map<String, Long> stacks) {
        return profile(labels, type, startMillis, PERIOD, stacks);
    }

    /** A profile of ten seconds whose samples stand for a value each. */
    public static Profile profile(
            Labels labels,
            ProfileType type,
            long startMillis,
            long period,
            Map<String, Long> stacks) {
        Profile.Builder builder =
                Profile.builder(labels, type)
                        .id(UUID.randomUUID().toString())
                        .time(startMillis * 1_000_000, 10_000_000_000L)
                        .period(period);
        stacks.forEach((stack, value) -> {
            String[] rootFirst = stack.split(";", -1);
            int[] leafFirst = new int[rootFirst.length];
            for (int i = 0; i < rootFirst.length; i++) {
                leafFirst[rootFirst.length - 1 - i] = builder.frame(frame(rootFirst[i]));
            }
            builder.stack(leafFirst, leafFirst.length, value);
        });
        return builder.build();
    }

    private static Frame frame(String text) {
        int at = text.indexOf('@');
        String name = at < 0 ? text : text.substring(0, at);
        String build = at < 0 ? "" : text.substring(at + 1);
        FrameKind kind = name.startsWith("[") ? FrameKind.ERROR : FrameKind.NATIVE;
        return new Frame(name, "", 0, "app", build, 0, kind, name.startsWith("inlined"));
    }
}
