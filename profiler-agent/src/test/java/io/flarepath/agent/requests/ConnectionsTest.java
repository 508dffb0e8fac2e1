package io.flarepath.agent.requests;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.requests.message.Call;
import io.flarepath.agent.requests.stream.ConnectionKey;
import io.flarepath.agent.requests.stream.Direction;
import io.flarepath.agent.requests.stream.Role;
import io.flarepath.agent.requests.stream.Segment;
import io.flarepath.agent.requests.stream.Transport;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Holds what connections may cost. */
class ConnectionsTest {
    private final List<Call> calls = new ArrayList<>();

    private static Segment segment(int socket, long position, byte[] bytes, long nanos) {
        ConnectionKey key =
                new ConnectionKey(socket, Transport.TCP, 1, Role.SERVER, 80, "10.0.0.1", 9);
        return new Segment(
                key, Direction.RECEIVED, position, bytes.length, bytes, 0, bytes.length, nanos, 0);
    }

    @Test
    void thoseThatWereQuietTheLongestAreForgotten() {
        Connections connections = new Connections(calls::add, key -> {}, 10, 1 << 20);
        for (int i = 0; i < 100; i++) {
            connections.accept(segment(i, 0, bytes("GET / HTTP/1.1\r\n"), i));
        }
        assertThat(connections.size()).isEqualTo(10);
        assertThat(connections.counters().forgottenConnections).isEqualTo(90);
        assertThat(calls).isEmpty();
    }

    @Test
    void memoryIsBoundedWhateverComes() {
        long most = 256 << 10;
        Connections connections = new Connections(calls::add, key -> {}, 1000, most);
        Random random = new Random(3);
        String[] starts = {
            "GET /a HTTP/1.1\r\nX: ",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "*1000000\r\n$3\r\nSET\r\n",
            "\0\0\0\20\0\3\0\0user",
            "nothing that is known "
        };
        long[] positions = new long[200];
        for (int i = 0; i < 20_000; i++) {
            int socket = random.nextInt(positions.length);
            byte[] noise = new byte[1 + random.nextInt(600)];
            random.nextBytes(noise);
            byte[] bytes =
                    positions[socket] == 0 ? bytes(starts[random.nextInt(starts.length)]) : noise;
            long position = positions[socket] + (random.nextInt(20) == 0 ? 100 : 0);
            connections.accept(segment(socket, position, bytes, i));
            positions[socket] = position + bytes.length;
            assertThat(connections.heldBytes()).isLessThan(most + (200 << 10));
        }
        assertThat(connections.counters().forgottenConnections).isPositive();
    }

    @Test
    void whatIsClosedIsForgotten() {
        Connections connections = new Connections(calls::add, key -> {});
        Segment segment = segment(1, 0, bytes("GET / HTTP/1.1\r\n\r\n"), 1);
        connections.accept(segment);
        assertThat(connections.heldBytes()).isPositive();
        connections.closed(segment.connection(), 2);
        assertThat(connections.size()).isZero();
        assertThat(connections.heldBytes()).isZero();
        assertThat(calls).hasSize(1);
    }

    @Test
    void lookupsThatAreNotAnsweredTimeOut() {
        Connections connections = new Connections(calls::add, key -> {});
        byte[] query = bytes("\0\7\1\0\0\1\0\0\0\0\0\0\1a\4test\0\0\1\0\1");
        ConnectionKey key = new ConnectionKey(1, Transport.UDP, 1, null, 40_000, "10.0.0.53", 53);
        connections.accept(
                new Segment(key, Direction.SENT, 0, query.length, query, 0, query.length, 5, 0));
        connections.expire(14_000_000_000L);
        assertThat(calls).isEmpty();
        connections.expire(16_000_000_000L);
        assertThat(Conversation.lines(calls)).containsExactly("DNS UNARY A a.test -> TIMEOUT 24/0");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
