package io.flarepath.api.ingest.push;

import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.server.ApiError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the labels of a pushed series say: labels to store, and the family of its types, which is in
 * {@code __name__}. Other labels that start with {@code __} are the sender's own business.
 *
 * @param family for instance {@code process_cpu}
 * @param spyName who profiled, {@code unknown} when nobody says so
 * @param labels the labels to store, not checked against the limits
 */
record PushLabels(String family, String spyName, Map<String, String> labels) {
    private static final String NAME = "__name__";
    private static final String SPY = "pyroscope_spy";
    private static final String SCOPE = "com.grafana.pyroscope/";
    private static final String GODELTAPROF = "godeltaprof_";
    private static final int MOST_NAME = 200;

    /**
     * Reads the labels of a series.
     *
     * @throws ApiError 400 when one is there twice, or the name is missing or none
     */
    static PushLabels of(List<PushSeries.Label> given) {
        Map<String, String> all = new LinkedHashMap<>();
        for (PushSeries.Label label : given) {
            if (all.put(label.name(), label.value()) != null) {
                throw ApiError.invalid(
                        "the label " + LabelRules.shown(label.name()) + " is there twice");
            }
        }
        String family = family(all);
        all.keySet().removeIf(name -> name.startsWith("__"));
        all.values().removeIf(String::isEmpty);
        all.putIfAbsent("service_name", "unknown_service");
        String spy = spyName(all);
        all.putIfAbsent("profiler", spy);
        return new PushLabels(family, spy, all);
    }

    /** Clients of .NET say it under another name, those made of Rust by their instrumentation. */
    private static String spyName(Map<String, String> all) {
        String scope = all.getOrDefault("otel.scope.name", "");
        String byScope =
                switch (scope) {
                    case SCOPE + "python" -> "pyspy";
                    case SCOPE + "ruby" -> "rbspy";
                    case SCOPE + "rust" -> "pyroscope-rs";
                    default -> "unknown";
                };
        return all.getOrDefault(SPY, all.getOrDefault("spy_name", byScope));
    }

    /** As the reference's default rules of relabelling have it (pkg/validation). */
    private static String family(Map<String, String> all) {
        String name = all.getOrDefault(NAME, "");
        if (!isName(name)) {
            throw ApiError.invalid(
                    "the label __name__ must be there and hold at most "
                            + MOST_NAME
                            + " letters, digits and _, and is "
                            + LabelRules.shown(name));
        }
        if (name.startsWith(GODELTAPROF) && name.length() > GODELTAPROF.length()) {
            return name.substring(GODELTAPROF.length());
        }
        return name.equals("wall") && "cpu".equals(all.get("__type__")) ? "process_cpu" : name;
    }

    private static boolean isName(String name) {
        return !name.isEmpty()
                && name.length() <= MOST_NAME
                && name.chars()
                        .allMatch(c ->
                                c == '_'
                                        || (c >= '0' && c <= '9')
                                        || (c >= 'a' && c <= 'z')
                                        || (c >= 'A' && c <= 'Z'));
    }
}
