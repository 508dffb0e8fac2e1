package io.flarepath.agent.requests.red;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.points.HistogramValue;
import io.flarepath.agent.points.MetricPoint;
import io.flarepath.agent.requests.message.Call;
import io.flarepath.agent.requests.message.CallKind;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Outcome;
import io.flarepath.agent.requests.message.Protocol;
import io.flarepath.agent.requests.named.CallNames;
import io.flarepath.agent.requests.stream.ConnectionKey;
import io.flarepath.agent.requests.stream.Role;
import io.flarepath.agent.requests.stream.Transport;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RequestMetricsTest {
    private static final long MILLI = 1_000_000;

    private final RequestMetrics metrics = new RequestMetrics();
    private final CallNames names = new CallNames(List.of());

    private static Call call(
            Role role, Protocol protocol, String operation, String target, int millis) {
        return call(1, "10.0.0.9", role, protocol, operation, target, millis);
    }

    private static Call call(
            int pid,
            String peer,
            Role role,
            Protocol protocol,
            String operation,
            String target,
            int millis) {
        Exchange exchange = new Exchange(protocol, 5 * MILLI, 3).asks(operation, target);
        exchange.addRequestBytes(10);
        exchange.addResponseBytes(200);
        exchange.responseBegan((5 + millis / 2) * MILLI);
        exchange.responseEnded((5 + millis) * MILLI, 3);
        return new Call(
                new ConnectionKey(9, Transport.TCP, pid, role, 8080, peer, 5432), role, exchange);
    }

    private static MetricPoint point(List<MetricPoint> points, String name) {
        List<MetricPoint> named = points.stream().filter(p -> p.name().equals(name)).toList();
        assertThat(named).as(name).hasSize(1);
        return named.getFirst();
    }

    @Test
    void requestsOfAServer() {
        for (int i = 0; i < 10; i++) {
            Call call = call(Role.SERVER, Protocol.HTTP1, "GET", "/users/" + i + "?token=?", 20);
            call.exchange().answers("200", Outcome.OK);
            metrics.record(names.of(call));
        }
        List<MetricPoint> points = metrics.take();
        MetricPoint durations = point(points, "http.server.request.duration");
        assertThat(durations.unit()).isEqualTo("s");
        assertThat(durations.count()).isEqualTo(10);
        assertThat(durations.attributes())
                .containsEntry("http.route", "/users/{}")
                .containsEntry("http.request.method", "GET")
                .containsEntry("http.response.status_code", "200")
                .containsEntry("server.port", "8080")
                .doesNotContainKey("error.type");
        assertThat(requireNonNull(durations.histogram()).sum()).isBetween(0.1999, 0.2001);
        HistogramValue first =
                requireNonNull(point(points, "flarepath.request.time_to_first_byte").histogram());
        assertThat(first.max()).isBetween(0.0099, 0.0101);
        assertThat(
                        requireNonNull(point(points, "http.server.response.body.size").histogram())
                                .sum())
                .isEqualTo(2000);
        assertThat(metrics.take()).isEmpty();
    }

    @Test
    void errorsAreThoseOfTheSide() {
        Call ofServer = call(Role.SERVER, Protocol.HTTP1, "GET", "/a", 1);
        ofServer.exchange().answers("404", Outcome.CLIENT_ERROR);
        metrics.record(names.of(ofServer));
        assertThat(point(metrics.take(), "http.server.request.duration").attributes())
                .doesNotContainKey("error.type")
                .containsEntry("http.route", "other");
        Call ofClient = call(Role.CLIENT, Protocol.HTTP1, "GET", "/a", 1);
        ofClient.exchange().answers("404", Outcome.CLIENT_ERROR);
        metrics.record(names.of(ofClient));
        assertThat(point(metrics.take(), "http.client.request.duration").attributes())
                .containsEntry("error.type", "404")
                .containsEntry("server.address", "10.0.0.9");
    }

    @Test
    void aRouteThatHasAlwaysFailedHasAName() {
        Call call = call(Role.SERVER, Protocol.HTTP1, "GET", "/pay", 1);
        call.exchange().answers("503", Outcome.SERVER_ERROR);
        metrics.record(names.of(call));
        assertThat(point(metrics.take(), "http.server.request.duration").attributes())
                .containsEntry("http.route", "/pay")
                .containsEntry("error.type", "503");
    }

    @Test
    void whatSaysNothingOfLatencyIsCountedWithoutIt() {
        Call poll = call(Role.CLIENT, Protocol.KAFKA, "Fetch", "orders", 500);
        poll.exchange().kind(CallKind.LONG_POLL);
        metrics.record(names.of(poll));
        Call lost = call(Role.CLIENT, Protocol.KAFKA, "Produce", "orders", 500);
        lost.exchange().answers("", Outcome.BROKEN);
        metrics.record(names.of(lost));
        List<MetricPoint> points = metrics.take();
        assertThat(points).noneMatch(p -> p.name().endsWith("duration"));
        assertThat(points.stream().filter(p -> p.name().equals("flarepath.requests.unmeasured")))
                .extracting(p -> p.attributes().get("flarepath.request.kind"))
                .containsExactlyInAnyOrder("long_poll", "unanswered");
    }

    @Test
    void namesOfProtocols() {
        metrics.record(names.of(call(Role.CLIENT, Protocol.POSTGRESQL, "SELECT", "orders", 1)));
        metrics.record(names.of(call(Role.CLIENT, Protocol.DNS, "A", "db.test", 1)));
        metrics.record(names.of(call(Role.SERVER, Protocol.GRPC, "POST", "shop.Cart/Add", 1)));
        metrics.record(names.of(call(Role.CLIENT, Protocol.KAFKA, "Produce", "orders", 1)));
        List<MetricPoint> points = metrics.take();
        assertThat(point(points, "db.client.operation.duration").attributes())
                .containsEntry("db.system.name", "postgresql")
                .containsEntry("db.operation.name", "SELECT")
                .containsEntry("db.collection.name", "orders");
        assertThat(point(points, "dns.lookup.duration").attributes())
                .containsEntry("dns.question.name", "db.test");
        assertThat(point(points, "rpc.server.call.duration").attributes())
                .containsEntry("rpc.method", "shop.Cart/Add");
        assertThat(point(points, "messaging.client.operation.duration").attributes())
                .containsEntry("messaging.destination.name", "orders")
                .containsEntry("messaging.operation.name", "produce");
    }

    @Test
    void seriesAreBoundedAndNothingIsLost() {
        int calls = 30_000;
        for (int i = 0; i < calls; i++) {
            metrics.record(
                    names.of(
                            call(
                                    i % 40,
                                    "10.0." + i % 256 + "." + i / 256 % 256,
                                    Role.CLIENT,
                                    Protocol.POSTGRESQL,
                                    "OP" + i % 97,
                                    "table" + i % 1009,
                                    1)));
        }
        List<MetricPoint> points = metrics.take();
        List<MetricPoint> durations =
                points.stream()
                        .filter(p -> p.name().equals("db.client.operation.duration"))
                        .toList();
        assertThat(durations).hasSizeLessThanOrEqualTo(RequestMetrics.MOST_SERIES_OF_ALL + 1);
        assertThat(durations.stream().mapToLong(MetricPoint::count).sum()).isEqualTo(calls);
        assertThat(durations).anyMatch(p -> p.attributes().containsKey("otel.metric.overflow"));
        assertThat(metrics.overflowed()).isPositive();
        Set<String> tables = new HashSet<>();
        durations.stream()
                .filter(p -> p.pid() == 1)
                .forEach(p -> tables.add(p.attributes().get("db.collection.name")));
        assertThat(tables).hasSizeLessThanOrEqualTo(201);
    }
}
