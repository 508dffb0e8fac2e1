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
        @Nullable TlsFiles tls) {

    /** In clear text, and open to everybody. */
    public ServerOptions(
            String host,
            int port,
            boolean multitenancy,
            Limits limits,
            BodyReader.Patience patience,
            Path temporary) {
        this(host, port, multitenancy, limits, patience, temporary, Access.OPEN, null);
    }
}
