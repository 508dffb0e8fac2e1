package io.flarepath.api;

import io.flarepath.api.agents.Agents;
import io.flarepath.api.ingest.IngestRoutes;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.query.QueryRoutes;
import io.flarepath.api.query.request.QueryLimits;
import io.flarepath.api.server.ApiServer;
import io.flarepath.api.server.BodyReader;
import io.flarepath.api.server.Limits;
import io.flarepath.api.server.ServerOptions;
import io.flarepath.config.Address;
import io.flarepath.config.Configuration;
import io.flarepath.config.Setting;
import io.flarepath.store.Durability;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.RocksDbProfileStore;
import io.flarepath.store.StoreOptions;
import java.net.BindException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The whole service, from its configuration: store, server, and all routes. */
public final class Service implements AutoCloseable {
    private final ApiServer server;
    private final String url;

    private Service(ApiServer server, String url) {
        this.server = server;
        this.url = url;
    }

    /**
     * Opens the store and listens.
     *
     * @throws BindException when the address is taken
     * @throws io.flarepath.store.StoreException when the store cannot be opened
     */
    public static Service start(Configuration configuration) throws BindException {
        Path directory = configuration.path(Setting.DATA).resolve("store");
        ProfileStore store = RocksDbProfileStore.open(directory, storeOptions(configuration));
        Limits limits = limits(configuration);
        Address address = configuration.address(Setting.LISTEN);
        ServerOptions options =
                new ServerOptions(
                        address.host(),
                        address.port(),
                        configuration.flag(Setting.MULTITENANCY),
                        limits,
                        BodyReader.Patience.DEFAULT,
                        directory.resolve("bodies"));
        ApiServer server = new ApiServer(options, store);
        try {
            int port =
                    server.start(
                            List.of(
                                    services -> ingest(services, limits, configuration),
                                    services -> query(services, configuration)));
            return new Service(server, "http://" + new Address(shown(address.host()), port));
        } catch (BindException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private static ApiServer.Routes ingest(
            ApiServer.Services services, Limits limits, Configuration configuration) {
        UploadClock clock =
                new UploadClock(
                        UploadClock::systemNanos, configuration.duration(Setting.RETENTION));
        return new IngestRoutes(services, limits, clock);
    }

    private static ApiServer.Routes query(
            ApiServer.Services services, Configuration configuration) {
        return new QueryRoutes(
                services.store(),
                services.query(),
                new Agents(),
                QueryLimits.ofNodes(configuration.integer(Setting.LIMITS_QUERY_NODES)));
    }

    private static StoreOptions storeOptions(Configuration configuration) {
        StoreOptions defaults = StoreOptions.defaults();
        String durability = configuration.text(Setting.DURABILITY).toUpperCase(Locale.ROOT);
        // Uploads take a quarter of the heap and answers some more: a quarter is for dictionaries.
        long dictionaries =
                Math.min(defaults.dictionaryBytes(), Runtime.getRuntime().maxMemory() / 4);
        return defaults.withDurability(Durability.valueOf(durability))
                .withRetention(
                        configuration.duration(Setting.RETENTION), defaults.retentionInterval())
                .withDictionaries(dictionaries, defaults.dictionaryNodes());
    }

    private static Limits limits(Configuration configuration) {
        return new Limits(
                configuration.bytes(Setting.LIMITS_BODY),
                configuration.bytes(Setting.LIMITS_INFLATED),
                configuration.integer(Setting.LIMITS_STACK_FRAMES),
                configuration.integer(Setting.LIMITS_STACK_REFUSED),
                configuration.integer(Setting.LIMITS_LABELS),
                configuration.integer(Setting.LIMITS_LABEL_NAME),
                configuration.integer(Setting.LIMITS_LABEL_VALUE),
                configuration.integer(Setting.LIMITS_PENDING));
    }

    /** An address that a browser on this machine can open. */
    private static String shown(String host) {
        return host.equals("0.0.0.0") || host.equals("::") ? "localhost" : host;
    }

    /** Where the page is. */
    public String url() {
        return url;
    }

    /** Stops within five seconds. */
    @Override
    public void close() {
        server.close();
    }
}
