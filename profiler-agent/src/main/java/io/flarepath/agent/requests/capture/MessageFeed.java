package io.flarepath.agent.requests.capture;

import io.flarepath.agent.requests.Connections;
import io.flarepath.agent.requests.stream.ConnectionKey;
import io.flarepath.agent.requests.stream.Direction;
import io.flarepath.agent.requests.stream.Role;
import io.flarepath.agent.requests.stream.Segment;
import io.flarepath.agent.requests.stream.Transport;
import io.flarepath.bpf.MessageReader;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Makes segments of the kernel's messages and hands them to the connections. Not for several
 * threads.
 */
final class MessageFeed {
    /** As many as are followed, and some that are left alone. */
    private static final int MOST_SOCKETS = 2 * Connections.MOST_CONNECTIONS;

    private final Connections connections;
    private final IntPredicate observed;
    private final Consumer<ConnectionKey> ignore;
    private final LinkedHashMap<Long, ConnectionKey> sockets = new LinkedHashMap<>(64, 0.75f, true);
    private final DatagramFeed datagrams;
    private final byte[] bytes = new byte[MessageReader.MOST_CAPTURED];

    /**
     * @param connections takes the segments
     * @param observed whether requests of a process are to be told of, as far as is known; asked
     *     once a connection
     * @param ignore told of connections of other processes
     */
    MessageFeed(Connections connections, IntPredicate observed, Consumer<ConnectionKey> ignore) {
        this.connections = connections;
        this.observed = observed;
        this.ignore = ignore;
        datagrams = new DatagramFeed(connections, observed);
    }

    /** Takes all messages that the reader has. */
    void take(MessageReader messages) {
        while (messages.next()) {
            if (messages.isClosed()) {
                closed(messages);
            } else if (messages.isDatagram()) {
                datagrams.take(messages);
            } else {
                said(messages);
            }
        }
    }

    /** Leaves the connections of a process alone from now on: it is not to be told of. */
    void leave(int pid, long nanos) {
        sockets.values()
                .removeIf(key -> {
                    boolean its = key.pid() == pid;
                    if (its) {
                        ignore.accept(key);
                        connections.closed(key, nanos);
                    }
                    return its;
                });
        datagrams.leave(pid, nanos);
    }

    /** Forgets datagrams' peers that were quiet for long; to be called every few seconds. */
    void expire(long nanos) {
        datagrams.expire(nanos);
    }

    private void said(MessageReader message) {
        ConnectionKey known = sockets.get(message.socket());
        boolean opened = known != null && message.isClear() && !isClear(known);
        if (known != null && !message.isClear() && isClear(known)) {
            return; // The bytes of the same in its envelope: what was still on its way.
        }
        ConnectionKey key = known == null || opened ? begin(message) : known;
        if (key == null) {
            return;
        }
        message.bytes(bytes);
        connections.accept(
                new Segment(
                        key,
                        message.isReceived() ? Direction.RECEIVED : Direction.SENT,
                        message.position(),
                        message.length(),
                        bytes,
                        0,
                        message.captured(),
                        message.timeNanos(),
                        message.tid()));
        if (known != null && opened) {
            // Not before what it carries is known to be read.
            connections.closed(known, message.timeNanos());
        }
    }

    private @Nullable ConnectionKey begin(MessageReader message) {
        ConnectionKey key =
                new ConnectionKey(
                        message.socket(),
                        message.isClear() ? Transport.TLS : Transport.TCP,
                        message.pid(),
                        role(message),
                        message.localPort(),
                        message.peerAddress(),
                        message.peerPort());
        if (!observed.test(message.pid())) {
            ignore.accept(key);
            return null;
        }
        sockets.put(message.socket(), key);
        if (sockets.size() > MOST_SOCKETS) {
            Map.Entry<Long, ConnectionKey> eldest = sockets.pollFirstEntry();
            connections.closed(eldest.getValue(), message.timeNanos());
        }
        return key;
    }

    private static boolean isClear(ConnectionKey key) {
        return key.transport() == Transport.TLS;
    }

    private static @Nullable Role role(MessageReader message) {
        if (message.isClient()) {
            return Role.CLIENT;
        }
        return message.isServer() ? Role.SERVER : null;
    }

    private void closed(MessageReader message) {
        ConnectionKey key = sockets.remove(message.socket());
        if (key != null) {
            connections.closed(key, message.timeNanos());
        }
    }
}
