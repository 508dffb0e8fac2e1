package io.flarepath.api.server;

import java.nio.file.Path;

/**
 * How the server listens.
 *
 * @param host address to bind
 * @param port port to bind; 0 takes a free one
 * @param multitenancy whether requests name their tenant
 * @param limits limits on what comes in
 * @param patience how slow a client may be
 * @param temporary a directory of the server's own for large bodies; emptied at the start
 */
public record ServerOptions(
        String host,
        int port,
        boolean multitenancy,
        Limits limits,
        BodyReader.Patience patience,
        Path temporary) {}
