package io.flarepath.api.server;

import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The files by which the server speaks TLS, all PEM; read at the start.
 *
 * @param certificate the server's, and its chain
 * @param key of the certificate
 * @param clientCa authorities of the certificates that clients must show; empty when they need none
 */
public record TlsFiles(Path certificate, Path key, Optional<Path> clientCa) {

    /** Refuses files that cannot be read. */
    public TlsFiles {
        check("tls.certificate", certificate);
        check("tls.key", key);
        clientCa.ifPresent(file -> check("tls.client-ca", file));
    }

    private static void check(String setting, Path file) {
        if (!Files.isReadable(file)) {
            throw new StartRefused(
                    "the file "
                            + file
                            + " (setting "
                            + setting
                            + ") cannot be read: name one that"
                            + " this user may read");
        }
    }

    void apply(HttpServerOptions http) {
        http.setSsl(true)
                .setUseAlpn(true)
                .setKeyCertOptions(
                        new PemKeyCertOptions()
                                .setCertPath(certificate.toString())
                                .setKeyPath(key.toString()));
        clientCa.ifPresent(file ->
                http.setClientAuth(ClientAuth.REQUIRED)
                        .setTrustOptions(new PemTrustOptions().addCertPath(file.toString())));
    }
}
