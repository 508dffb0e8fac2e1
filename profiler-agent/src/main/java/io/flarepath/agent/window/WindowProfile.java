package io.flarepath.agent.window;

import java.util.List;
import java.util.SortedMap;

/**
 * The CPU samples of one resource (a container, a service, the kernel) in one window.
 *
 * @param resource OpenTelemetry resource attributes, {@code service.name} among them
 * @param startNanos start of the window, nanoseconds since 1970
 * @param durationNanos its length
 * @param periodNanos CPU time that one sample stands for
 * @param stacks folded stacks, each of one thread
 */
public record WindowProfile(
        SortedMap<String, String> resource,
        long startNanos,
        long durationNanos,
        long periodNanos,
        List<FoldedStack> stacks) {

    /** Number of samples of all stacks. */
    public long samples() {
        long sum = 0;
        for (FoldedStack stack : stacks) {
            sum += stack.timesUnixNanos().length;
        }
        return sum;
    }
}
