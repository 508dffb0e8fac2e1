package io.flarepath.api.query.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.flarepath.api.contract.CheckedHttp;
import io.flarepath.api.query.ServedStore;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.store.metric.Amount;
import io.flarepath.store.metric.Gauge;
import io.flarepath.store.metric.Histogram;
import io.flarepath.store.metric.Measure;
import io.flarepath.store.metric.Metric;
import io.flarepath.store.metric.MetricKind;
import io.flarepath.store.metric.MetricPoint;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.query.Allowance;
import io.flarepath.store.query.QueryRefusedException;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkRoutesTest {
    private static final long START = 1_767_225_600_000L;
    private static final String RANGE = "?from=" + START + "&until=" + (START + 60_000);

    @TempDir private Path directory;
    private ServedStore server;
    private String tenant = "anonymous";
    private long uploads;

    @BeforeEach
    void start() {
        server = new ServedStore(directory);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** One end of an edge, and what it tells. */
    private final class End {
        private final Map<String, String> labels;
        private int second;

        private End(String service, String role, String local, String peer, int port) {
            labels =
                    new HashMap<>(
                            Map.of(
                                    "service_name", service,
                                    "scope", "flarepath",
                                    "flarepath.role", role,
                                    "network.local.address", local,
                                    "network.peer.address", peer,
                                    "server.port", Integer.toString(port)));
        }

        private End at(int later) {
            second = later;
            return this;
        }

        private End in(String node, String pod) {
            labels.put("node", node);
            labels.put("pod", pod);
            return this;
        }

        private End bytes(long sent, long received) {
            return sum("flarepath.tcp.io", sent, "network.io.direction", "transmit")
                    .sum("flarepath.tcp.io", received, "network.io.direction", "receive");
        }

        private End sum(String metric, long amount, String... more) {
            return write(metric, MetricKind.COUNTER, Amount.of(amount), more);
        }

        private End times(String metric, double seconds, int count) {
            return write(metric, MetricKind.HISTOGRAM, histogram(seconds, count));
        }

        private End open(int connections) {
            String metric = "flarepath.tcp.connections.active";
            return write(metric, MetricKind.GAUGE, Gauge.of(connections));
        }

        private End write(String metric, MetricKind kind, Measure measure, String... more) {
            Map<String, String> all = new HashMap<>(labels);
            for (int i = 0; i < more.length; i += 2) {
                all.put(more[i], more[i + 1]);
            }
            all.values().removeIf(String::isEmpty);
            store(metric, kind, second, measure, all);
            return this;
        }
    }

    private static Histogram histogram(double seconds, int count) {
        Measure sum = Histogram.of(seconds, 5);
        for (int i = 1; i < count; i++) {
            sum = sum.plus(Histogram.of(seconds, 5));
        }
        return (Histogram) sum;
    }

    private void store(
            String metric, MetricKind kind, int second, Measure measure, Map<String, String> all) {
        server.store()
                .metrics()
                .write(
                        tenant,
                        ByteBuffer.allocate(32).putLong(++uploads).array(),
                        List.of(
                                new MetricPoint(
                                        new Metric(metric, kind, ""),
                                        Labels.of(all),
                                        0,
                                        (START + second * 1_000L) * 1_000_000,
                                        false,
                                        measure)));
    }

    private End client(String service, String local, String peer, int port) {
        return new End(service, "client", local, peer, port);
    }

    private End server(String service, String local, String peer, int port) {
        return new End(service, "server", local, peer, port);
    }

    private void requests(
            String metric, String service, double seconds, int count, String... labels) {
        Map<String, String> all =
                new HashMap<>(Map.of("service_name", service, "scope", "flarepath"));
        for (int i = 0; i < labels.length; i += 2) {
            all.put(labels[i], labels[i + 1]);
        }
        store(metric, MetricKind.HISTOGRAM, 5, histogram(seconds, count), all);
    }

    private JsonNode edges(String more) {
        return server.get("/api/v1/edges" + RANGE + more).json();
    }

    private JsonNode topology(String more) {
        return server.get("/api/v1/topology" + RANGE + more).json();
    }

    private static String query(String selector) {
        return "&query=" + CheckedHttp.encoded(selector);
    }

    private static List<String> ways(JsonNode topology) {
        List<String> ways = new ArrayList<>();
        topology.get("edges")
                .forEach(edge ->
                        ways.add(edge.get("from").asText() + " > " + edge.get("to").asText()));
        ways.sort(null);
        return ways;
    }

    private static JsonNode way(JsonNode topology, String from, String to) {
        for (JsonNode edge : topology.get("edges")) {
            if (edge.get("from").asText().equals(from) && edge.get("to").asText().equals(to)) {
                return edge;
            }
        }
        throw new AssertionError(from + " > " + to + " is not among " + ways(topology));
    }

    @Test
    void anEdgeHasWhatWasCountedAndWhyAndHowLongItTook() {
        End db =
                client("shop", "10.0.0.1", "10.0.0.2", 5432)
                        .bytes(1_000, 9_000)
                        .sum("flarepath.tcp.packets", 12, "network.io.direction", "transmit")
                        .sum("flarepath.tcp.packets", 14, "network.io.direction", "receive")
                        .sum("flarepath.tcp.connects", 4)
                        .sum("flarepath.tcp.connect.failures", 3, "error.type", "ECONNREFUSED")
                        .sum("flarepath.tcp.connect.failures", 2, "error.type", "ETIMEDOUT")
                        .sum("flarepath.tcp.retransmits", 5)
                        .sum(
                                "flarepath.tcp.resets",
                                6,
                                "network.io.direction",
                                "transmit",
                                "flarepath.tcp.reason",
                                "TCP_ABORT_ON_CLOSE")
                        .sum("flarepath.tcp.resets", 7, "network.io.direction", "receive")
                        .sum("flarepath.tcp.drops", 8, "flarepath.tcp.reason", "SOCKET_RCVBUFF")
                        .sum("flarepath.tcp.zero_windows", 9)
                        .sum("flarepath.tcp.tls.connections", 3, "flarepath.tls", "read")
                        .sum("flarepath.tcp.tls.connections", 2, "flarepath.tls", "unseen")
                        .times("flarepath.tcp.connect.duration", 0.001, 4)
                        .times("flarepath.tcp.rtt", 0.020, 10)
                        .open(6);
        db.at(30).bytes(500, 0).open(3);
        JsonNode answer = edges("&groupBy=service_name&groupBy=role&groupBy=peer&groupBy=port");
        assertThat(answer.get("empty").isNull()).isTrue();
        assertThat(answer.has("startMillis")).isFalse();
        JsonNode edge = answer.get("edges").get(0);
        assertThat(edge.get("labels").toString())
                .isEqualTo(
                        "{\"peer\":\"10.0.0.2\",\"port\":\"5432\",\"role\":\"client\","
                                + "\"service_name\":\"shop\"}");
        Map.of(
                        "bytesSent", 1_500L,
                        "bytesReceived", 9_000L,
                        "packetsSent", 12L,
                        "packetsReceived", 14L,
                        "connects", 4L,
                        "connectFailures", 5L,
                        "retransmits", 5L,
                        "resetsSent", 6L,
                        "resetsReceived", 7L,
                        "drops", 8L)
                .forEach((field, value) ->
                        assertThat(edge.get(field).asLong()).as(field).isEqualTo(value));
        assertThat(edge.get("zeroWindows").asLong()).isEqualTo(9);
        assertThat(edge.get("tlsRead").asLong()).isEqualTo(3);
        assertThat(edge.get("tlsUnseen").asLong()).isEqualTo(2);
        assertThat(edge.get("reasons").toString())
                .isEqualTo(
                        "{\"connectFailures\":{\"ECONNREFUSED\":3,\"ETIMEDOUT\":2},"
                                + "\"resetsSent\":{\"TCP_ABORT_ON_CLOSE\":6},"
                                + "\"drops\":{\"SOCKET_RCVBUFF\":8}}");
        // 6 of them for one of six slots, 3 for another.
        assertThat(edge.get("active").asDouble()).isCloseTo(1.5, within(1e-9));
        assertThat(edge.get("connect").get("count").asLong()).isEqualTo(4);
        assertThat(edge.get("connect").get("p99").asDouble()).isCloseTo(0.001, within(3e-5));
        assertThat(edge.get("rtt").get("p50").asDouble()).isCloseTo(0.020, within(6e-4));
        assertThat(edge.has("steps")).isFalse();
    }

    @Test
    void stepsAreToldWhenPointsAreAskedForAndAddUpToTheTotals() {
        client("shop", "10.0.0.1", "10.0.0.2", 80).at(5).bytes(10, 1).open(2);
        client("shop", "10.0.0.1", "10.0.0.3", 80)
                .at(25)
                .bytes(20, 2)
                .sum("flarepath.tcp.retransmits", 3);
        JsonNode answer = edges("&points=6");
        assertThat(answer.get("startMillis").asLong()).isEqualTo(START);
        assertThat(answer.get("stepMillis").asLong()).isEqualTo(10_000);
        JsonNode edge = answer.get("edges").get(0);
        assertThat(answer.get("edges")).hasSize(1);
        assertThat(edge.get("labels").toString()).isEqualTo("{}");
        assertThat(edge.get("bytesSent").asLong()).isEqualTo(30);
        JsonNode steps = edge.get("steps");
        assertThat(steps.get("bytesSent").toString()).isEqualTo("[10,0,20,0,0,0]");
        assertThat(steps.get("retransmits").toString()).isEqualTo("[0,0,3,0,0,0]");
        assertThat(steps.get("active").toString()).isEqualTo("[2.0,0.0,0.0,0.0,0.0,0.0]");
        assertThat(steps.get("rttP99").get(0).isNull()).isTrue();
    }

    @Test
    void whatBothEndsTellOfAnEdgeIsPutTogether() {
        client("shop", "10.0.0.1", "10.0.0.2", 5432)
                .bytes(100, 900)
                .sum("flarepath.tcp.retransmits", 3);
        server("db", "10.0.0.2", "10.0.0.1", 5432)
                .bytes(900, 100)
                .sum("flarepath.tcp.retransmits", 4);
        String[] sql = {"db.system.name", "postgresql", "server.port", "5432"};
        requests(
                "db.client.operation.duration",
                "shop",
                0.005,
                100,
                "server.address",
                "10.0.0.2",
                sql[0],
                sql[1],
                sql[2],
                sql[3]);
        requests(
                "db.server.operation.duration",
                "db",
                0.002,
                98,
                "network.peer.address",
                "10.0.0.1",
                sql[0],
                sql[1],
                sql[2],
                sql[3]);
        requests(
                "db.server.operation.duration",
                "db",
                0.002,
                2,
                "network.peer.address",
                "10.0.0.1",
                "error.type",
                "42P01",
                sql[0],
                sql[1],
                sql[2],
                sql[3]);
        JsonNode answer = topology("");
        assertThat(ways(answer)).containsExactly("service:shop > service:db");
        JsonNode edge = answer.get("edges").get(0);
        assertThat(edge.get("ports").toString()).isEqualTo("[\"5432\"]");
        assertThat(edge.get("addresses").toString()).isEqualTo("[\"10.0.0.2\"]");
        assertThat(edge.get("protocols").toString()).isEqualTo("[\"postgresql\"]");
        assertThat(edge.get("shared").asBoolean()).isFalse();
        assertThat(edge.get("client").get("bytesSent").asLong()).isEqualTo(100);
        assertThat(edge.get("client").get("retransmits").asLong()).isEqualTo(3);
        assertThat(edge.get("server").get("bytesSent").asLong()).isEqualTo(900);
        assertThat(edge.get("server").get("retransmits").asLong()).isEqualTo(4);
        assertThat(edge.get("sent").get("count").asLong()).isEqualTo(100);
        assertThat(edge.get("sent").get("errors").asLong()).isZero();
        assertThat(edge.get("answered").get("count").asLong()).isEqualTo(100);
        assertThat(edge.get("answered").get("errors").asLong()).isEqualTo(2);
        assertThat(edge.get("answered").get("p99").asDouble()).isCloseTo(0.002, within(6e-5));
        assertThat(edge.get("networkSeconds").asDouble()).isCloseTo(0.003, within(1e-8));
        JsonNode db = answer.get("nodes").get(0);
        assertThat(db.get("id").asText()).isEqualTo("service:db");
        assertThat(db.get("requests").get("count").asLong()).isEqualTo(100);
        assertThat(db.get("requests").get("errors").asLong()).isEqualTo(2);
        assertThat(answer.get("nodes").get(1).get("requests").isNull()).isTrue();
    }

    /** The same address and port in two pods are two servers. */
    @Test
    void loopbackAddressesMeanSomethingOnlyWithinTheirMachineOrPod() {
        client("app-a", "127.0.0.1", "127.0.0.1", 8080).in("n1", "pod-a").bytes(1, 1);
        server("sidecar-a", "127.0.0.1", "127.0.0.1", 8080).in("n1", "pod-a").bytes(1, 1);
        client("app-b", "127.0.0.1", "127.0.0.1", 8080).in("n1", "pod-b").bytes(1, 1);
        server("sidecar-b", "127.0.0.1", "127.0.0.1", 8080).in("n1", "pod-b").bytes(1, 1);
        client("app-c", "127.0.0.1", "127.0.0.1", 8080).in("n2", "").bytes(1, 1);
        assertThat(ways(topology("")))
                .containsExactly(
                        "service:app-a > service:sidecar-a",
                        "service:app-b > service:sidecar-b",
                        "service:app-c > address:127.0.0.1:8080");
    }

    /** A balancer's address is nobody's; the server behind it still knows who called. */
    @Test
    void aCallerIsKnownByItsOwnAddressWhenItConnectedToAnother() {
        client("shop", "10.0.0.1", "10.96.0.10", 80).bytes(5, 5);
        server("cart", "10.0.0.3", "10.0.0.1", 8080).bytes(5, 5);
        server("cart", "10.0.0.3", "203.0.113.7", 8080).bytes(2, 2);
        JsonNode answer = topology("");
        assertThat(ways(answer))
                .containsExactly(
                        "address:203.0.113.7 > service:cart",
                        "service:shop > address:10.96.0.10:80",
                        "service:shop > service:cart");
        assertThat(way(answer, "service:shop", "service:cart").get("client").isNull()).isTrue();
        assertThat(
                        way(answer, "service:shop", "service:cart")
                                .get("server")
                                .get("bytesSent")
                                .asLong())
                .isEqualTo(5);
    }

    @Test
    void whatAServerSawOfSeveralClientsAtOneAddressIsWithNoneOfThem() {
        client("one", "10.0.0.1", "10.0.0.2", 80).bytes(10, 10);
        client("two", "10.0.0.1", "10.0.0.2", 80).bytes(20, 20);
        server("web", "10.0.0.2", "10.0.0.1", 80).bytes(30, 30);
        String[] labels = {"network.peer.address", "10.0.0.1", "server.port", "80"};
        requests("http.server.request.duration", "web", 0.1, 7, labels);
        JsonNode answer = topology("");
        assertThat(ways(answer))
                .containsExactly("service:one > service:web", "service:two > service:web");
        for (JsonNode edge : answer.get("edges")) {
            assertThat(edge.get("shared").asBoolean()).isTrue();
            assertThat(edge.get("server").isNull()).isTrue();
            assertThat(edge.get("answered").isNull()).isTrue();
            assertThat(edge.get("networkSeconds").isNull()).isTrue();
        }
        assertThat(answer.get("nodes").get(0).get("name").asText()).isEqualTo("web");
        assertThat(answer.get("nodes").get(0).get("requests").get("count").asLong()).isEqualTo(7);
    }

    @Test
    void addressesBeyondTheBoundArePutTogetherAndNothingIsLost() {
        for (int i = 1; i <= 40; i++) {
            server("web", "10.0.0.2", "198.51.100." + i, 443).bytes(i, 0);
        }
        server("web", "10.0.0.2", "other", 443).bytes(1_000, 0);
        client("web", "10.0.0.2", "fd00:0:0:0:0:0:0:7", 5432).bytes(1, 1);
        JsonNode answer = topology("&nodes=9");
        assertThat(answer.get("nodes")).hasSize(6);
        long bytes = 0;
        TreeSet<String> kinds = new TreeSet<>();
        for (JsonNode node : answer.get("nodes")) {
            kinds.add(node.get("kind").asText() + " " + node.get("count").asInt());
        }
        for (JsonNode edge : answer.get("edges")) {
            bytes += edge.get("server").isNull() ? 0 : edge.get("server").get("bytesSent").asLong();
        }
        assertThat(kinds).containsExactly("address 1", "others 1", "others 38", "service 1");
        assertThat(bytes).isEqualTo(40 * 41 / 2 + 1_000);
        assertThat(ways(topology("&nodes=500")))
                .contains("service:web > address:[fd00:0:0:0:0:0:0:7]:5432");
    }

    /** Both ends of what is left tell what they know, also the one that was not selected. */
    @Test
    void aSelectorKeepsTheEdgesOfItsServices() {
        client("shop", "10.0.0.1", "10.0.0.2", 80).bytes(1, 2);
        server("cart", "10.0.0.2", "10.0.0.1", 80).bytes(2, 1);
        client("cart", "10.0.0.2", "10.0.0.3", 6379).bytes(3, 4);
        server("redis", "10.0.0.3", "10.0.0.2", 6379).bytes(4, 3);
        JsonNode answer = topology(query("{service_name=\"shop\"}"));
        assertThat(ways(answer)).containsExactly("service:shop > service:cart");
        assertThat(answer.get("edges").get(0).get("server").get("bytesSent").asLong()).isEqualTo(2);
        assertThat(ways(topology(query("{service_name=\"cart\"}")))).hasSize(2);
    }

    @Test
    void whatListenersHadNoRoomForIsTheServices() {
        server("web", "10.0.0.2", "10.0.0.1", 80).bytes(1, 1);
        server("web", "", "", 80).sum("flarepath.tcp.accept.overflows", 11);
        for (JsonNode node : topology("").get("nodes")) {
            assertThat(node.get("acceptOverflows").asLong())
                    .isEqualTo(node.get("name").asText().equals("web") ? 11 : 0);
        }
    }

    @Test
    void tenantsSeeTheirOwn() {
        server.close();
        server = new ServedStore(directory.resolve("tenants"), true);
        tenant = "a";
        client("shop", "10.0.0.1", "10.0.0.2", 80).bytes(1, 2);
        tenant = "b";
        server("web", "10.0.0.2", "10.0.0.1", 80).bytes(2, 1);
        assertThat(ways(of("a"))).containsExactly("service:shop > address:10.0.0.2:80");
        assertThat(ways(of("b"))).containsExactly("address:10.0.0.1 > service:web");
        assertThat(ways(of("a|b"))).containsExactly("service:shop > service:web");
        assertThat(of("c").get("empty").get("reason").asText()).isEqualTo("no-network-known");
    }

    private JsonNode of(String whose) {
        HttpRequest.Builder request =
                server.http().request("/api/v1/topology" + RANGE).header("X-Scope-OrgID", whose);
        return server.http().send(request.GET()).json();
    }

    /** It asks many times; all of that together is one answer. */
    @Test
    void theMapCostsNoMoreThanAnAnswerMay() throws Exception {
        for (int i = 0; i < 20; i++) {
            client("shop", "10.0.0.1", "10.0.1." + i, 80)
                    .bytes(1, 1)
                    .sum("flarepath.tcp.connects", 1);
        }
        TimeRange range = new TimeRange(START * 1_000_000, (START + 60_000) * 1_000_000);
        JsonAnswer.Body map =
                new TopologyAnswer(server.store().metrics(), tenant, Selector.ALL, range, 60);
        Duration patience = Duration.ofMinutes(5);
        assertThat(Allowance.of(1_000, patience).within(() -> JsonAnswer.encode(map))).isNotEmpty();
        // Each metric alone is within these.
        Allowance few = Allowance.of(90, patience);
        assertThatThrownBy(() -> few.within(() -> JsonAnswer.encode(map)))
                .isInstanceOf(QueryRefusedException.class);
    }

    @Test
    void nothingHasAReasonAndBadQuestionsAreRefused() {
        for (String path : List.of("edges", "topology")) {
            assertThat(reason(path, "")).isEqualTo("no-network-known");
        }
        client("shop", "10.0.0.1", "10.0.0.2", 80).at(7_200).bytes(1, 2);
        for (String path : List.of("edges", "topology")) {
            assertThat(reason(path, "")).isEqualTo("no-network-in-range");
            assertThat(reason(path, query("{service_name=\"other\"}"))).isEqualTo("no-series");
        }
        for (String bad : List.of("edges?points=0", "topology?nodes=501", "topology?nodes=x")) {
            assertThat(server.get("/api/v1/" + bad).status()).as(bad).isEqualTo(400);
        }
    }

    private String reason(String path, String more) {
        return server.get("/api/v1/" + path + RANGE + more)
                .json()
                .get("empty")
                .get("reason")
                .asText();
    }
}
