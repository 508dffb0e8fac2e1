package io.flarepath.agent.requests.tls;

import io.flarepath.agent.points.MetricKind;
import io.flarepath.agent.points.MetricPoint;
import io.flarepath.agent.requests.stream.ConnectionKey;
import io.flarepath.agent.requests.stream.Role;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Counts connections of TLS by process and peer, and by whether what they carry was read. One that
 * was not read a while after it began, or until it was closed, was not seen into: its process uses
 * another library, or a file that is not watched. Not for several threads.
 */
public final class TlsConnections {
    /** The metric (docs/metrics.md). */
    public static final String METRIC = "flarepath.tcp.tls.connections";

    /** Attribute: what became of it. */
    static final String TLS = "flarepath.tls";

    static final String READ = "read";
    static final String UNSEEN = "unseen";

    /** A connection may be made long before it is used. */
    private static final long WAIT_NANOS = 30_000_000_000L;

    private static final int MOST_WAITING = 16_384;
    private static final int MOST_COUNTS = 4096;

    /** Peers of one process in a window, as of its edges. */
    private static final int MOST_PEERS = 64;

    private static final String OTHER = "other";

    private final LinkedHashMap<Long, Waiting> waiting = new LinkedHashMap<>();
    private final LinkedHashMap<Counted, Long> counts = new LinkedHashMap<>();
    private final Map<Integer, Set<String>> peers = new HashMap<>();
    private long unseen;

    private record Waiting(ConnectionKey key, long sinceNanos) {}

    private record Counted(int pid, Map<String, String> attributes) {}

    /** None is known yet. */
    public TlsConnections() {}

    /** A connection was found to be encrypted. */
    public void began(ConnectionKey key, long nanos) {
        waiting.put(key.socket(), new Waiting(key, nanos));
        if (waiting.size() > MOST_WAITING) {
            count(waiting.pollFirstEntry().getValue().key, UNSEEN);
        }
    }

    /** What a connection carries is read. */
    public void read(ConnectionKey key) {
        waiting.remove(key.socket());
        count(key, READ);
    }

    /** A connection was closed, encrypted or not. */
    public void closed(ConnectionKey key) {
        Waiting there = waiting.remove(key.socket());
        if (there != null) {
            count(there.key, UNSEEN);
        }
    }

    /** Gives up on those that began long ago; to be called every few seconds. */
    public void expire(long nanos) {
        Map.Entry<Long, Waiting> eldest = waiting.firstEntry();
        while (eldest != null && nanos - eldest.getValue().sinceNanos > WAIT_NANOS) {
            waiting.remove(eldest.getKey());
            count(eldest.getValue().key, UNSEEN);
            eldest = waiting.firstEntry();
        }
    }

    /** Connections that were not seen into, since the start. */
    public long unseen() {
        return unseen;
    }

    private void count(ConnectionKey key, String what) {
        unseen += what.equals(UNSEEN) ? 1 : 0;
        Counted counted = new Counted(key.pid(), attributes(key, what));
        if (counts.size() >= MOST_COUNTS && !counts.containsKey(counted)) {
            // Without their process: there may be too many of those.
            counted = new Counted(0, Map.of("otel.metric.overflow", "true", TLS, what));
        }
        counts.merge(counted, 1L, Long::sum);
    }

    private Map<String, String> attributes(ConnectionKey key, String what) {
        Map<String, String> attributes = new TreeMap<>();
        Role role = key.role();
        if (role != null) {
            boolean client = role == Role.CLIENT;
            attributes.put("flarepath.role", client ? "client" : "server");
            int port = client ? key.peerPort() : key.localPort();
            attributes.put("server.port", Integer.toString(port));
        }
        attributes.put("network.peer.address", capped(key.pid(), key.peerAddress()));
        attributes.put(TLS, what);
        return attributes;
    }

    private String capped(int pid, String peer) {
        Set<String> known = peers.computeIfAbsent(pid, p -> new HashSet<>());
        boolean told = known.contains(peer) || (known.size() < MOST_PEERS && known.add(peer));
        return told ? peer : OTHER;
    }

    /** Ends the window: gives what was counted in it. */
    public List<MetricPoint> take() {
        List<MetricPoint> points = new ArrayList<>(counts.size());
        counts.forEach((counted, connections) ->
                points.add(
                        MetricPoint.number(
                                counted.pid,
                                METRIC,
                                MetricKind.SUM,
                                "{connection}",
                                counted.attributes,
                                connections)));
        counts.clear();
        peers.clear();
        return points;
    }
}
