package io.flarepath.agent.points;

import java.util.List;
import java.util.SortedMap;

/**
 * The points of one resource in one window.
 *
 * @param resource OpenTelemetry resource attributes, {@code service.name} among them
 * @param points ordered by name; no two of them have the same name and attributes, and none has a
 *     pid
 */
public record ResourcePoints(SortedMap<String, String> resource, List<MetricPoint> points) {}
