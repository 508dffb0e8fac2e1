package io.flarepath.api.ingest.pprof;

import java.util.Map;

/**
 * What an upload says about its pprof.
 *
 * @param labels labels of the series, without the service and the profiler if the client named none
 * @param spyName name of the Pyroscope client, {@code unknown} when it gave none
 * @param fromNanos start of the upload; holds when the pprof has no start of its own
 * @param untilNanos its end
 * @param timeGiven whether the client gave the start
 * @param displayNames display names of sample types that the client configured; empty for none
 * @param family of the types; empty when the names of the sample types tell
 */
public record PprofRequest(
        Map<String, String> labels,
        String spyName,
        long fromNanos,
        long untilNanos,
        boolean timeGiven,
        Map<String, String> displayNames,
        String family) {

    /** An upload whose sample types tell the family. */
    public PprofRequest(
            Map<String, String> labels,
            String spyName,
            long fromNanos,
            long untilNanos,
            boolean timeGiven,
            Map<String, String> displayNames) {
        this(labels, spyName, fromNanos, untilNanos, timeGiven, displayNames, "");
    }
}
