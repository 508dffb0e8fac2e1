package io.flarepath.agent.requests.red;

import io.flarepath.agent.requests.message.Call;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Protocol;
import io.flarepath.agent.requests.named.CallAttributes;
import io.flarepath.agent.requests.named.NamedCall;
import io.flarepath.agent.requests.stream.Role;

/**
 * What tells the series of calls apart: all that {@link CallAttributes#of} makes attributes of, and
 * the process. It is looked up once a call, where a map of attributes would cost as much as reading
 * the call; most texts are the same objects each time, whose hashes are known.
 */
final class SeriesKey {
    final int pid;
    final Protocol protocol;
    final Role role;

    /** Why its calls are not measured, or empty. */
    final String kind;

    private final String route;
    private final String operation;
    private final String status;
    private final String error;
    private final String peer;
    private final int port;
    private final int hash;

    private SeriesKey(
            int pid,
            Protocol protocol,
            Role role,
            String kind,
            String route,
            String operation,
            String status,
            String error,
            String peer,
            int port) {
        this.pid = pid;
        this.protocol = protocol;
        this.role = role;
        this.kind = kind;
        this.route = route;
        this.operation = operation;
        this.status = status;
        this.error = error;
        this.peer = peer;
        this.port = port;
        int h = pid * 31 + protocol.hashCode();
        h = h * 31 + role.hashCode();
        h = h * 31 + kind.hashCode();
        h = h * 31 + route.hashCode();
        h = h * 31 + operation.hashCode();
        h = h * 31 + status.hashCode();
        h = h * 31 + error.hashCode();
        h = h * 31 + peer.hashCode();
        hash = h * 31 + port;
    }

    /** The series of a call. */
    static SeriesKey of(NamedCall named) {
        Call call = named.call();
        Exchange exchange = call.exchange();
        boolean client = call.role() == Role.CLIENT;
        return new SeriesKey(
                call.connection().pid(),
                exchange.protocol(),
                call.role(),
                CallAttributes.kind(exchange),
                named.route(),
                named.operation(),
                exchange.status(),
                CallAttributes.errorType(exchange, call.role()),
                named.peer(),
                client ? call.connection().peerPort() : call.connection().localPort());
    }

    /**
     * The series of calls of this metric that have no room, of all processes: there may be too many
     * of those.
     */
    SeriesKey overflow() {
        return new SeriesKey(0, protocol, role, kind, "", "", "", "", "", 0);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SeriesKey key
                && hash == key.hash
                && pid == key.pid
                && protocol == key.protocol
                && role == key.role
                && port == key.port
                && kind.equals(key.kind)
                && route.equals(key.route)
                && operation.equals(key.operation)
                && status.equals(key.status)
                && error.equals(key.error)
                && peer.equals(key.peer);
    }
}
