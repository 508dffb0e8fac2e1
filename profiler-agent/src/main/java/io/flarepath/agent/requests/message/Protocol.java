package io.flarepath.agent.requests.message;

/** The protocols whose requests are understood. */
public enum Protocol {
    /** RFC 9112. */
    HTTP1("http"),
    /** RFC 9113. */
    HTTP2("http"),
    /** gRPC over HTTP/2. */
    GRPC("grpc"),
    /** MySQL and MariaDB, protocol version 10. */
    MYSQL("mysql"),
    /** PostgreSQL, protocol version 3. */
    POSTGRESQL("postgresql"),
    /** Redis, RESP 2 and 3. */
    REDIS("redis"),
    /** Kafka's own protocol. */
    KAFKA("kafka"),
    /** RFC 1035. */
    DNS("dns");

    private final String system;

    Protocol(String system) {
        this.system = system;
    }

    /** The name that OpenTelemetry's conventions give the system, as in {@code db.system.name}. */
    public String system() {
        return system;
    }
}
