package io.flarepath.agent.requests.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.points.MetricPoint;
import io.flarepath.agent.requests.Connections;
import io.flarepath.agent.requests.message.Call;
import io.flarepath.agent.requests.stream.ConnectionKey;
import io.flarepath.agent.requests.stream.Direction;
import io.flarepath.agent.requests.stream.Role;
import io.flarepath.agent.requests.stream.Segment;
import io.flarepath.agent.requests.stream.Transport;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Each connection of TLS is counted once, as what became of it. */
class TlsConnectionsTest {
    private static final byte[] HELLO = HexFormat.of().parseHex("160301020001000000");
    private static final byte[] DATA = HexFormat.of().parseHex("1703030020aabbccddeeff");
    private static final long SECOND = 1_000_000_000L;

    private final List<Call> calls = new ArrayList<>();
    private final Connections connections = new Connections(calls::add, key -> {});

    private static ConnectionKey key(long socket, Transport transport) {
        return new ConnectionKey(socket, transport, 7, Role.CLIENT, 40_000, "10.0.0.2", 443);
    }

    private static Segment segment(
            ConnectionKey key, Direction direction, long position, byte[] bytes) {
        return new Segment(key, direction, position, bytes.length, bytes, 0, bytes.length, 1, 1);
    }

    private Map<String, Long> counted() {
        Map<String, Long> counted = new TreeMap<>();
        for (MetricPoint point : connections.encrypted().take()) {
            assertThat(point.name()).isEqualTo("flarepath.tcp.tls.connections");
            assertThat(point.attributes())
                    .containsEntry("flarepath.role", "client")
                    .containsEntry("server.port", "443");
            counted.merge(point.attributes().get("flarepath.tls"), point.count(), Long::sum);
        }
        return counted;
    }

    @Test
    void whatIsReadIsCountedAsReadThoughItsEnvelopeIsClosed() {
        ConnectionKey envelope = key(1, Transport.TCP);
        ConnectionKey clear = key(1, Transport.TLS);
        connections.accept(segment(envelope, Direction.SENT, 0, HELLO));
        connections.accept(
                segment(clear, Direction.SENT, 0, bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n")));
        connections.closed(envelope, 2);
        connections.accept(
                segment(
                        clear,
                        Direction.RECEIVED,
                        0,
                        bytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")));
        connections.closed(clear, 3);
        assertThat(calls).hasSize(1);
        assertThat(counted()).isEqualTo(Map.of("read", 1L));
    }

    @Test
    void whatIsNotReadIsUnseenOnceItIsClosedOrOld() {
        connections.accept(segment(key(1, Transport.TCP), Direction.SENT, 0, HELLO));
        connections.accept(segment(key(2, Transport.TCP), Direction.SENT, 0, HELLO));
        assertThat(counted()).isEmpty();
        connections.closed(key(1, Transport.TCP), 2);
        assertThat(counted()).isEqualTo(Map.of("unseen", 1L));
        connections.expire(60 * SECOND);
        assertThat(counted()).isEqualTo(Map.of("unseen", 1L));
        connections.closed(key(2, Transport.TCP), 61 * SECOND);
        assertThat(counted()).isEmpty();
        assertThat(connections.encrypted().unseen()).isEqualTo(2);
    }

    @Test
    void aConnectionOfWhichTheBeginningWasMissedIsKnownByItsRecords() {
        ConnectionKey key = key(1, Transport.TCP);
        for (int i = 0; i < 3; i++) {
            connections.accept(segment(key, Direction.SENT, 1000 + i * 100L, DATA));
        }
        connections.closed(key, 2);
        assertThat(counted()).isEqualTo(Map.of("unseen", 1L));
        assertThat(connections.counters().encryptedConnections).isEqualTo(1);
    }

    @Test
    void tlsWithinTlsIsNotReadAsAProtocol() {
        ConnectionKey clear = key(1, Transport.TLS);
        connections.accept(segment(clear, Direction.SENT, 0, HELLO));
        assertThat(connections.counters().encryptedConnections).isEqualTo(1);
    }

    @Test
    void peersOfAProcessAreBounded() {
        for (int i = 0; i < 200; i++) {
            ConnectionKey key =
                    new ConnectionKey(i, Transport.TCP, 7, Role.CLIENT, 40_000, "10.0.0." + i, 443);
            connections.accept(segment(key, Direction.SENT, 0, HELLO));
            connections.closed(key, 2);
        }
        List<MetricPoint> points = connections.encrypted().take();
        assertThat(points).hasSize(65);
        assertThat(points.stream().mapToLong(MetricPoint::count).sum()).isEqualTo(200);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
