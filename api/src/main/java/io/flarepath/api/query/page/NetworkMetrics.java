package io.flarepath.api.query.page;

import io.flarepath.store.metric.MetricSeries;
import io.flarepath.store.profile.Labels;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How edges of TCP and UDP are stored (docs/metrics.md), and what they are called here. */
final class NetworkMetrics {
    /** The names of the metrics, as a regular expression. */
    static final String PATTERN = "flarepath\\.(tcp|udp)\\..*";

    static final String ROLE = "role";
    static final String PEER = "peer";
    static final String LOCAL = "local";
    static final String PORT = "port";
    static final String ROLE_LABEL = "flarepath.role";
    static final String LOCAL_ADDRESS = "network.local.address";
    static final String DIRECTION = "network.io.direction";
    static final String ERROR = "error.type";
    static final String REASON = "flarepath.tcp.reason";

    /** Whether what TLS carries is read, of its connections. */
    static final String TLS = "flarepath.tls";

    private static final Map<String, String> STORED =
            Map.of(
                    ROLE,
                    ROLE_LABEL,
                    PEER,
                    RequestMetrics.PEER_ADDRESS,
                    LOCAL,
                    LOCAL_ADDRESS,
                    PORT,
                    "server.port");

    private NetworkMetrics() {}

    /** The labels that the store is asked for: also those that tell what was counted. */
    static List<String> stored(List<String> groupBy) {
        Set<String> stored = new LinkedHashSet<>(List.of(DIRECTION, ERROR, REASON, TLS));
        groupBy.forEach(name -> stored.add(STORED.getOrDefault(name, name)));
        return List.copyOf(stored);
    }

    /** The labels that are shown. */
    static Labels shown(Labels stored, List<String> groupBy) {
        Map<String, String> shown = new HashMap<>();
        for (String name : groupBy) {
            String value = stored.get(STORED.getOrDefault(name, name));
            shown.put(name, value == null ? "" : value);
        }
        return Labels.of(shown);
    }

    /** A label of a series, under its short name or as it is stored; empty when it lacks it. */
    static String label(MetricSeries series, String name) {
        String value = series.labels().get(STORED.getOrDefault(name, name));
        return value == null ? "" : value;
    }
}
