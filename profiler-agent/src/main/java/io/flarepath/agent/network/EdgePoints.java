package io.flarepath.agent.network;

import io.flarepath.agent.points.ExponentialHistogram;
import io.flarepath.agent.points.HistogramValue;
import io.flarepath.agent.points.MetricKind;
import io.flarepath.agent.points.MetricPoint;
import io.flarepath.bpf.EdgeEvent;
import io.flarepath.bpf.EdgeSums;
import io.flarepath.bpf.EdgeWindow;
import io.flarepath.bpf.NetworkEdge;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Names what edges did, as docs/metrics.md lists it. A process has so many peers and addresses of
 * its own in a window; what it does with others is told of {@code other}. Not for several threads.
 */
public final class EdgePoints {
    /** Peers of one process in a window. */
    static final int MOST_PEERS = 64;

    /** Addresses of its own that a process is told with in a window. */
    static final int MOST_LOCALS = 8;

    private static final String OTHER = "other";

    /** The kernel's word for what a socket still held when it was closed: nobody missed it. */
    private static final String LEFT_AT_CLOSE = "QUEUE_PURGE";

    private final List<MetricPoint> points = new ArrayList<>();
    private final Map<Integer, Set<String>> peers = new HashMap<>();
    private final Map<Integer, Set<String>> locals = new HashMap<>();
    private final Map<Named, ExponentialHistogram> times = new LinkedHashMap<>();
    private final Map<Named, Double> sums = new HashMap<>();

    private record Named(int pid, String name, Map<String, String> attributes) {}

    private EdgePoints() {}

    /** The points of a window. */
    public static List<MetricPoint> of(EdgeWindow window) {
        EdgePoints all = new EdgePoints();
        window.sums().forEach(all::add);
        window.events().forEach(all::add);
        all.times.forEach((named, histogram) ->
                all.points.add(
                        MetricPoint.histogram(
                                named.pid,
                                named.name,
                                "s",
                                named.attributes,
                                withSum(histogram.value(), all.sums.getOrDefault(named, 0.0)))));
        return all.points;
    }

    /** Buckets of the kernel are coarser than the sum it keeps. */
    private static HistogramValue withSum(HistogramValue value, double sum) {
        return new HistogramValue(
                value.count(),
                sum,
                value.min(),
                value.max(),
                value.scale(),
                value.zeros(),
                value.offset(),
                value.buckets());
    }

    private void add(EdgeSums edge) {
        Map<String, String> of = attributes(edge.edge());
        int pid = edge.edge().pid();
        String io = edge.edge().udp() ? "flarepath.udp.io" : "flarepath.tcp.io";
        sum(pid, io, "By", with(of, "network.io.direction", "transmit"), edge.bytesSent());
        sum(pid, io, "By", with(of, "network.io.direction", "receive"), edge.bytesReceived());
        if (edge.edge().udp()) {
            return;
        }
        String packets = "flarepath.tcp.packets";
        String unit = "{packet}";
        sum(pid, packets, unit, with(of, "network.io.direction", "transmit"), edge.packetsSent());
        sum(
                pid,
                packets,
                unit,
                with(of, "network.io.direction", "receive"),
                edge.packetsReceived());
        sum(pid, "flarepath.tcp.connects", "{connection}", of, edge.connects());
        sum(pid, "flarepath.tcp.retransmits", "{packet}", of, edge.retransmits());
        sum(pid, "flarepath.tcp.zero_windows", "{event}", of, edge.zeroWindows());
        sum(pid, "flarepath.tcp.accept.overflows", "{connection}", of, edge.acceptOverflows());
        if (edge.active() > 0) {
            points.add(
                    MetricPoint.number(
                            pid,
                            "flarepath.tcp.connections.active",
                            MetricKind.GAUGE,
                            "{connection}",
                            of,
                            edge.active()));
        }
    }

    private void add(EdgeWindow.Times event) {
        EdgeEvent what = event.event();
        Map<String, String> of = attributes(what.edge());
        int pid = what.edge().pid();
        switch (what.kind()) {
            case CONNECT_TIME -> time(new Named(pid, "flarepath.tcp.connect.duration", of), event);
            case ROUND_TRIP -> time(new Named(pid, "flarepath.tcp.rtt", of), event);
            case CONNECT_FAILURE ->
                    sum(
                            pid,
                            "flarepath.tcp.connect.failures",
                            "{connection}",
                            with(of, "error.type", what.name()),
                            event.count());
            case RESET_SENT -> {
                Map<String, String> sent = with(of, "network.io.direction", "transmit");
                sum(
                        pid,
                        "flarepath.tcp.resets",
                        "{packet}",
                        with(sent, "flarepath.tcp.reason", what.name()),
                        event.count());
            }
            case RESET_RECEIVED ->
                    sum(
                            pid,
                            "flarepath.tcp.resets",
                            "{packet}",
                            with(of, "network.io.direction", "receive"),
                            event.count());
            case DROP -> {
                if (!what.name().equals(LEFT_AT_CLOSE)) {
                    sum(
                            pid,
                            "flarepath.tcp.drops",
                            "{packet}",
                            with(of, "flarepath.tcp.reason", what.name()),
                            event.count());
                }
            }
        }
    }

    private void time(Named named, EdgeWindow.Times event) {
        times.computeIfAbsent(named, n -> new ExponentialHistogram())
                .record(event.event().value(), event.count());
        sums.merge(named, event.sum(), Double::sum);
    }

    private void sum(
            int pid, String name, String unit, Map<String, String> attributes, long amount) {
        if (amount > 0) {
            points.add(MetricPoint.number(pid, name, MetricKind.SUM, unit, attributes, amount));
        }
    }

    private Map<String, String> attributes(NetworkEdge edge) {
        Map<String, String> attributes = new TreeMap<>();
        if (edge.client() || edge.server()) {
            attributes.put("flarepath.role", edge.client() ? "client" : "server");
        }
        if (edge.port() > 0) {
            attributes.put("server.port", Integer.toString(edge.port()));
        }
        String peer = edge.overflow() ? OTHER : capped(peers, MOST_PEERS, edge.pid(), edge.peer());
        if (!peer.isEmpty()) {
            attributes.put("network.peer.address", peer);
        }
        if (!edge.local().isEmpty()) {
            attributes.put(
                    "network.local.address", capped(locals, MOST_LOCALS, edge.pid(), edge.local()));
        }
        return attributes;
    }

    private static String capped(
            Map<Integer, Set<String>> ofProcesses, int most, int pid, String address) {
        Set<String> known = ofProcesses.computeIfAbsent(pid, p -> new HashSet<>());
        if (address.isEmpty() || known.contains(address)) {
            return address;
        }
        return known.size() < most && known.add(address) ? address : OTHER;
    }

    private static Map<String, String> with(
            Map<String, String> attributes, String name, String value) {
        Map<String, String> more = new TreeMap<>(attributes);
        more.put(name, value);
        return more;
    }
}
