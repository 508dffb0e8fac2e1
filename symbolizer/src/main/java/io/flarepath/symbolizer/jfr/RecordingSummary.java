package io.flarepath.symbolizer.jfr;

import java.util.SortedMap;

/**
 * What a recording is as a whole.
 *
 * @param startNanos start of its first chunk, nanoseconds since 1970
 * @param endNanos end of its last chunk, nanoseconds since 1970
 * @param event what async-profiler sampled: {@code cpu}, {@code itimer}, {@code wall}; empty for
 *     recordings of others
 * @param executionNanos what one CPU sample stands for, 0 when the recording does not say so
 * @param wallNanos what one wall clock sample stands for, 0 when the recording does not say so
 * @param ignored events with a stack that are no sample of a kind that we know, by their name
 */
public record RecordingSummary(
        long startNanos,
        long endNanos,
        String event,
        long executionNanos,
        long wallNanos,
        SortedMap<String, Long> ignored) {}
