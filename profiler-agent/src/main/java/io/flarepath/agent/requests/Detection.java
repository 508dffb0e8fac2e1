package io.flarepath.agent.requests;

import io.flarepath.agent.requests.dns.DnsMachine;
import io.flarepath.agent.requests.http1.Http1Machine;
import io.flarepath.agent.requests.http2.Http2Machine;
import io.flarepath.agent.requests.kafka.KafkaMachine;
import io.flarepath.agent.requests.match.MatchCounters;
import io.flarepath.agent.requests.message.ExchangeSink;
import io.flarepath.agent.requests.message.Protocol;
import io.flarepath.agent.requests.message.ProtocolMachine;
import io.flarepath.agent.requests.mysql.MysqlMachine;
import io.flarepath.agent.requests.postgres.PostgresMachine;
import io.flarepath.agent.requests.redis.RedisMachine;
import io.flarepath.agent.requests.stream.ByteView;
import io.flarepath.agent.requests.stream.ConnectionKey;
import io.flarepath.agent.requests.stream.Direction;
import io.flarepath.agent.requests.stream.Role;
import io.flarepath.agent.requests.stream.Segment;
import io.flarepath.agent.requests.stream.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells the protocol of a connection by what a segment begins with. What every protocol fixes of
 * its first bytes is asked first; in the middle of a connection, how its messages begin. The port
 * only decides between several that are possible.
 */
final class Detection {
    private static final String HTTP2_PREFACE = "PRI * HTTP/2.0\r\n";
    private static final int MULTICAST_DNS = 5353;

    /** RFC 5246, section 6.2.3: data, and what encryption adds. */
    private static final int MOST_TLS_RECORD = (16 << 10) + 2048;

    private final MatchCounters counters;

    Detection(MatchCounters counters) {
        this.counters = counters;
    }

    /**
     * What was found.
     *
     * @param requests the direction in which requests go
     */
    record Found(Protocol protocol, Direction requests) {
        Role role() {
            return requests == Direction.RECEIVED ? Role.SERVER : Role.CLIENT;
        }
    }

    /** Whether a connection begins with a TLS record (RFC 8446, section 5.1). */
    static boolean isTls(Segment segment) {
        ByteView view = view(segment);
        return view.length() >= 3 && view.u8(0) == 0x16 && view.u8(1) == 3 && view.u8(2) <= 4;
    }

    /** Whether a segment may begin with a TLS record of data: what most others do not is 0x17. */
    static boolean isTlsData(Segment segment) {
        ByteView view = view(segment);
        return view.length() >= 5
                && view.u8(0) == 0x17
                && view.u8(1) == 3
                && view.u8(2) <= 4
                && (view.u8(3) << 8 | view.u8(4)) <= MOST_TLS_RECORD;
    }

    /**
     * The protocol of a connection one of whose segments begins so, or null if it is not clear.
     *
     * @param refuted protocols that it turned out not to be
     */
    @Nullable Found find(Segment segment, Set<Protocol> refuted) {
        ByteView view = view(segment);
        if (view.length() == 0) {
            return null;
        }
        List<Found> candidates = new ArrayList<>();
        for (Protocol protocol : Protocol.values()) {
            if (refuted.contains(protocol)) {
                continue;
            }
            Direction direction = segment.direction();
            if (asks(protocol, segment, view)) {
                add(candidates, new Found(protocol, direction), segment.connection());
            } else if (answers(protocol, segment, view)) {
                add(candidates, new Found(protocol, direction.opposite()), segment.connection());
            }
        }
        return choose(candidates, segment.connection());
    }

    private static ByteView view(Segment segment) {
        return new ByteView()
                .of(
                        segment.bytes(),
                        segment.offset(),
                        segment.captured(),
                        segment.nanos(),
                        segment.thread());
    }

    private static void add(List<Found> candidates, Found found, ConnectionKey connection) {
        Role known = connection.role();
        if (known == null || known == found.role()) {
            candidates.add(found);
        }
    }

    private static @Nullable Found choose(List<Found> candidates, ConnectionKey connection) {
        for (Found found : candidates) {
            int port = found.role() == Role.SERVER ? connection.localPort() : connection.peerPort();
            if (port == usualPort(found.protocol())) {
                return found;
            }
        }
        return candidates.isEmpty() ? null : candidates.getFirst();
    }

    private static int usualPort(Protocol protocol) {
        return switch (protocol) {
            case MYSQL -> 3306;
            case POSTGRESQL -> 5432;
            case REDIS -> 6379;
            case KAFKA -> 9092;
            case DNS -> 53;
            default -> 0;
        };
    }

    /** Whether a client of the protocol could have sent this. */
    private boolean asks(Protocol protocol, Segment segment, ByteView view) {
        boolean udp = segment.connection().transport() == Transport.UDP;
        if (udp || protocol == Protocol.DNS) {
            return protocol == Protocol.DNS && isDns(segment, view, false);
        }
        boolean first = segment.position() == 0;
        return switch (protocol) {
            case HTTP1 -> Http1Machine.isRequest(view) && !view.hasAscii(0, "PRI ");
            case HTTP2 ->
                    view.hasAscii(0, HTTP2_PREFACE)
                            || (!first
                                    && (segment.connection().role() == null
                                            ? Http2Machine.areRequests(view)
                                            : Http2Machine.isFrames(view)));
            case GRPC, DNS -> false;
            case KAFKA -> KafkaMachine.isRequest(view);
            case POSTGRESQL -> first ? isPostgresStart(view) : startsMessage(protocol, view);
            case MYSQL -> !first && startsMessage(protocol, view);
            case REDIS -> startsMessage(protocol, view);
        };
    }

    private boolean startsMessage(Protocol protocol, ByteView view) {
        return machine(protocol, false, false, ended -> {}).requests().startsMessage(view);
    }

    /** Whether a server of the protocol must have sent this. */
    private static boolean answers(Protocol protocol, Segment segment, ByteView view) {
        return switch (protocol) {
            case HTTP1 -> view.hasAscii(0, "HTTP/1.");
            case HTTP2 ->
                    segment.position() > 0
                            && segment.connection().role() == null
                            && Http2Machine.areResponses(view);
            case MYSQL -> segment.position() == 0 && isMysqlGreeting(view);
            case DNS -> isDns(segment, view, true);
            default -> false;
        };
    }

    private static boolean isDns(Segment segment, ByteView view, boolean answer) {
        ConnectionKey connection = segment.connection();
        boolean tcp = connection.transport() != Transport.UDP;
        boolean usual = connection.localPort() == 53 || connection.peerPort() == 53;
        boolean multicast =
                connection.localPort() == MULTICAST_DNS || connection.peerPort() == MULTICAST_DNS;
        return (usual || !tcp) && !multicast && DnsMachine.isMessage(view, tcp, answer);
    }

    /** A start of a session, or the question whether it may be encrypted. */
    private static boolean isPostgresStart(ByteView view) {
        if (view.length() < 8) {
            return false;
        }
        int length = view.i32(0);
        int code = view.i32(4);
        boolean question = length == 8 && (code == 80877103 || code == 80877104);
        // A name of a parameter follows the version.
        boolean named = view.length() > 8 && Character.isLetter(view.u8(8));
        return question || (named && code >>> 16 == 3 && length > 8 && length <= 10_000);
    }

    /** Protocol version 10 and the version of the server as text. */
    private static boolean isMysqlGreeting(ByteView view) {
        if (view.length() < 12 || view.u8(3) != 0 || view.u8(4) != 10) {
            return false;
        }
        int zero = view.indexOf(0, 5);
        int digit = view.u8(5);
        return zero > 5 && zero < 80 && digit >= '0' && digit <= '9';
    }

    /** A machine for a protocol. */
    ProtocolMachine machine(Protocol protocol, boolean fromStart, boolean udp, ExchangeSink sink) {
        return switch (protocol) {
            case HTTP1 -> new Http1Machine(sink, counters, fromStart);
            case HTTP2, GRPC -> new Http2Machine(sink, counters, fromStart);
            case MYSQL -> new MysqlMachine(sink, counters, fromStart);
            case POSTGRESQL -> new PostgresMachine(sink, counters, fromStart);
            case REDIS -> new RedisMachine(sink, counters, fromStart);
            case KAFKA -> new KafkaMachine(sink, counters);
            case DNS -> new DnsMachine(sink, counters, !udp);
        };
    }
}
