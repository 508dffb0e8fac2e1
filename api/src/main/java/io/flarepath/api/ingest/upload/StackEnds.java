package io.flarepath.api.ingest.upload;

import io.flarepath.api.server.ServerMetrics;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import io.flarepath.store.profile.Profile;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Counts the samples of stored profiles by service and by how their stacks end: complete, or the
 * error frame that stands at the root end. The store keeps the same frames, so that the page has
 * the share of any range; this is the counter of what comes in.
 */
final class StackEnds {
    static final String COMPLETE = "complete";

    private StackEnds() {}

    static void count(Iterable<Profile> profiles, ServerMetrics metrics) {
        for (Profile profile : profiles) {
            String service = Objects.requireNonNullElse(profile.labels().get("service_name"), "");
            ends(profile).forEach((end, count) -> metrics.stacks(service, end, count));
        }
    }

    /** Samples by end; where the value of a sample is not known each stack counts one. */
    static Map<String, Long> ends(Profile profile) {
        Map<String, Long> ends = new HashMap<>();
        for (int stack = 0; stack < profile.stackCount(); stack++) {
            long value = profile.value(stack);
            long samples = profile.period() > 0 ? Math.round((double) value / profile.period()) : 1;
            if (value > 0 && samples > 0) {
                ends.merge(end(profile, stack), samples, Long::sum);
            }
        }
        return ends;
    }

    private static String end(Profile profile, int stack) {
        int depth = profile.stackStart(stack + 1) - profile.stackStart(stack);
        if (depth == 0) {
            return COMPLETE;
        }
        Frame root = profile.frames().get(profile.stackFrame(profile.stackStart(stack + 1) - 1));
        if (root.kind() != FrameKind.ERROR) {
            return COMPLETE;
        }
        String name = root.function();
        boolean bare = name.length() < 3 || name.charAt(0) != '[' || !name.endsWith("]");
        return bare ? name : name.substring(1, name.length() - 1);
    }
}
