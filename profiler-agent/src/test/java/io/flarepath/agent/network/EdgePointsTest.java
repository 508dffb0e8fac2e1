package io.flarepath.agent.network;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.flarepath.agent.points.HistogramValue;
import io.flarepath.agent.points.MetricKind;
import io.flarepath.agent.points.MetricPoint;
import io.flarepath.agent.points.PointWindow;
import io.flarepath.bpf.EdgeEvent;
import io.flarepath.bpf.EdgeSums;
import io.flarepath.bpf.EdgeWindow;
import io.flarepath.bpf.NetworkEdge;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class EdgePointsTest {
    private static final Map<String, String> OF =
            Map.of(
                    "flarepath.role", "client",
                    "network.local.address", "10.0.0.9",
                    "network.peer.address", "10.0.0.1",
                    "server.port", "5432");

    @Test
    void sumsHaveNamesRolesPeersAndDirections() {
        EdgeSums sums = new EdgeSums(edge("10.0.0.1"), 10, 20, 3, 4, 5, 6, 7, 0, 9);
        List<MetricPoint> points = EdgePoints.of(new EdgeWindow(List.of(sums), List.of()));
        assertThat(value(points, "flarepath.tcp.io", "network.io.direction", "transmit"))
                .isEqualTo(10);
        assertThat(value(points, "flarepath.tcp.io", "network.io.direction", "receive"))
                .isEqualTo(20);
        assertThat(value(points, "flarepath.tcp.packets", "network.io.direction", "receive"))
                .isEqualTo(4);
        assertThat(points)
                .contains(
                        MetricPoint.number(
                                7, "flarepath.tcp.connects", MetricKind.SUM, "{connection}", OF, 5),
                        MetricPoint.number(
                                7,
                                "flarepath.tcp.connections.active",
                                MetricKind.GAUGE,
                                "{connection}",
                                OF,
                                9));
        assertThat(points).noneMatch(p -> p.name().equals("flarepath.tcp.accept.overflows"));
    }

    @Test
    void eventsAreSumsByReasonAndTimesAreHistogramsWithTheExactSum() {
        NetworkEdge edge = edge("10.0.0.1");
        List<EdgeWindow.Times> events =
                List.of(
                        times(edge, EdgeEvent.Kind.CONNECT_FAILURE, "ETIMEDOUT", 0, 2, 0),
                        times(edge, EdgeEvent.Kind.RESET_SENT, "TCP_ABORT_ON_CLOSE", 0, 3, 0),
                        times(edge, EdgeEvent.Kind.ROUND_TRIP, "", 0.010, 4, 0.0402),
                        times(edge, EdgeEvent.Kind.ROUND_TRIP, "", 0.020, 1, 0.0201));
        List<MetricPoint> points = EdgePoints.of(new EdgeWindow(List.of(), events));
        assertThat(value(points, "flarepath.tcp.connect.failures", "error.type", "ETIMEDOUT"))
                .isEqualTo(2);
        assertThat(
                        value(
                                points,
                                "flarepath.tcp.resets",
                                "flarepath.tcp.reason",
                                "TCP_ABORT_ON_CLOSE"))
                .isEqualTo(3);
        MetricPoint rtt =
                points.stream()
                        .filter(p -> p.name().equals("flarepath.tcp.rtt"))
                        .findFirst()
                        .orElseThrow();
        HistogramValue histogram = requireNonNull(rtt.histogram());
        assertThat(histogram.count()).isEqualTo(5);
        assertThat(histogram.sum()).isCloseTo(0.0603, within(1e-12));
    }

    @Test
    void whatASocketStillHeldWhenItWasClosedIsNoDrop() {
        NetworkEdge edge = edge("10.0.0.1");
        List<EdgeWindow.Times> events =
                List.of(
                        times(edge, EdgeEvent.Kind.DROP, "QUEUE_PURGE", 0, 9, 0),
                        times(edge, EdgeEvent.Kind.DROP, "SOCKET_RCVBUFF", 0, 2, 0));
        List<MetricPoint> points = EdgePoints.of(new EdgeWindow(List.of(), events));
        assertThat(points).hasSize(1);
        assertThat(value(points, "flarepath.tcp.drops", "flarepath.tcp.reason", "SOCKET_RCVBUFF"))
                .isEqualTo(2);
    }

    /** Whatever a port scanner does, a process has few series, and what it sent stays right. */
    @Test
    void peersOfAProcessAreBoundedAndNothingIsLost() {
        List<EdgeSums> sums = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            sums.add(
                    new EdgeSums(
                            edge("10.0." + i / 250 + "." + i % 250), 1, 0, 0, 0, 0, 0, 0, 0, 0));
        }
        List<MetricPoint> points = EdgePoints.of(new EdgeWindow(sums, List.of()));
        List<MetricPoint> merged =
                PointWindow.of(0, 1, points, pid -> new TreeMap<>(Map.of("service.name", "s")))
                        .resources()
                        .getFirst()
                        .points();
        assertThat(merged).hasSize(EdgePoints.MOST_PEERS + 1);
        assertThat(merged.stream().mapToLong(MetricPoint::count).sum()).isEqualTo(1000);
    }

    /** A balancer may have thousands of addresses: its processes still have few series. */
    @Test
    void addressesOfItsOwnAreBoundedToo() {
        List<EdgeSums> sums = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            NetworkEdge edge =
                    new NetworkEdge(7, false, true, false, false, 80, "10.0.0.1", "10.1.0." + i);
            sums.add(new EdgeSums(edge, 1, 0, 0, 0, 0, 0, 0, 0, 0));
        }
        List<MetricPoint> points = EdgePoints.of(new EdgeWindow(sums, List.of()));
        assertThat(points.stream().map(p -> p.attributes().get("network.local.address")).distinct())
                .hasSize(EdgePoints.MOST_LOCALS + 1)
                .contains("other");
        assertThat(points.stream().mapToLong(MetricPoint::count).sum()).isEqualTo(100);
    }

    private static NetworkEdge edge(String peer) {
        return new NetworkEdge(7, true, false, false, false, 5432, peer, "10.0.0.9");
    }

    private static EdgeWindow.Times times(
            NetworkEdge edge,
            EdgeEvent.Kind kind,
            String name,
            double value,
            long count,
            double sum) {
        return new EdgeWindow.Times(new EdgeEvent(edge, kind, name, value), count, sum);
    }

    private static long value(List<MetricPoint> points, String name, String key, String value) {
        return points.stream()
                .filter(p -> p.name().equals(name) && value.equals(p.attributes().get(key)))
                .mapToLong(MetricPoint::count)
                .sum();
    }
}
