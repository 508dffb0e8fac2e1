package io.flarepath.agent.requests.capture;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.flarepath.agent.requests.Connections;
import io.flarepath.agent.requests.message.CallSink;
import io.flarepath.agent.requests.stream.ConnectionKey;
import io.flarepath.agent.requests.stream.Direction;
import io.flarepath.agent.requests.stream.Role;
import io.flarepath.agent.requests.stream.Segment;
import io.flarepath.agent.requests.stream.Transport;

/**
 * Has what reads requests compiled before the first real one comes: code that was never run is a
 * hundred times slower, and the ring would be full before it is not.
 */
final class Rehearsal {
    /** The compiler takes up what ran a few hundred times. */
    private static final int TIMES = 1_500;

    private static final String HTTP =
            """
            GET /orders/4711?sort=price HTTP/1.1
            Host: shop.example:8080
            User-Agent: somebody/1.0
            Accept: */*

            """;
    private static final String HTTP_ANSWER =
            """
            HTTP/1.1 200 OK
            Server: somebody
            Content-Type: text/plain
            Content-Length: 6

            Enough\
            """;
    private static final String REDIS =
            """
            *2
            $3
            GET
            $4
            name
            """;
    private static final String REDIS_ANSWER =
            """
            $5
            value
            """;

    private final Connections connections;
    private long sockets;

    private Rehearsal(CallSink sink) {
        connections = new Connections(sink, key -> {});
    }

    /**
     * Takes some tenths of a second.
     *
     * @param sink takes the calls; not one that real ones go to
     */
    static void run(CallSink sink) {
        Rehearsal rehearsal = new Rehearsal(sink);
        rehearsal.say(HTTP, HTTP_ANSWER);
        rehearsal.say(REDIS, REDIS_ANSWER);
    }

    private void say(String request, String answer) {
        byte[] asked = request.replace("\n", "\r\n").getBytes(US_ASCII);
        byte[] answered = answer.replace("\n", "\r\n").getBytes(US_ASCII);
        ConnectionKey key =
                new ConnectionKey(
                        ++sockets, Transport.TCP, 1, Role.SERVER, 8080, "127.0.0.1", 40_000);
        for (int i = 0; i < TIMES; i++) {
            long nanos = 1_000_000L + 2_000L * i;
            connections.accept(
                    segment(key, Direction.RECEIVED, (long) i * asked.length, asked, nanos));
            connections.accept(
                    segment(key, Direction.SENT, (long) i * answered.length, answered, nanos + 1));
        }
        connections.closed(key, 1_000_000L + 2_000L * TIMES);
    }

    private static Segment segment(
            ConnectionKey key, Direction direction, long position, byte[] bytes, long nanos) {
        return new Segment(
                key, direction, position, bytes.length, bytes, 0, bytes.length, nanos, 1);
    }
}
