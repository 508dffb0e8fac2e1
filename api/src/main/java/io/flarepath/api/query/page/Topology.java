package io.flarepath.api.query.page;

import io.flarepath.store.metric.MetricSeries;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who speaks with whom, put together from what both ends tell. A client knows its peer as an
 * address and a port; the service whose own end of a connection has that address and that port is
 * the peer. A server knows its callers as addresses; the services that are known to have called it
 * from there are the callers. Where several are, what the server tells is of all of them, and no
 * edge's alone. Not for several threads.
 */
final class Topology {
    /** What the agent says of peers beyond its cap. */
    private static final String OTHER = "other";

    private static final String SERVICE = "service_name";
    private static final String SERVER = "server";

    /** What the ends of edges are. */
    enum Kind {
        /** An observed service. */
        SERVICE,
        /** An address that no observed service is known to have. */
        ADDRESS,
        /** Several that were put together for want of room. */
        OTHERS
    }

    /** An end of edges; the name is the service, the address, or the side. */
    record Node(Kind kind, String name) {}

    /** From who connects to who listens. */
    record Way(Node from, Node to) {}

    /** What is known of one way. */
    static final class Edge {
        private final Set<String> ports = new TreeSet<>();
        private final Set<String> called = new TreeSet<>();
        private final Set<String> callers = new TreeSet<>();
        private final Map<String, RequestCount> sent = new TreeMap<>();
        private final Map<String, RequestCount> answered = new TreeMap<>();
        private @Nullable EdgeMeasures client;
        private @Nullable EdgeMeasures server;
        private boolean shared;

        /** Ports that were connected to. */
        Set<String> ports() {
            return ports;
        }

        /**
         * Addresses of the other end: by these and the ports its series can be asked for.
         *
         * @param ofClient those that the client called, else those that called the server
         */
        Set<String> addresses(boolean ofClient) {
            return ofClient ? called : callers;
        }

        /** Whether anything is known from the client. */
        boolean isSeenByClient() {
            return client != null || !sent.isEmpty();
        }

        /** Requests by protocol as the client timed them. */
        Map<String, RequestCount> sent() {
            return sent;
        }

        /** Requests by protocol as the server timed them; nothing where it is shared. */
        Map<String, RequestCount> answered() {
            return answered;
        }

        /** TCP and UDP at the client; null where nobody watched it. */
        @Nullable EdgeMeasures client() {
            return client;
        }

        /** TCP and UDP at the server; null where nobody watched it, or it is shared. */
        @Nullable EdgeMeasures server() {
            return server;
        }

        /** Whether the server cannot tell this client from others at the same address. */
        boolean shared() {
            return shared;
        }

        private EdgeMeasures atClient() {
            EdgeMeasures there = client;
            if (there == null) {
                there = new EdgeMeasures();
                client = there;
            }
            return there;
        }

        private EdgeMeasures atServer() {
            EdgeMeasures there = server;
            if (there == null) {
                there = new EdgeMeasures();
                server = there;
            }
            return there;
        }

        /** Requests of either side, whichever saw more. */
        long requests() {
            return Math.max(count(sent), count(answered));
        }

        /** Bytes both ways, whichever side saw more. */
        long bytes() {
            return Math.max(
                    client == null ? 0 : client.bytes(), server == null ? 0 : server.bytes());
        }

        private static long count(Map<String, RequestCount> requests) {
            return requests.values().stream().mapToLong(RequestCount::count).sum();
        }

        private void add(Edge other) {
            ports.addAll(other.ports);
            called.addAll(other.called);
            callers.addAll(other.callers);
            other.sent.forEach((protocol, requests) -> of(sent, protocol).add(requests));
            other.answered.forEach((protocol, requests) -> of(answered, protocol).add(requests));
            if (other.client != null) {
                atClient().add(other.client);
            }
            if (other.server != null) {
                atServer().add(other.server);
            }
            shared |= other.shared;
        }
    }

    /** An address where it means something: that of a loopback only within its machine or pod. */
    private record Place(String address, String within) {}

    private record Listening(Place place, String port) {}

    private record Called(String server, String port) {}

    private final Map<Listening, Set<String>> listeners = new HashMap<>();
    private final Map<Place, Set<String>> owners = new HashMap<>();
    private final Map<Called, Set<String>> callers = new HashMap<>();
    private final Map<Way, Edge> edges = new LinkedHashMap<>();
    private final Map<String, RequestCount> answered = new TreeMap<>();
    private final Map<String, EdgeMeasures> unaccepted = new TreeMap<>();

    /** Whether an address means something only where it is used. */
    static boolean isLoopback(String address) {
        return address.startsWith("127.")
                || address.equals("::1")
                || address.equals("0:0:0:0:0:0:0:1");
    }

    /** Whose the own address of each series is; before anything else, all of them. */
    void learn(List<MetricSeries> all) {
        for (MetricSeries series : all) {
            String local = NetworkMetrics.label(series, NetworkMetrics.LOCAL);
            if (local.isEmpty() || local.equals(OTHER)) {
                continue;
            }
            Place place = place(series, local);
            String name = service(series).name;
            owners.computeIfAbsent(place, absent -> new HashSet<>()).add(name);
            if (NetworkMetrics.label(series, NetworkMetrics.ROLE).equals(SERVER)) {
                String port = NetworkMetrics.label(series, NetworkMetrics.PORT);
                listeners
                        .computeIfAbsent(new Listening(place, port), absent -> new HashSet<>())
                        .add(name);
            }
        }
    }

    /** TCP and UDP of clients: all of it before any of servers. */
    void addClients(List<MetricSeries> all) {
        for (MetricSeries series : all) {
            String peer = NetworkMetrics.label(series, NetworkMetrics.PEER);
            if (!peer.isEmpty()) {
                String port = NetworkMetrics.label(series, NetworkMetrics.PORT);
                Node to = called(place(series, peer), port);
                Edge edge = edge(new Way(service(series), to), port);
                edge.called.add(peer);
                edge.atClient().add(series);
                if (to.kind == Kind.SERVICE) {
                    callers.computeIfAbsent(new Called(to.name, port), absent -> new TreeSet<>())
                            .add(service(series).name);
                }
            }
        }
    }

    /** TCP and UDP of servers. */
    void addServers(List<MetricSeries> all) {
        for (MetricSeries series : all) {
            String peer = NetworkMetrics.label(series, NetworkMetrics.PEER);
            if (peer.isEmpty()) {
                unaccepted
                        .computeIfAbsent(service(series).name, absent -> new EdgeMeasures())
                        .add(series);
            } else {
                atServer(series, peer, edge -> edge.atServer().add(series));
            }
        }
    }

    /** Requests that were answered; after all of the network. */
    void addAnswered(List<MetricSeries> all, RequestMetrics metrics) {
        for (MetricSeries series : all) {
            answered.computeIfAbsent(service(series).name, absent -> new RequestCount())
                    .add(series);
            String peer = NetworkMetrics.label(series, NetworkMetrics.PEER);
            if (!peer.isEmpty()) {
                String protocol = metrics.protocol(series.metric().name(), series.labels());
                atServer(series, peer, edge -> of(edge.answered, protocol).add(series));
            }
        }
    }

    /** Requests that were sent; after all of the network. */
    void addSent(List<MetricSeries> all, RequestMetrics metrics) {
        for (MetricSeries series : all) {
            String peer = NetworkMetrics.label(series, RequestMetrics.SERVER_ADDRESS);
            String port = NetworkMetrics.label(series, NetworkMetrics.PORT);
            if (!peer.isEmpty()) {
                Way way = new Way(service(series), called(place(series, peer), port));
                String protocol = metrics.protocol(series.metric().name(), series.labels());
                Edge edge = edge(way, port);
                edge.called.add(peer);
                of(edge.sent, protocol).add(series);
            }
        }
    }

    /** Who listens there, if it is one that is known. */
    private Node called(Place place, String port) {
        Set<String> names = listeners.getOrDefault(new Listening(place, port), Set.of());
        return names.size() == 1
                ? new Node(Kind.SERVICE, names.iterator().next())
                : address(place.address, port);
    }

    /** Hands on the edge that a server's series belongs to; where there are several, marks them. */
    private void atServer(MetricSeries series, String peer, Consumer<Edge> add) {
        Node to = service(series);
        String port = NetworkMetrics.label(series, NetworkMetrics.PORT);
        Place place = place(series, peer);
        Set<String> there = owners.getOrDefault(place, Set.of());
        Set<String> from = new TreeSet<>(callers.getOrDefault(new Called(to.name, port), Set.of()));
        from.retainAll(there);
        if (from.size() > 1) {
            from.forEach(
                    name -> edge(new Way(new Node(Kind.SERVICE, name), to), port).shared = true);
            return;
        }
        if (from.isEmpty() && !isLoopback(peer) && there.size() == 1 && !there.contains(to.name)) {
            from.addAll(there);
        }
        Node caller =
                from.isEmpty()
                        ? address(place.address, "")
                        : new Node(Kind.SERVICE, from.iterator().next());
        Edge edge = edge(new Way(caller, to), port);
        edge.callers.add(peer);
        add.accept(edge);
    }

    private static Node address(String address, String port) {
        if (address.equals(OTHER)) {
            return new Node(Kind.OTHERS, OTHER);
        }
        String name = address.contains(":") && !port.isEmpty() ? "[" + address + "]" : address;
        return new Node(Kind.ADDRESS, port.isEmpty() ? name : name + ":" + port);
    }

    private Edge edge(Way way, String port) {
        Edge edge = edges.computeIfAbsent(way, absent -> new Edge());
        if (!port.isEmpty()) {
            edge.ports.add(port);
        }
        return edge;
    }

    private static RequestCount of(Map<String, RequestCount> requests, String protocol) {
        return requests.computeIfAbsent(protocol, absent -> new RequestCount());
    }

    private static Place place(MetricSeries series, String address) {
        if (!isLoopback(address)) {
            return new Place(address, "");
        }
        String pod = NetworkMetrics.label(series, "pod");
        String within = pod.isEmpty() ? NetworkMetrics.label(series, "container") : pod;
        return new Place(address, NetworkMetrics.label(series, "node") + "/" + within);
    }

    private static Node service(MetricSeries series) {
        return new Node(Kind.SERVICE, NetworkMetrics.label(series, SERVICE));
    }

    /** What a service answered, whoever asked. */
    @Nullable RequestCount answered(String service) {
        return answered.get(service);
    }

    /** Connections that a service's listening sockets had no room for. */
    long acceptOverflows(String service) {
        EdgeMeasures measures = unaccepted.get(service);
        return measures == null ? 0 : measures.total(EdgeMeasures.Counted.ACCEPT_OVERFLOWS);
    }

    /** What is shown: nodes with how many were put together in each, and the ways between them. */
    record Shown(Map<Node, Integer> nodes, Map<Way, Edge> edges) {}

    /**
     * The largest nodes and all edges between them; addresses are a third of the nodes at most.
     * What has no room is one node for those who call and one for those who are called.
     *
     * @param services of which edges must have an end; null for all
     */
    Shown shown(@Nullable Set<String> services, int mostNodes) {
        Map<Way, Edge> kept = new LinkedHashMap<>();
        edges.forEach((way, edge) -> {
            if (services == null || isAny(services, way.from) || isAny(services, way.to)) {
                kept.put(way, edge);
            }
        });
        Map<Node, long[]> weights = new HashMap<>();
        kept.forEach((way, edge) -> {
            weigh(weights, way.from, edge);
            weigh(weights, way.to, edge);
        });
        for (String name : answered.keySet()) {
            if (services == null || services.contains(name)) {
                weights.computeIfAbsent(new Node(Kind.SERVICE, name), absent -> new long[2]);
            }
        }
        Set<Node> roomy = roomy(weights, mostNodes);
        Map<Node, Integer> nodes = new LinkedHashMap<>();
        roomy.forEach(node -> nodes.put(node, 1));
        Map<Node, Set<Node>> together = new LinkedHashMap<>();
        Map<Way, Edge> merged = new LinkedHashMap<>();
        kept.forEach((way, edge) -> {
            Node from = roomy.contains(way.from) ? way.from : new Node(Kind.OTHERS, "callers");
            Node to = roomy.contains(way.to) ? way.to : new Node(Kind.OTHERS, "called");
            if (from.kind == Kind.OTHERS) {
                together.computeIfAbsent(from, absent -> new HashSet<>()).add(way.from);
            }
            if (to.kind == Kind.OTHERS) {
                together.computeIfAbsent(to, absent -> new HashSet<>()).add(way.to);
            }
            merged.computeIfAbsent(new Way(from, to), absent -> new Edge()).add(edge);
        });
        together.forEach((node, all) -> nodes.put(node, all.size()));
        return new Shown(nodes, merged);
    }

    private static boolean isAny(Set<String> services, Node node) {
        return node.kind == Kind.SERVICE && services.contains(node.name);
    }

    private static void weigh(Map<Node, long[]> weights, Node node, Edge edge) {
        long[] weight = weights.computeIfAbsent(node, absent -> new long[2]);
        weight[0] += edge.requests();
        weight[1] += edge.bytes();
    }

    private static Set<Node> roomy(Map<Node, long[]> weights, int most) {
        List<Node> sorted = new ArrayList<>(weights.keySet());
        sorted.removeIf(node -> node.kind == Kind.OTHERS);
        sorted.sort((a, b) -> {
            long[] one = weights.getOrDefault(a, new long[2]);
            long[] other = weights.getOrDefault(b, new long[2]);
            int byKind = a.kind.compareTo(b.kind);
            int byRequests = Long.compare(other[0], one[0]);
            int byBytes = Long.compare(other[1], one[1]);
            return byKind != 0
                    ? byKind
                    : byRequests != 0
                            ? byRequests
                            : byBytes != 0 ? byBytes : a.name.compareTo(b.name);
        });
        Set<Node> roomy = new LinkedHashSet<>();
        int addresses = 0;
        for (Node node : sorted) {
            boolean isRoom =
                    roomy.size() < most
                            && (node.kind == Kind.SERVICE || addresses < Math.max(1, most / 3));
            if (isRoom) {
                roomy.add(node);
                addresses += node.kind == Kind.ADDRESS ? 1 : 0;
            }
        }
        return roomy;
    }
}
