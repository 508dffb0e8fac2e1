package io.flarepath.agent.requests.capture;

import io.flarepath.agent.requests.Connections;
import io.flarepath.agent.requests.stream.ConnectionKey;
import io.flarepath.agent.requests.stream.Direction;
import io.flarepath.agent.requests.stream.Segment;
import io.flarepath.agent.requests.stream.Transport;
import io.flarepath.bpf.MessageReader;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Makes segments of datagrams: a socket and one of its peers are a connection, until they are quiet
 * for a while. What came to a socket before its process was known waits until that is. Not for
 * several threads.
 */
final class DatagramFeed {
    private static final int MOST_PEERS = 4096;
    private static final int MOST_UNOWNED = 256;
    private static final int MOST_WAITING = 64;

    /** Longer than a lookup is waited for. */
    private static final long QUIET_NANOS = 30_000_000_000L;

    private final Connections connections;
    private final IntPredicate observed;
    private final LinkedHashMap<Peer, Used> peers = new LinkedHashMap<>(16, 0.75f, true);
    private final LinkedHashMap<Long, List<Waiting>> unowned = new LinkedHashMap<>();

    private record Peer(long socket, String address, int port) {}

    private static final class Used {
        private final ConnectionKey key;
        private long nanos;

        Used(ConnectionKey key) {
            this.key = key;
        }
    }

    /** A datagram that was received. */
    private record Waiting(Peer peer, int localPort, byte[] bytes, int length, long nanos) {}

    /**
     * @param connections takes the segments
     * @param observed whether requests of a process are to be told of; asked once a connection
     */
    DatagramFeed(Connections connections, IntPredicate observed) {
        this.connections = connections;
        this.observed = observed;
    }

    /** Takes one message. */
    void take(MessageReader message) {
        Peer peer = new Peer(message.socket(), message.peerAddress(), message.peerPort());
        byte[] bytes = new byte[message.captured()];
        message.bytes(bytes);
        if (message.pid() == 0) {
            hold(peer, message, bytes);
            return;
        }
        List<Waiting> waited = unowned.remove(peer.socket);
        if (waited != null) {
            waited.forEach(one -> received(one, message.pid()));
        }
        Direction direction = message.isReceived() ? Direction.RECEIVED : Direction.SENT;
        accept(
                key(peer, message.pid(), message.localPort(), message.timeNanos()),
                direction,
                bytes,
                message.length(),
                message.timeNanos(),
                message.tid());
    }

    private void hold(Peer peer, MessageReader message, byte[] bytes) {
        List<Waiting> waiting = unowned.computeIfAbsent(peer.socket, s -> new ArrayList<>());
        if (waiting.size() < MOST_WAITING) {
            waiting.add(
                    new Waiting(
                            peer,
                            message.localPort(),
                            bytes,
                            message.length(),
                            message.timeNanos()));
        } else {
            connections.counters().unownedDatagrams++;
        }
        if (unowned.size() > MOST_UNOWNED) {
            connections.counters().unownedDatagrams += unowned.pollFirstEntry().getValue().size();
        }
    }

    private void received(Waiting one, int pid) {
        accept(
                key(one.peer, pid, one.localPort, one.nanos),
                Direction.RECEIVED,
                one.bytes,
                one.length,
                one.nanos,
                0);
    }

    private void accept(
            @Nullable ConnectionKey key,
            Direction direction,
            byte[] bytes,
            int length,
            long nanos,
            int thread) {
        if (key != null) {
            connections.accept(
                    new Segment(key, direction, 0, length, bytes, 0, bytes.length, nanos, thread));
        }
    }

    private @Nullable ConnectionKey key(Peer peer, int pid, int localPort, long nanos) {
        Used used = peers.get(peer);
        if (used == null) {
            if (!observed.test(pid)) {
                return null;
            }
            used =
                    new Used(
                            new ConnectionKey(
                                    peer.socket,
                                    Transport.UDP,
                                    pid,
                                    null,
                                    localPort,
                                    peer.address,
                                    peer.port));
            peers.put(peer, used);
            if (peers.size() > MOST_PEERS) {
                connections.closed(peers.pollFirstEntry().getValue().key, nanos);
            }
        }
        used.nanos = nanos;
        return used.key;
    }

    /** Leaves the datagrams of a process alone from now on. */
    void leave(int pid, long nanos) {
        peers.values()
                .removeIf(used -> {
                    boolean its = used.key.pid() == pid;
                    if (its) {
                        connections.closed(used.key, nanos);
                    }
                    return its;
                });
    }

    /** Forgets who was quiet for long. */
    void expire(long nanos) {
        for (Iterator<Used> all = peers.values().iterator(); all.hasNext(); ) {
            Used used = all.next();
            if (nanos - used.nanos < QUIET_NANOS) {
                return;
            }
            all.remove();
            connections.closed(used.key, nanos);
        }
    }
}
