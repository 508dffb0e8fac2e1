package io.flarepath.api.query.page;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.query.request.Absence;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.store.MetricStore;
import io.flarepath.store.metric.MetricSeries;
import io.flarepath.store.query.Matcher;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Answers /api/v1/topology: services, what they call, and how well that goes. */
record TopologyAnswer(
        MetricStore store, String tenant, Selector selector, TimeRange range, int mostNodes)
        implements JsonAnswer.Body {
    private static final String LOOPBACK = "127\\..*|::1|0:0:0:0:0:0:0:1";
    private static final String SERVICE = "service_name";

    /** Addresses of an edge in an answer: as many as fit into a question about it. */
    private static final int MOST_ADDRESSES = 100;

    /** Only of loopback addresses it matters where they are used: there are many places. */
    private static final List<String> PLACE = List.of("node", "pod", "container");

    /** Own addresses are told of whoever has said anything. */
    private static final String BYTES = "flarepath\\.(tcp|udp)\\.io";

    @Override
    public void write(JsonGenerator json) throws IOException {
        Topology topology = new Topology();
        network(topology);
        RequestMetrics server = RequestMetrics.of(true);
        topology.addAnswered(requests(server, RequestMetrics.PEER_ADDRESS), server);
        RequestMetrics client = RequestMetrics.of(false);
        topology.addSent(requests(client, RequestMetrics.SERVER_ADDRESS), client);
        Topology.Shown shown =
                topology.shown(selector.matchers().isEmpty() ? null : services(), mostNodes);
        json.writeStartObject();
        json.writeArrayFieldStart("nodes");
        for (Map.Entry<Topology.Node, Integer> node : shown.nodes().entrySet()) {
            write(json, topology, node.getKey(), node.getValue());
        }
        json.writeEndArray();
        json.writeArrayFieldStart("edges");
        for (Map.Entry<Topology.Way, Topology.Edge> edge : shown.edges().entrySet()) {
            write(json, edge.getKey(), edge.getValue());
        }
        json.writeEndArray();
        Fields.empty(json, shown.nodes().isEmpty() ? absence() : null);
        json.writeEndObject();
    }

    /** One metric at a time, so that an answer's bound is that of each: peers are many. */
    private void network(Topology topology) {
        Matcher bytes = new Matcher("__name__", Matcher.Operator.MATCHES, BYTES);
        topology.learn(
                placed(
                        List.of(bytes),
                        NetworkMetrics.LOCAL_ADDRESS,
                        NetworkMetrics.stored(
                                List.of(
                                        SERVICE,
                                        NetworkMetrics.ROLE,
                                        NetworkMetrics.PORT,
                                        NetworkMetrics.LOCAL))));
        for (String role : List.of("client", "server")) {
            Matcher ofRole = new Matcher(NetworkMetrics.ROLE_LABEL, Matcher.Operator.EQUAL, role);
            for (String metric : EdgeMeasures.metrics()) {
                List<MetricSeries> all =
                        placed(
                                List.of(
                                        new Matcher("__name__", Matcher.Operator.EQUAL, metric),
                                        ofRole),
                                RequestMetrics.PEER_ADDRESS,
                                NetworkMetrics.stored(
                                        List.of(
                                                SERVICE,
                                                NetworkMetrics.PEER,
                                                NetworkMetrics.PORT)));
                if (role.equals("client")) {
                    topology.addClients(all);
                } else {
                    topology.addServers(all);
                }
            }
        }
    }

    /** Series with their place where an address is a loopback one. */
    private List<MetricSeries> placed(List<Matcher> which, String address, List<String> labels) {
        List<MetricSeries> all = new ArrayList<>();
        for (Matcher.Operator operator :
                List.of(Matcher.Operator.NOT_MATCHES, Matcher.Operator.MATCHES)) {
            List<Matcher> matchers = new ArrayList<>(which);
            matchers.add(new Matcher(address, operator, LOOPBACK));
            List<String> groupBy = new ArrayList<>(labels);
            if (operator == Matcher.Operator.MATCHES) {
                groupBy.addAll(PLACE);
            }
            all.addAll(
                    RequestsAnswer.read(
                            store,
                            tenant,
                            new Selector(matchers),
                            range,
                            EdgesAnswer.whole(range),
                            groupBy));
        }
        return all;
    }

    private List<MetricSeries> requests(RequestMetrics metrics, String peer) {
        List<String> labels =
                new ArrayList<>(
                        List.of(
                                SERVICE,
                                RequestScopes.SCOPE,
                                NetworkMetrics.ERROR,
                                peer,
                                "server.port"));
        labels.addAll(RequestMetrics.protocols());
        List<MetricSeries> all = new ArrayList<>();
        for (String metric : metrics.names()) {
            Matcher one = new Matcher("__name__", Matcher.Operator.EQUAL, metric);
            all.addAll(placed(List.of(one, RequestsAnswer.HISTOGRAMS), peer, labels));
        }
        RequestScopes scopes = new RequestScopes(all);
        return all.stream().filter(scopes::shows).toList();
    }

    /** The services that have selected series: edges that end at none of them are left out. */
    private Set<String> services() {
        MetricSteps steps = new MetricSteps(range, EdgesAnswer.whole(range));
        List<MetricSeries> all =
                new ArrayList<>(EdgesAnswer.read(store, tenant, selector, steps, List.of(SERVICE)));
        for (boolean server : new boolean[] {true, false}) {
            all.addAll(
                    RequestsAnswer.read(
                            store,
                            tenant,
                            RequestsAnswer.selected(selector, RequestMetrics.of(server)),
                            range,
                            steps.stepNanos(),
                            List.of(SERVICE)));
        }
        Set<String> services = new HashSet<>();
        all.forEach(series -> services.add(NetworkMetrics.label(series, SERVICE)));
        return services;
    }

    private static void write(JsonGenerator json, Topology topology, Topology.Node node, int count)
            throws IOException {
        boolean isService = node.kind() == Topology.Kind.SERVICE;
        json.writeStartObject();
        json.writeStringField("id", id(node));
        json.writeStringField("kind", word(node));
        json.writeStringField("name", node.name());
        json.writeNumberField("count", count);
        json.writeNumberField(
                "acceptOverflows", isService ? topology.acceptOverflows(node.name()) : 0);
        RequestCount.write(json, "requests", isService ? topology.answered(node.name()) : null);
        json.writeEndObject();
    }

    private static String id(Topology.Node node) {
        return word(node) + ":" + node.name();
    }

    private static String word(Topology.Node node) {
        return node.kind().name().toLowerCase(Locale.ROOT);
    }

    private void write(JsonGenerator json, Topology.Way way, Topology.Edge edge)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("from", id(way.from()));
        json.writeStringField("to", id(way.to()));
        Fields.strings(json, "ports", edge.ports());
        Set<String> addresses = edge.addresses(edge.isSeenByClient());
        Fields.strings(json, "addresses", addresses.stream().limit(MOST_ADDRESSES).toList());
        json.writeNumberField("addressCount", addresses.size());
        Set<String> protocols = new TreeSet<>(edge.sent().keySet());
        protocols.addAll(edge.answered().keySet());
        Fields.strings(json, "protocols", protocols);
        json.writeBooleanField("shared", edge.shared());
        RequestCount.write(json, "sent", RequestCount.sum(edge.sent().values()));
        RequestCount.write(json, "answered", RequestCount.sum(edge.answered().values()));
        Double between = networkSeconds(edge);
        if (between == null) {
            json.writeNullField("networkSeconds");
        } else {
            json.writeNumberField("networkSeconds", between);
        }
        measures(json, "client", edge.client());
        measures(json, "server", edge.server());
        json.writeEndObject();
    }

    private void measures(JsonGenerator json, String field, @Nullable EdgeMeasures measures)
            throws IOException {
        if (measures == null) {
            json.writeNullField(field);
            return;
        }
        json.writeObjectFieldStart(field);
        measures.write(json, MetricSteps.slots(range));
        json.writeEndObject();
    }

    /**
     * The mean of what clients waited longer than servers worked, over the protocols that both have
     * timed.
     */
    private static @Nullable Double networkSeconds(Topology.Edge edge) {
        double sum = 0;
        long count = 0;
        for (Map.Entry<String, RequestCount> sent : edge.sent().entrySet()) {
            RequestCount answered = edge.answered().get(sent.getKey());
            if (answered != null && answered.count() > 0) {
                sum += sent.getValue().count() * (sent.getValue().mean() - answered.mean());
                count += sent.getValue().count();
            }
        }
        return count == 0 ? null : sum / count;
    }

    private Absence absence() {
        return EdgesAnswer.absence(store, tenant, selector);
    }
}
