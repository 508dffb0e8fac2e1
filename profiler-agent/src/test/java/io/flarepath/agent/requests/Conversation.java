package io.flarepath.agent.requests;

import io.flarepath.agent.requests.message.Call;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.stream.ConnectionKey;
import io.flarepath.agent.requests.stream.Direction;
import io.flarepath.agent.requests.stream.Role;
import io.flarepath.agent.requests.stream.Segment;
import io.flarepath.agent.requests.stream.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** What a client and a server said to each other, and ways to let an agent see it. */
public final class Conversation {
    /** A piece that one of them sent at once. */
    public record Piece(boolean client, long nanos, byte[] bytes) {}

    private final List<Piece> pieces;
    private final Transport transport;
    private final int serverPort;

    private Conversation(List<Piece> pieces, Transport transport, int serverPort) {
        this.pieces = List.copyOf(pieces);
        this.transport = transport;
        this.serverPort = serverPort;
    }

    /** A recording from the corpus. */
    public static Conversation recorded(String name) {
        String path = "/io/flarepath/agent/requests/corpus/" + name + ".txt";
        List<Piece> pieces = new ArrayList<>();
        try (InputStream in = Conversation.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalArgumentException("no recording " + name);
            }
            String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            for (String line : text.split("\n", -1)) {
                if (!line.isEmpty()) {
                    String[] parts = line.split(" ", 3);
                    long nanos = 1 + Long.parseLong(parts[1]) * 1000;
                    byte[] bytes = HexFormat.of().parseHex(parts[2]);
                    pieces.add(new Piece(parts[0].equals("C"), nanos, bytes));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        boolean dns = name.startsWith("dns");
        Transport transport = name.startsWith("dnsudp") ? Transport.UDP : Transport.TCP;
        return new Conversation(pieces, transport, dns ? 53 : 1234);
    }

    /** Texts in turn; those that begin with {@code >} are the client's. */
    public static Conversation of(String... texts) {
        List<Piece> pieces = new ArrayList<>();
        long nanos = 1000;
        for (String text : texts) {
            byte[] bytes = text.substring(1).getBytes(StandardCharsets.ISO_8859_1);
            pieces.add(new Piece(text.charAt(0) == '>', nanos += 1000, bytes));
        }
        return new Conversation(pieces, Transport.TCP, 1234);
    }

    /** Pieces as they are. */
    public static Conversation of(List<Piece> pieces) {
        return new Conversation(pieces, Transport.TCP, 1234);
    }

    /** What was said. */
    public List<Piece> pieces() {
        return pieces;
    }

    /** The segments as the server's or the client's agent sees them. */
    public List<Segment> segments(Role role) {
        List<Segment> segments = new ArrayList<>();
        long[] positions = new long[2];
        for (Piece piece : pieces) {
            int side = piece.client ? 0 : 1;
            segments.add(segment(role, piece, 0, piece.bytes.length, positions[side]));
            positions[side] += piece.bytes.length;
        }
        return segments;
    }

    /**
     * The same bytes in other segments: neighbours that one side sent one after the other may be
     * merged, and all are cut at random. Times stay those of the pieces.
     */
    public List<Segment> recut(Role role, Random random) {
        List<Segment> segments = new ArrayList<>();
        for (Segment segment : segments(role)) {
            int from = 0;
            while (from < segment.length()) {
                int most = random.nextInt(4) == 0 ? 3 : 1 + segment.length();
                int size = Math.min(segment.length() - from, 1 + random.nextInt(most));
                segments.add(part(segment, from, size, size));
                from += size;
            }
        }
        return segments;
    }

    /** A part of a segment, of which the first bytes are captured. */
    public static Segment part(Segment segment, int from, int size, int captured) {
        return new Segment(
                segment.connection(),
                segment.direction(),
                segment.position() + from,
                size,
                segment.bytes(),
                segment.offset() + from,
                Math.min(size, captured),
                segment.nanos(),
                segment.thread());
    }

    /** The same segment of a connection of which is known who opened it. */
    public static Segment withRole(Segment segment) {
        ConnectionKey key = segment.connection();
        Role role = key.localPort() < key.peerPort() ? Role.SERVER : Role.CLIENT;
        return moved(segment, role, key.localPort(), key.peerPort());
    }

    /** The same segment of a client whose server listens elsewhere. */
    public static Segment onPort(Segment segment, int port) {
        return moved(segment, null, segment.connection().localPort(), port);
    }

    private static Segment moved(
            Segment segment, @Nullable Role role, int localPort, int peerPort) {
        ConnectionKey key = segment.connection();
        return new Segment(
                new ConnectionKey(
                        key.socket(),
                        key.transport(),
                        key.pid(),
                        role,
                        localPort,
                        key.peerAddress(),
                        peerPort),
                segment.direction(),
                segment.position(),
                segment.length(),
                segment.bytes(),
                segment.offset(),
                segment.captured(),
                segment.nanos(),
                segment.thread());
    }

    private Segment segment(Role role, Piece piece, int from, int size, long position) {
        boolean server = role == Role.SERVER;
        ConnectionKey key =
                new ConnectionKey(
                        7,
                        transport,
                        4711,
                        null,
                        server ? serverPort : 40_000,
                        "10.0.0.1",
                        server ? 40_000 : serverPort);
        Direction direction = piece.client == server ? Direction.RECEIVED : Direction.SENT;
        return new Segment(
                key, direction, position, size, piece.bytes, from, size, piece.nanos, 11);
    }

    /** The calls that are seen in segments, with the connection closed at the end. */
    public static List<Call> calls(List<Segment> segments) {
        return calls(segments, new ArrayList<>());
    }

    /** The same, and the counters are added to a list. */
    public static List<Call> calls(List<Segment> segments, List<RequestCounters> counters) {
        List<Call> calls = new ArrayList<>();
        Connections connections = new Connections(calls::add, key -> {});
        segments.forEach(connections::accept);
        if (!segments.isEmpty()) {
            connections.closed(segments.getLast().connection(), segments.getLast().nanos() + 1);
        }
        counters.add(connections.counters());
        return calls;
    }

    /** A call in one line, without times. */
    public static String line(Call call) {
        Exchange exchange = call.exchange();
        String text =
                exchange.protocol()
                        + " "
                        + exchange.kind()
                        + " "
                        + exchange.operation()
                        + " "
                        + exchange.target()
                        + " -> "
                        + exchange.status()
                        + " "
                        + exchange.outcome()
                        + " "
                        + exchange.requestBytes()
                        + "/"
                        + exchange.responseBytes();
        return text.replaceAll(" +", " ");
    }

    /** All of them. */
    public static List<String> lines(List<Call> calls) {
        return calls.stream().map(Conversation::line).toList();
    }
}
