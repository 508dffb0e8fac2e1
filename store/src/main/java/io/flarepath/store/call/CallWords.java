package io.flarepath.store.call;

import io.flarepath.store.profile.Labels;
import java.util.List;

/**
 * What calls of all protocols have in common, by whatever attributes they tell it: those of
 * OpenTelemetry's semantic conventions for HTTP, RPC, databases, messaging and DNS, and the names
 * that these had before they were stable. What is not told is empty. Protocol, method and route are
 * those of the metrics of the same calls.
 *
 * @param protocol {@code http}, {@code rpc}, {@code dns}, or the database's or broker's name
 * @param method HTTP's method, a database's or broker's operation, the type of a question
 * @param route HTTP's route; method of an RPC; table, topic, name that is asked for
 * @param status of the answer, as the protocol writes it
 * @param peer name or address of the other end
 */
public record CallWords(String protocol, String method, String route, String status, String peer) {

    private static final List<String> STATUS =
            List.of(
                    "http.response.status_code",
                    "rpc.response.status_code",
                    "db.response.status_code",
                    "dns.response.code",
                    "http.status_code",
                    "rpc.grpc.status_code");

    private static final List<String> SERVERS =
            List.of(
                    "server.address",
                    "network.peer.address",
                    "net.peer.name",
                    "net.sock.peer.addr");

    private static final List<String> CLIENTS =
            List.of(
                    "network.peer.address",
                    "client.address",
                    "net.sock.peer.addr",
                    "net.peer.ip",
                    "http.client_ip");

    /** Reads the attributes of one call. */
    public static CallWords of(CallRole role, Labels attributes) {
        String status = first(attributes, STATUS);
        String peer = first(attributes, role == CallRole.SERVER ? CLIENTS : SERVERS);
        String http = first(attributes, List.of("http.request.method", "http.method"));
        if (!http.isEmpty()) {
            return new CallWords("http", http, value(attributes, "http.route"), status, peer);
        }
        if (!first(attributes, List.of("rpc.system.name", "rpc.system", "rpc.method")).isEmpty()) {
            return new CallWords("rpc", "", procedure(attributes), status, peer);
        }
        String database = first(attributes, List.of("db.system.name", "db.system"));
        if (!database.isEmpty()) {
            return new CallWords(
                    database,
                    first(attributes, List.of("db.operation.name", "db.operation")),
                    first(attributes, List.of("db.collection.name", "db.sql.table")),
                    status,
                    peer);
        }
        String broker = value(attributes, "messaging.system");
        if (!broker.isEmpty()) {
            return new CallWords(
                    broker,
                    first(attributes, List.of("messaging.operation.name", "messaging.operation")),
                    value(attributes, "messaging.destination.name"),
                    status,
                    peer);
        }
        String question = value(attributes, "dns.question.name");
        if (!question.isEmpty()) {
            return new CallWords(
                    "dns", value(attributes, "dns.question.type"), question, status, peer);
        }
        return new CallWords("", "", "", status, peer);
    }

    /** The service stands in front of the method, or, before that, in an attribute of its own. */
    private static String procedure(Labels attributes) {
        String method = value(attributes, "rpc.method");
        String service = value(attributes, "rpc.service");
        return service.isEmpty() || method.indexOf('/') >= 0 ? method : service + "/" + method;
    }

    private static String first(Labels attributes, List<String> names) {
        for (String name : names) {
            String value = attributes.get(name);
            if (value != null) {
                return value;
            }
        }
        return "";
    }

    private static String value(Labels attributes, String name) {
        String value = attributes.get(name);
        return value == null ? "" : value;
    }
}
