package io.flarepath.api.server;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How the server listens.
 *
 * @param host address to bind
 * @param port port to bind; 0 takes a free one
 * @param multitenancy whether requests name their tenant
 * @param limits limits on what comes in
 * @param patience how slow a client may be
 * @param temporary a directory of the server's own for large bodies; emptied at the start
 * @param access who may do what
 * @param connections how many connections there may be, and how long they may be idle
 * @param tls with which certificate the server speaks TLS, or null for none
 */
public record ServerOptions(
        String host,
        int port,
        boolean multitenancy,
        Limits limits,
        BodyReader.Patience patience,
        Path temporary,
        Access access,
        ConnectionRules connections,
        @Nullable TlsFiles tls) {
    private static final int MOST_CONNECTIONS = 1_000;

    /** In clear text, and open to everybody, over up to 1,000 connections. */
    public ServerOptions(
            String host,
            int port,
            boolean multitenancy,
            Limits limits,
            BodyReader.Patience patience,
            Path temporary) {
        this(
                host,
                port,
                multitenancy,
                limits,
                patience,
                temporary,
                Access.OPEN,
                ConnectionRules.ofMost(MOST_CONNECTIONS),
                null);
    }

    /** The same over other connections. */
    public ServerOptions over(ConnectionRules others) {
        return new ServerOptions(
                host, port, multitenancy, limits, patience, temporary, access, others, tls);
    }
}
