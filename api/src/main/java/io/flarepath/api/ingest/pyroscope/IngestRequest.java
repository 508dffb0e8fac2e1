package io.flarepath.api.ingest.pyroscope;

import io.flarepath.api.ingest.pprof.PprofRequest;
import io.flarepath.api.ingest.upload.QueryParameters;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.time.Attime;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the URL of an upload says.
 *
 * @param name application and labels
 * @param fromNanos start
 * @param untilNanos end
 * @param timeGiven whether the client gave the start
 * @param sampleRate samples a second, at least 1
 * @param spyName the client
 */
record IngestRequest(
        SeriesName name,
        long fromNanos,
        long untilNanos,
        boolean timeGiven,
        long sampleRate,
        String spyName) {
    private static final long DEFAULT_RATE = 100;

    static IngestRequest of(QueryParameters parameters, UploadClock clock) {
        long now = clock.now();
        String spy = parameters.get("spyName").strip();
        return new IngestRequest(
                SeriesName.parse(parameters.get("name")),
                Attime.nanos(parameters.get("from"), now),
                Attime.nanos(parameters.get("until"), now),
                !parameters.get("from").isEmpty(),
                rate(parameters.get("sampleRate")),
                spy.isEmpty() ? "unknown" : spy);
    }

    /** As in the reference, a rate that cannot be read is 100, not an error. */
    private static long rate(String text) {
        try {
            long rate = Long.parseLong(text);
            return rate < 0 ? DEFAULT_RATE : rate;
        } catch (NumberFormatException e) {
            return DEFAULT_RATE;
        }
    }

    /** What one folded count stands for in nanoseconds; 1 when the rate is 0. */
    long nanosPerSample() {
        return sampleRate == 0 ? 1 : Math.max(1, 1_000_000_000L / sampleRate);
    }

    long durationNanos() {
        return Math.max(0, untilNanos - fromNanos);
    }

    /**
     * The labels of the series: the client's, the service, and who profiled. A label {@code
     * service_name} or {@code profiler} of the client's own holds.
     */
    Map<String, String> labels(String service) {
        Map<String, String> labels = new LinkedHashMap<>(name.labels());
        labels.putIfAbsent("service_name", service);
        labels.putIfAbsent("profiler", spyName);
        labels.put("pyroscope_spy", spyName);
        return labels;
    }

    /**
     * The labels of stacks whose type stood in the application's name. An own {@code service_name}
     * leaves the application beside it.
     */
    Map<String, String> typedLabels(String service) {
        Map<String, String> labels = labels(service);
        if (name.labels().containsKey("service_name")) {
            labels.putIfAbsent("app_name", service);
        }
        return labels;
    }

    PprofRequest pprof(Map<String, String> displayNames) {
        return new PprofRequest(
                labels(name.app()), spyName, fromNanos, untilNanos, timeGiven, displayNames);
    }
}
