package io.flarepath.agent.processes;

import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Who a process is, or was.
 *
 * @param resource its OpenTelemetry resource attributes, or null if it is not to be told of
 * @param seen whether anything was seen of it: else it was gone, and its name is no more than a
 *     placeholder
 */
public record ProcessOwner(@Nullable SortedMap<String, String> resource, boolean seen) {}
