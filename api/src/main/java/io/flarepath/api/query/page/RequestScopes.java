package io.flarepath.api.query.page;

import io.flarepath.store.metric.Histogram;
import io.flarepath.store.metric.Measure;
import io.flarepath.store.metric.MetricSeries;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Two who watch one service see the same requests: of each service and metric the one that saw most
 * is shown.
 */
final class RequestScopes {
    /** The label of who counted. */
    static final String SCOPE = "scope";

    private static final String SERVICE = "service_name";

    /** One who watches a service. */
    private record Watched(String service, String metric) {}

    private final Map<Watched, String> shown = new HashMap<>();

    /** Of series that are told apart by service and scope, at least. */
    RequestScopes(List<MetricSeries> read) {
        Map<Watched, Map<String, Long>> counts = new HashMap<>();
        for (MetricSeries series : read) {
            long count = 0;
            for (Measure measure : series.steps().values()) {
                count += measure instanceof Histogram histogram ? histogram.count() : 0;
            }
            counts.computeIfAbsent(watched(series), absent -> new TreeMap<>())
                    .merge(NetworkMetrics.label(series, SCOPE), count, Long::sum);
        }
        counts.forEach((watched, byScope) ->
                byScope.entrySet().stream()
                        .filter(entry -> !entry.getKey().isEmpty())
                        .max(Map.Entry.comparingByValue())
                        .ifPresent(most -> shown.put(watched, most.getKey())));
    }

    /** Whether a series is shown; what was counted together for want of room has no scope. */
    boolean shows(MetricSeries series) {
        String scope = NetworkMetrics.label(series, SCOPE);
        return scope.isEmpty() || scope.equals(shown.get(watched(series)));
    }

    private static Watched watched(MetricSeries series) {
        return new Watched(NetworkMetrics.label(series, SERVICE), series.metric().name());
    }
}
