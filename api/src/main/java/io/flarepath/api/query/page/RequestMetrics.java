package io.flarepath.api.query.page;

import io.flarepath.store.profile.Labels;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which metrics count requests, by OpenTelemetry's names and ours (docs/metrics.md), and what their
 * attributes say in common.
 */
final class RequestMetrics {
    /** Grouped by the protocol, the method and the route, whatever the metric calls them. */
    static final String ROUTE = "route";

    /** Grouped by the other end. */
    static final String PEER = "peer";

    /**
     * What a metric calls things.
     *
     * @param protocol attribute that names the protocol, or the protocol itself
     * @param method attribute of the method, empty when there is none
     * @param route attribute of the route
     */
    private record Names(String protocol, String method, String route) {}

    private static final Map<String, Names> SERVER =
            Map.of(
                    "http.server.request.duration", http(),
                    "rpc.server.call.duration", rpc(),
                    "db.server.operation.duration", database(),
                    "messaging.server.operation.duration", messaging(),
                    "dns.server.lookup.duration", dns());

    private static final Map<String, Names> CLIENT =
            Map.of(
                    "http.client.request.duration", http(),
                    "rpc.client.call.duration", rpc(),
                    "db.client.operation.duration", database(),
                    "messaging.client.operation.duration", messaging(),
                    "dns.lookup.duration", dns());

    /** Whom a client asks. */
    static final String SERVER_ADDRESS = "server.address";

    /** By whom a server is asked. */
    static final String PEER_ADDRESS = "network.peer.address";

    private static final List<String> PEERS = List.of(SERVER_ADDRESS, PEER_ADDRESS);

    private final boolean server;
    private final Map<String, Names> metrics;

    private RequestMetrics(boolean server) {
        this.server = server;
        this.metrics = server ? SERVER : CLIENT;
    }

    /** Of those who answer requests, or of those who send them. */
    static RequestMetrics of(boolean server) {
        return new RequestMetrics(server);
    }

    private static Names http() {
        return new Names("http", "http.request.method", "http.route");
    }

    private static Names rpc() {
        return new Names("rpc", "", "rpc.method");
    }

    private static Names database() {
        return new Names("db.system.name", "db.operation.name", "db.collection.name");
    }

    private static Names messaging() {
        return new Names(
                "messaging.system", "messaging.operation.name", "messaging.destination.name");
    }

    private static Names dns() {
        return new Names("dns", "dns.question.type", "dns.question.name");
    }

    /** The names of the metrics. */
    Set<String> names() {
        return metrics.keySet();
    }

    /** The names of the metrics, as a regular expression. */
    String pattern() {
        return String.join("|", metrics.keySet()).replace(".", "\\.");
    }

    /** The labels that the store is asked for. */
    List<String> stored(List<String> groupBy) {
        return groupBy.stream()
                .flatMap(name ->
                        switch (name) {
                            case ROUTE ->
                                    metrics.values().stream()
                                            .flatMap(names ->
                                                    Stream.of(
                                                            names.protocol(),
                                                            names.method(),
                                                            names.route()))
                                            .filter(attribute -> attribute.contains("."));
                            case PEER -> PEERS.stream();
                            default -> Stream.of(name);
                        })
                .distinct()
                .toList();
    }

    /** The labels that name protocols, where a metric has several. */
    static List<String> protocols() {
        return List.of(database().protocol(), messaging().protocol());
    }

    /** What a series is spoken in; empty when that is not known. */
    String protocol(String metric, Labels stored) {
        Names names = metrics.get(metric);
        if (names == null) {
            return "";
        }
        return names.protocol().contains(".") ? value(stored, names.protocol()) : names.protocol();
    }

    /** The labels that are shown. */
    Labels shown(String metric, Labels stored, List<String> groupBy) {
        Map<String, String> shown = new HashMap<>();
        for (String name : groupBy) {
            switch (name) {
                case ROUTE -> {
                    Names names = metrics.get(metric);
                    if (names != null) {
                        shown.put("protocol", protocol(metric, stored));
                        shown.put("method", value(stored, names.method()));
                        shown.put(ROUTE, value(stored, names.route()));
                    }
                }
                case PEER -> shown.put(PEER, value(stored, PEERS.get(server ? 1 : 0)));
                default -> shown.put(name, value(stored, name));
            }
        }
        return Labels.of(shown);
    }

    private static String value(Labels labels, String name) {
        String value = labels.get(name);
        return value == null ? "" : value;
    }
}
