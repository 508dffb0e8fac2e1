package io.flarepath.agent.export;

import io.flarepath.symbolizer.Frame;
import java.util.List;
import java.util.SortedMap;

/**
 * One profile of any type, of one resource.
 *
 * @param resource OpenTelemetry resource attributes, {@code service.name} among them
 * @param profiler who made it; the name of the OTLP scope
 * @param startNanos its start, nanoseconds since 1970
 * @param durationNanos its length
 * @param sampleType for instance {@code delay}
 * @param sampleUnit for instance {@code nanoseconds}
 * @param periodType for instance {@code mutex}, or empty
 * @param periodUnit for instance {@code count}, or empty
 * @param period value of one sample, 0 when they differ
 * @param stacks what was sampled
 */
public record TypedProfile(
        SortedMap<String, String> resource,
        String profiler,
        long startNanos,
        long durationNanos,
        String sampleType,
        String sampleUnit,
        String periodType,
        String periodUnit,
        long period,
        List<TypedStack> stacks) {

    /**
     * The samples of one stack of one thread.
     *
     * @param frames leaf first
     * @param pid process id in the agent's namespace
     * @param tid thread id in the process's own namespace
     * @param threadName name of the thread
     * @param values value of each sample
     * @param timesUnixNanos when each was taken, nanoseconds since 1970
     */
    public record TypedStack(
            List<Frame> frames,
            int pid,
            long tid,
            String threadName,
            long[] values,
            long[] timesUnixNanos) {}
}
