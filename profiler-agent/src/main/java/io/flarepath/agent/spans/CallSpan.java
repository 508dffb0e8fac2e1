package io.flarepath.agent.spans;

import java.util.SortedMap;

/**
 * One call as an OpenTelemetry span, as the process saw it that asked or answered.
 *
 * @param traceId 32 lower-case hexadecimal digits
 * @param spanId 16 of them
 * @param parentId span of the caller as the request named it, or empty
 * @param name by the semantic conventions: few different ones
 * @param server whether the process answered
 * @param startNanos nanoseconds since 1970
 * @param endNanos not before the start
 * @param texts attributes; those that the conventions have as numbers are sent as such
 * @param headers attributes that are lists of texts, of which these have one
 * @param numbers more attributes
 * @param seconds more attributes
 * @param failed whether it counts as an error of this side
 */
public record CallSpan(
        String traceId,
        String spanId,
        String parentId,
        String name,
        boolean server,
        long startNanos,
        long endNanos,
        SortedMap<String, String> texts,
        SortedMap<String, String> headers,
        SortedMap<String, Long> numbers,
        SortedMap<String, Double> seconds,
        boolean failed) {}
