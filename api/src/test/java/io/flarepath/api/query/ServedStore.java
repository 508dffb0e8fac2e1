package io.flarepath.api.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.api.agents.Agents;
import io.flarepath.api.contract.Answer;
import io.flarepath.api.contract.CheckedHttp;
import io.flarepath.api.query.connect.AdHocLimits;
import io.flarepath.api.query.connect.AdHocRoutes;
import io.flarepath.api.query.request.QueryLimits;
import io.flarepath.api.server.ApiServer;
import io.flarepath.api.server.BodyReader;
import io.flarepath.api.server.Limits;
import io.flarepath.api.server.ServerOptions;
import io.flarepath.api.server.Tenant;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.RocksDbProfileStore;
import io.flarepath.store.StoreOptions;
import io.flarepath.store.profile.Profile;
import java.net.BindException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A service on a free port over a real store in a directory; closing checks the event loops. */
public final class ServedStore implements AutoCloseable {
    /** Most nodes of a query here. */
    public static final int MAX_NODES = 65_536;

    /** What may be uploaded here to be looked at. */
    public static final AdHocLimits AD_HOC = new AdHocLimits(64 << 10, 160 << 10);

    private final WatchedStore store;
    private final ApiServer server;
    private final CheckedHttp http;

    /** Starts an empty store and the routes that read. */
    public ServedStore(Path directory) {
        this(directory, false);
    }

    /** Starts; with or without several tenants. */
    public ServedStore(Path directory, boolean multitenancy) {
        this.store = new WatchedStore(open(directory.resolve("store")));
        ServerOptions options =
                new ServerOptions(
                        "127.0.0.1",
                        0,
                        multitenancy,
                        Limits.DEFAULT,
                        BodyReader.Patience.DEFAULT,
                        directory.resolve("bodies"));
        this.server = new ApiServer(options, store);
        Agents agents = new Agents();
        try {
            int port =
                    server.start(
                            List.of(
                                    services ->
                                            new QueryRoutes(
                                                    services.store(),
                                                    services.query(),
                                                    agents,
                                                    QueryLimits.ofNodes(MAX_NODES)),
                                    services ->
                                            new AdHocRoutes(
                                                    services,
                                                    options,
                                                    services.query(),
                                                    QueryLimits.ofNodes(MAX_NODES),
                                                    AD_HOC)));
            this.http = new CheckedHttp(port);
        } catch (BindException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ProfileStore open(Path directory) {
        return RocksDbProfileStore.open(
                directory,
                StoreOptions.defaults()
                        .withRetention(Duration.ofDays(36_500), Duration.ofHours(1)));
    }

    /** The client. */
    public CheckedHttp http() {
        return http;
    }

    /** GET. */
    public Answer get(String pathAndQuery) {
        return http.get(pathAndQuery);
    }

    /** The store. */
    public ProfileStore store() {
        return store;
    }

    /** Stores profiles. */
    public void write(Profile... profiles) {
        store.write(Tenant.ANONYMOUS, List.of(profiles));
    }

    @Override
    public void close() {
        http.close();
        server.close();
        assertThat(store.offences()).as("calls of the store from event loops").isEmpty();
    }
}
