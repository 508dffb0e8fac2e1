package io.flarepath.agent.requests;

import io.flarepath.agent.requests.message.CallSink;
import io.flarepath.agent.requests.stream.ConnectionKey;
import io.flarepath.agent.requests.stream.Segment;
import io.flarepath.agent.requests.stream.Transport;
import io.flarepath.agent.requests.tls.TlsConnections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * All connections that are known: takes segments, gives calls. Those that were quiet the longest
 * are forgotten when there are too many, or too much is held of them. Segments should come roughly
 * in the order of their times. Not for several threads.
 */
public final class Connections {
    /** Connections that are followed at once. */
    public static final int MOST_CONNECTIONS = 16_384;

    /** Bytes held of all of them. */
    public static final long MOST_BYTES = 24L << 20;

    private final CallSink sink;
    private final CaptureAdvice advice;
    private final int mostConnections;
    private final long mostBytes;
    private final RequestCounters counters = new RequestCounters();
    private final TlsConnections encrypted = new TlsConnections();
    private final Detection detection = new Detection(counters.matches);
    private final LinkedHashMap<ConnectionKey, TrackedConnection> connections =
            new LinkedHashMap<>(64, 0.75f, true);
    private long heldBytes;

    /**
     * None is known yet.
     *
     * @param sink takes the calls
     * @param advice taken by who captures the segments
     */
    public Connections(CallSink sink, CaptureAdvice advice) {
        this(sink, advice, MOST_CONNECTIONS, MOST_BYTES);
    }

    Connections(CallSink sink, CaptureAdvice advice, int mostConnections, long mostBytes) {
        this.sink = sink;
        this.advice = advice;
        this.mostConnections = mostConnections;
        this.mostBytes = mostBytes;
    }

    /** Takes a segment, and gives the calls that end with it. */
    public void accept(Segment segment) {
        ConnectionKey key = segment.connection();
        TrackedConnection known = connections.get(key);
        TrackedConnection connection = known == null ? begin(key) : known;
        boolean ignored = connection.isIgnored();
        boolean http2 = connection.isHttp2();
        connection.accept(segment);
        if (connection.isIgnored() && !ignored) {
            advice.leaveAlone(key);
        } else if (connection.isHttp2() && !http2) {
            advice.speaksHttp2(key);
        }
        count(connection);
        makeRoom();
    }

    private TrackedConnection begin(ConnectionKey key) {
        TrackedConnection connection =
                new TrackedConnection(key, sink, detection, counters, encrypted);
        connections.put(key, connection);
        if (key.transport() == Transport.TLS) {
            encrypted.read(key);
        }
        return connection;
    }

    /** A connection was closed: gives what ends with it. */
    public void closed(ConnectionKey key, long nanos) {
        encrypted.closed(key);
        TrackedConnection connection = connections.remove(key);
        if (connection != null) {
            heldBytes -= connection.countedBytes;
            connection.closed(nanos);
        }
    }

    /** Gives up what has waited too long; to be called every few seconds. */
    public void expire(long nanos) {
        encrypted.expire(nanos);
        for (TrackedConnection connection : connections.values()) {
            connection.expire(nanos);
            count(connection);
        }
    }

    /** What was not understood or had no room. */
    public RequestCounters counters() {
        return counters;
    }

    /** Connections that are encrypted. */
    public TlsConnections encrypted() {
        return encrypted;
    }

    /** Connections that are known. */
    public int size() {
        return connections.size();
    }

    /** Bytes held of them, roughly. */
    public long heldBytes() {
        return heldBytes;
    }

    private void count(TrackedConnection connection) {
        int bytes = connection.heldBytes();
        heldBytes += bytes - connection.countedBytes;
        connection.countedBytes = bytes;
    }

    private void makeRoom() {
        Map.Entry<ConnectionKey, TrackedConnection> eldest = connections.firstEntry();
        while (eldest != null
                && (connections.size() > mostConnections
                        || (heldBytes > mostBytes && connections.size() > 1))) {
            connections.remove(eldest.getKey());
            heldBytes -= eldest.getValue().countedBytes;
            counters.forgottenConnections++;
            eldest = connections.firstEntry();
        }
    }
}
