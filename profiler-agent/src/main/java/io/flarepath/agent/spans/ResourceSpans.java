package io.flarepath.agent.spans;

import java.util.List;
import java.util.SortedMap;

/**
 * The spans of one resource.
 *
 * @param resource OpenTelemetry resource attributes, {@code service.name} among them
 * @param spans at least one
 */
public record ResourceSpans(SortedMap<String, String> resource, List<CallSpan> spans) {}
