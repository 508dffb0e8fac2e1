package io.flarepath.agent.requests.named;

import io.flarepath.agent.requests.message.Call;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Outcome;
import io.flarepath.agent.requests.message.Protocol;
import io.flarepath.agent.requests.stream.Role;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The names that OpenTelemetry's semantic conventions give to a call and to its attributes. Where
 * they have none for the side that answers, its name is made like the other one's.
 */
public final class CallAttributes {
    /** Methods that keep their name; any other is {@code _OTHER}. */
    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

    private CallAttributes() {}

    /** Name of the metric of durations. */
    public static String durations(Protocol protocol, Role role) {
        boolean server = role == Role.SERVER;
        return switch (protocol) {
            case HTTP1, HTTP2 ->
                    server ? "http.server.request.duration" : "http.client.request.duration";
            case GRPC -> server ? "rpc.server.call.duration" : "rpc.client.call.duration";
            case MYSQL, POSTGRESQL, REDIS ->
                    server ? "db.server.operation.duration" : "db.client.operation.duration";
            case KAFKA ->
                    server
                            ? "messaging.server.operation.duration"
                            : "messaging.client.operation.duration";
            case DNS -> server ? "dns.server.lookup.duration" : "dns.lookup.duration";
        };
    }

    /** Attributes of a call by which it is summed up; those that are unknown are left out. */
    public static SortedMap<String, String> of(NamedCall named) {
        SortedMap<String, String> attributes = new TreeMap<>();
        Call call = named.call();
        Exchange exchange = call.exchange();
        String route = named.route();
        String operation = named.operation();
        switch (exchange.protocol()) {
            case HTTP1, HTTP2 -> {
                put(attributes, "http.request.method", operation);
                put(attributes, "http.route", route);
                put(attributes, "http.response.status_code", exchange.status());
                put(
                        attributes,
                        "network.protocol.version",
                        exchange.protocol() == Protocol.HTTP1 ? "1.1" : "2");
            }
            case GRPC -> {
                put(attributes, "rpc.system.name", "grpc");
                put(attributes, "rpc.method", route);
                put(attributes, "rpc.response.status_code", exchange.status());
            }
            case MYSQL, POSTGRESQL, REDIS -> {
                put(attributes, "db.system.name", exchange.protocol().system());
                put(attributes, "db.operation.name", operation);
                put(attributes, "db.collection.name", route);
                put(attributes, "db.response.status_code", exchange.status());
            }
            case KAFKA -> {
                put(attributes, "messaging.system", "kafka");
                put(attributes, "messaging.operation.name", operation.toLowerCase(Locale.ROOT));
                put(attributes, "messaging.destination.name", route);
            }
            case DNS -> {
                put(attributes, "dns.question.name", route);
                put(attributes, "dns.question.type", operation);
                put(attributes, "dns.response.code", exchange.status());
            }
        }
        peer(attributes, call, named.peer());
        put(attributes, "error.type", errorType(exchange, call.role()));
        return attributes;
    }

    private static void peer(Map<String, String> attributes, Call call, String peer) {
        if (call.role() == Role.CLIENT) {
            put(attributes, "server.address", peer);
            attributes.put("server.port", Integer.toString(call.connection().peerPort()));
        } else {
            put(attributes, "network.peer.address", peer);
            attributes.put("server.port", Integer.toString(call.connection().localPort()));
        }
    }

    /** A method that keeps its name. */
    static String method(String method) {
        if (method.isEmpty()) {
            return "";
        }
        return METHODS.contains(method) ? method : "_OTHER";
    }

    /**
     * Why a call failed, or empty. For a server, what the client did wrong is no error (HTTP and
     * RPC conventions).
     */
    public static String errorType(Exchange exchange, Role role) {
        Protocol protocol = exchange.protocol();
        boolean web =
                protocol == Protocol.HTTP1
                        || protocol == Protocol.HTTP2
                        || protocol == Protocol.GRPC;
        return switch (exchange.outcome()) {
            case OK -> "";
            case CLIENT_ERROR -> web && role == Role.SERVER ? "" : exchange.status();
            case SERVER_ERROR -> exchange.status().isEmpty() ? "_OTHER" : exchange.status();
            case TIMEOUT -> "timeout";
            case BROKEN -> "connection_closed";
        };
    }

    /** Whether the call is counted with its latency: it was answered, by one answer. */
    public static boolean isMeasured(Exchange exchange) {
        return kind(exchange).isEmpty();
    }

    /** Why a call is not counted with its latency: its kind, or that it has no answer; or empty. */
    public static String kind(Exchange exchange) {
        if (exchange.outcome() == Outcome.TIMEOUT || exchange.outcome() == Outcome.BROKEN) {
            return "unanswered";
        }
        return switch (exchange.kind()) {
            case UNARY -> "";
            case ONE_WAY -> "one_way";
            case STREAM -> "stream";
            case LONG_POLL -> "long_poll";
        };
    }

    private static void put(Map<String, String> attributes, String name, String value) {
        if (!value.isEmpty()) {
            attributes.put(name, value);
        }
    }
}
