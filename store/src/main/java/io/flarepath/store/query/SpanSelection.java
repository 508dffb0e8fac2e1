package io.flarepath.store.query;

import java.util.Set;

/**
 * Which spans are asked for: some by their numbers, or all of some traces.
 *
 * @param spans numbers of spans
 * @param traces numbers of traces
 */
public record SpanSelection(Set<Long> spans, Set<TraceId> traces) {

    /**
     * The number of a trace.
     *
     * @param high higher half
     * @param low lower half
     */
    public record TraceId(long high, long low) {}

    /** Keeps copies. */
    public SpanSelection {
        spans = Set.copyOf(spans);
        traces = Set.copyOf(traces);
    }

    /** Whether a span is asked for. */
    public boolean holds(long spanId, long traceHigh, long traceLow) {
        return spans.contains(spanId)
                || (!traces.isEmpty() && traces.contains(new TraceId(traceHigh, traceLow)));
    }
}
