package io.flarepath.api;

import io.flarepath.api.server.Access;
import io.flarepath.api.server.StartRefused;
import io.flarepath.api.server.TlsFiles;
import io.flarepath.config.Address;
import io.flarepath.config.Configuration;
import io.flarepath.config.Setting;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides from the settings whether requests need a token, and whether the server may start. */
final class Exposure {
    private static final Logger LOG = LoggerFactory.getLogger(Exposure.class);
    private static final List<Setting> ADDRESSES =
            List.of(Setting.LISTEN, Setting.OTLP_GRPC_LISTEN, Setting.OTLP_HTTP_LISTEN);

    private Exposure() {}

    /**
     * Who may do what.
     *
     * @throws StartRefused when others could reach a server that asks for nothing
     */
    static Access access(Configuration configuration) {
        Optional<Path> tokens = configuration.optionalPath(Setting.AUTH_TOKENS);
        String mode = configuration.text(Setting.AUTH);
        if (mode.equals("off")) {
            return Access.OPEN;
        }
        Optional<Address> exposed = exposed(configuration);
        if (tokens.isPresent()) {
            if (exposed.isPresent() && tls(configuration) == null) {
                LOG.warn(
                        "tokens come in clear text at {}: set tls.certificate and tls.key, or put a"
                                + " proxy with TLS before it",
                        exposed.get());
            }
            return Access.byTokens(tokens.get());
        }
        if (exposed.isPresent() && configuration.optionalPath(Setting.TLS_CLIENT_CA).isEmpty()) {
            throw new StartRefused(
                    "others can reach "
                            + exposed.get()
                            + ", and nothing asks them for a token. Write auth.tokens: FILE with a"
                            + " line like \"ingest,query * TOKEN\" in the file, or tls.client-ca:"
                            + " FILE, or auth: off if whoever reaches it may read and write"
                            + " everything");
        }
        return Access.OPEN;
    }

    private static Optional<Address> exposed(Configuration configuration) {
        return ADDRESSES.stream()
                .map(configuration::optionalAddress)
                .flatMap(Optional::stream)
                .filter(address -> !isLoopback(address))
                .findFirst();
    }

    private static boolean isLoopback(Address address) {
        try {
            for (InetAddress each : InetAddress.getAllByName(address.host())) {
                if (!each.isLoopbackAddress()) {
                    return false;
                }
            }
            return true;
        } catch (UnknownHostException e) {
            // Listening will say so.
            return false;
        }
    }

    /** The files of TLS, or null when the server speaks none. */
    static @Nullable TlsFiles tls(Configuration configuration) {
        Optional<Path> certificate = configuration.optionalPath(Setting.TLS_CERTIFICATE);
        Optional<Path> key = configuration.optionalPath(Setting.TLS_KEY);
        return certificate.isEmpty() || key.isEmpty()
                ? null
                : new TlsFiles(
                        certificate.get(),
                        key.get(),
                        configuration.optionalPath(Setting.TLS_CLIENT_CA));
    }
}
