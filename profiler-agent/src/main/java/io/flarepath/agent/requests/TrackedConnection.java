package io.flarepath.agent.requests;

import io.flarepath.agent.requests.message.Call;
import io.flarepath.agent.requests.message.CallSink;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Protocol;
import io.flarepath.agent.requests.message.ProtocolMachine;
import io.flarepath.agent.requests.stream.ByteView;
import io.flarepath.agent.requests.stream.ConnectionKey;
import io.flarepath.agent.requests.stream.Direction;
import io.flarepath.agent.requests.stream.DirectionStream;
import io.flarepath.agent.requests.stream.Segment;
import io.flarepath.agent.requests.stream.StreamParser;
import io.flarepath.agent.requests.stream.Transport;
import io.flarepath.agent.requests.tls.TlsConnections;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One connection: undecided until its protocol is found, then read by it. If that goes wrong too
 * often without a call in between, it is looked at anew as something else.
 */
final class TrackedConnection {
    /** Segments that are looked at for a protocol, before the connection is left alone. */
    private static final int MOST_UNDECIDED = 256;

    private static final int MOST_UNDECIDED_BYTES = 48 << 10;

    /** So often may the place be lost by what was read, without a call in between. */
    private static final int MOST_LOSSES = 8;

    /** In its middle a connection is taken for TLS once so many segments look like it. */
    private static final int MOST_ENCRYPTED_LOOKS = 3;

    private static final long WAIT_NANOS = 1_000_000_000L;

    /** A message whose end may have been missed is over when nothing has come for so long. */
    private static final long QUIET_NANOS = 5_000_000_000L;

    private final ConnectionKey key;
    private final CallSink sink;
    private final Detection detection;
    private final RequestCounters counters;
    private final TlsConnections encrypted;
    private final Set<Protocol> refuted = EnumSet.noneOf(Protocol.class);
    private final List<Segment> undecided = new ArrayList<>();
    private int undecidedBytes;
    private int encryptedLooks;
    private Detection.@Nullable Found found;
    private @Nullable ProtocolMachine machine;
    private @Nullable DirectionStream requests;
    private @Nullable DirectionStream responses;
    private boolean ignored;

    /** An answer has fitted a request: the protocol is what it was taken for. */
    private boolean confirmed;

    private int forgivenLosses;
    private final ByteView datagram = new ByteView();

    /** Bytes held when this was last asked; kept by who sums them up. */
    int countedBytes;

    TrackedConnection(
            ConnectionKey key,
            CallSink sink,
            Detection detection,
            RequestCounters counters,
            TlsConnections encrypted) {
        this.encrypted = encrypted;
        this.key = key;
        this.sink = sink;
        this.detection = detection;
        this.counters = counters;
    }

    void accept(Segment segment) {
        if (ignored) {
            counters.ignoredBytes += segment.length();
        } else if (machine == null) {
            decide(segment);
        } else {
            read(segment);
        }
    }

    private boolean isEncrypted(Segment segment) {
        if (key.transport() == Transport.UDP) {
            return false;
        }
        if (segment.position() == 0) {
            return Detection.isTls(segment);
        }
        if (Detection.isTlsData(segment)) {
            encryptedLooks++;
        }
        return encryptedLooks >= MOST_ENCRYPTED_LOOKS;
    }

    private void decide(Segment segment) {
        if (isEncrypted(segment)) {
            counters.encryptedConnections++;
            encrypted.began(key, segment.nanos());
            ignore();
            return;
        }
        undecided.add(segment.copied());
        undecidedBytes += segment.captured();
        Detection.Found protocol = detection.find(beginning(segment), refuted);
        if (protocol == null && segment.position() > 0) {
            protocol = detection.find(segment, refuted);
            Segment joined = protocol == null ? withLead(segment) : null;
            protocol = joined == null ? protocol : detection.find(joined, refuted);
        }
        if (protocol != null) {
            begin(protocol);
        } else if (undecided.size() >= MOST_UNDECIDED || undecidedBytes > MOST_UNDECIDED_BYTES) {
            counters.unknownConnections++;
            ignore();
        }
    }

    /** With the header that was read before it; null if there is none. */
    private @Nullable Segment withLead(Segment latest) {
        for (Segment held : undecided) {
            Segment joined =
                    held.direction() == latest.direction() && held.position() > 0
                            ? latest.after(held)
                            : null;
            if (joined != null) {
                return joined;
            }
        }
        return null;
    }

    /**
     * What is known of the stream from its first byte on; in the middle of a connection, the
     * segment alone, since a message may begin with any of them.
     */
    private Segment beginning(Segment latest) {
        byte[] bytes = new byte[undecidedBytes];
        int length = 0;
        List<Segment> sorted = new ArrayList<>(undecided);
        sorted.sort(Comparator.comparingLong(Segment::position));
        for (Segment segment : sorted) {
            if (segment.direction() == latest.direction() && segment.position() == length) {
                System.arraycopy(segment.bytes(), 0, bytes, length, segment.captured());
                length += segment.captured();
            }
        }
        return length == 0 || key.transport() == Transport.UDP
                ? latest
                : new Segment(
                        key,
                        latest.direction(),
                        0,
                        length,
                        bytes,
                        0,
                        length,
                        latest.nanos(),
                        latest.thread());
    }

    private void begin(Detection.Found protocol) {
        boolean udp = key.transport() == Transport.UDP;
        // Somebody speaks first in each protocol: what was not heard of it is missing.
        Direction first =
                protocol.protocol() == Protocol.MYSQL
                        ? protocol.requests().opposite()
                        : protocol.requests();
        boolean fromStart =
                refuted.isEmpty()
                        && firstPosition(first) == 0
                        && firstPosition(first.opposite()) <= 0;
        ProtocolMachine reader =
                detection.machine(protocol.protocol(), fromStart, udp, this::ended);
        confirmed = fromStart;
        found = protocol;
        machine = reader;
        requests = new DirectionStream(reader.requests(), counters.streams, fromStart);
        responses = new DirectionStream(reader.responses(), counters.streams, fromStart);
        forgivenLosses = 0;
        List<Segment> held = List.copyOf(undecided);
        undecided.clear();
        undecidedBytes = 0;
        held.forEach(this::accept);
    }

    /** Position of the first byte known of a direction, -1 if there is none. */
    private long firstPosition(Direction direction) {
        return undecided.stream()
                .filter(segment -> segment.direction() == direction)
                .mapToLong(Segment::position)
                .min()
                .orElse(-1);
    }

    private void read(Segment segment) {
        DirectionStream asked = requests;
        DirectionStream answered = responses;
        Detection.Found protocol = found;
        ProtocolMachine reader = machine;
        if (asked == null || answered == null || protocol == null || reader == null) {
            return;
        }
        boolean isRequest = segment.direction() == protocol.requests();
        if (key.transport() == Transport.UDP) {
            datagram(isRequest ? reader.requests() : reader.responses(), segment);
            return;
        }
        asked.giveUpBefore(segment.nanos() - WAIT_NANOS);
        answered.giveUpBefore(segment.nanos() - WAIT_NANOS);
        (isRequest ? answered : asked).turn((isRequest ? asked : answered).isNext(segment));
        (isRequest ? asked : answered).accept(segment);
        if (reader.isOpaque()) {
            counters.opaqueConnections++;
            ignore();
        } else if (asked.losses() + answered.losses() - forgivenLosses > MOST_LOSSES) {
            refute(protocol.protocol());
        }
    }

    private void datagram(StreamParser parser, Segment segment) {
        datagram.of(
                segment.bytes(),
                segment.offset(),
                segment.captured(),
                segment.nanos(),
                segment.thread());
        if (segment.captured() > 0 && parser.parse(datagram) > 0) {
            parser.passed(segment.nanos(), segment.thread());
            counters.streams.followedBytes += segment.length();
        } else {
            counters.streams.unfollowedBytes += segment.length();
        }
    }

    private void refute(Protocol protocol) {
        counters.refutedProtocols++;
        stop();
        if (refuted.contains(protocol)) {
            ignore();
        }
        refuted.add(protocol);
    }

    private void ended(Exchange exchange) {
        Detection.Found protocol = found;
        confirmed |= exchange.responseStart() > 0;
        if (protocol != null && !confirmed) {
            counters.matches.unpairedRequests++;
        } else if (protocol != null) {
            DirectionStream asked = requests;
            DirectionStream answered = responses;
            if (asked != null && answered != null) {
                forgivenLosses = asked.losses() + answered.losses();
            }
            sink.ended(new Call(key, protocol.role(), exchange));
        }
    }

    void closed(long nanos) {
        if (requests != null && responses != null) {
            requests.giveUpMissing();
            requests.turn(true);
            responses.giveUpMissing();
            responses.turn(true);
        }
        if (machine != null) {
            machine.closed(nanos);
        }
    }

    void expire(long nanos) {
        if (requests != null && responses != null) {
            requests.giveUpBefore(nanos - WAIT_NANOS);
            responses.giveUpBefore(nanos - WAIT_NANOS);
            requests.turnIfQuietSince(nanos - QUIET_NANOS);
            responses.turnIfQuietSince(nanos - QUIET_NANOS);
        }
        if (machine != null) {
            machine.expire(nanos);
        }
    }

    /** Whether it will never give a call. */
    boolean isIgnored() {
        return ignored;
    }

    /** Whether it speaks HTTP/2, as far as is known. */
    boolean isHttp2() {
        return machine != null && machine.isHttp2();
    }

    int heldBytes() {
        int bytes = 256 + undecidedBytes + undecided.size() * 64;
        if (machine != null && requests != null && responses != null) {
            bytes += machine.heldBytes() + requests.heldBytes() + responses.heldBytes();
        }
        return bytes;
    }

    private void ignore() {
        ignored = true;
        undecided.clear();
        undecidedBytes = 0;
        stop();
    }

    private void stop() {
        machine = null;
        requests = null;
        responses = null;
        found = null;
    }
}
