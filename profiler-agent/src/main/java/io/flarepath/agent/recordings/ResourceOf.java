package io.flarepath.agent.recordings;

import java.util.SortedMap;

/** Tells whose a process is. */
@FunctionalInterface
public interface ResourceOf {
    /**
     * OpenTelemetry resource attributes of a process.
     *
     * @throws RecordingFailedException when it is not to be profiled
     */
    SortedMap<String, String> attributes(int pid) throws RecordingFailedException;
}
