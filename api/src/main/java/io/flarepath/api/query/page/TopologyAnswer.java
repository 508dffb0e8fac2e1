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

    private static final List<String> ENDS =
            List.of(
                    SERVICE,
                    NetworkMetrics.ROLE,
                    NetworkMetrics.PEER,
                    NetworkMetrics.PORT,
                    NetworkMetrics.LOCAL);

    @Override
    public void write(JsonGenerator json) throws IOException {
        Topology topology = new Topology();
        topology.addNetwork(network());
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

    private List<MetricSeries> network() {
        MetricSteps steps = new MetricSteps(range, EdgesAnswer.whole(range));
        List<MetricSeries> all = new ArrayList<>();
        all.addAll(
                EdgesAnswer.read(
                        store,
                        tenant,
                        by(RequestMetrics.PEER_ADDRESS, Matcher.Operator.NOT_MATCHES),
                        steps,
                        ENDS));
        List<String> placed = new ArrayList<>(ENDS);
        placed.addAll(PLACE);
        all.addAll(
                EdgesAnswer.read(
                        store,
                        tenant,
                        by(RequestMetrics.PEER_ADDRESS, Matcher.Operator.MATCHES),
                        steps,
                        placed));
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
        List<MetricSeries> all = new ArrayList<>(requests(metrics, peer, false, labels));
        labels.addAll(PLACE);
        all.addAll(requests(metrics, peer, true, labels));
        RequestScopes scopes = new RequestScopes(all);
        return all.stream().filter(scopes::shows).toList();
    }

    private List<MetricSeries> requests(
            RequestMetrics metrics, String peer, boolean loopback, List<String> labels) {
        Selector which =
                by(peer, loopback ? Matcher.Operator.MATCHES : Matcher.Operator.NOT_MATCHES);
        return RequestsAnswer.read(
                store,
                tenant,
                RequestsAnswer.selected(which, metrics),
                range,
                EdgesAnswer.whole(range),
                List.copyOf(labels));
    }

    private static Selector by(String label, Matcher.Operator operator) {
        return new Selector(List.of(new Matcher(label, operator, LOOPBACK)));
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
