package io.flarepath.api.server;

import io.flarepath.store.ProfileStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.net.BindException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server: HTTP/1.1, HTTP/2 in clear text (by prior knowledge and by upgrade), and gRPC on
 * the same port. Owns the event loops, the pools and the store, and closes them in order.
 */
public final class ApiServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);
    private static final long STOP_SECONDS = 5;

    private final ServerOptions options;

    /** How many of the largest recordings may lie in files at once. */
    private static final long RECORDINGS = 2;

    private final ProfileStore store;
    private final Vertx vertx;
    private final Services services;
    private final OperationRoutes operations;
    private final ConnectionWatch connections;
    private final List<HttpServer> listening = new ArrayList<>();

    /** Something that answers requests. */
    @FunctionalInterface
    public interface Routes {
        /** Adds the routes. */
        void mount(Router router);
    }

    /**
     * What the server lends to those that answer requests.
     *
     * @param vertx the event loops
     * @param store the profiles; closed by the server
     * @param ingest pool for uploads
     * @param query pool for questions, so that a storm of uploads does not silence the page
     * @param bodies reads bodies
     * @param files takes what is read by position and is too large for memory
     * @param memory what uploads may hold in memory
     * @param rate how fast tenants may send
     * @param metrics counters
     */
    public record Services(
            Vertx vertx,
            ProfileStore store,
            BlockingCalls ingest,
            BlockingCalls query,
            BodyReader bodies,
            TemporaryFiles files,
            MemoryBudget memory,
            IngestRate rate,
            ServerMetrics metrics) {}

    /** A server that does not listen yet. */
    public ApiServer(ServerOptions options, ProfileStore store) {
        this.options = options;
        this.store = store;
        this.connections = new ConnectionWatch(options.connections());
        this.vertx = Vertx.builder().withTransport(new WatchedTransport(connections)).build();
        BodyReader.sweep(vertx, options.temporary());
        MemoryBudget memory = new MemoryBudget("uploads", Runtime.getRuntime().maxMemory() / 4);
        this.services =
                new Services(
                        vertx,
                        store,
                        new BlockingCalls(
                                vertx,
                                "ingest",
                                BlockingCalls.computingThreads(),
                                options.limits().pending()),
                        new BlockingCalls(vertx, "query", BlockingCalls.waitingThreads(), 256),
                        new BodyReader(
                                options.limits().bodyBytes(),
                                options.limits().pending(),
                                memory,
                                options.temporary(),
                                options.patience()),
                        new TemporaryFiles(
                                options.temporary(),
                                RECORDINGS * options.limits().recordingBytes()),
                        memory,
                        new IngestRate(options.limits().ingestion(), System::nanoTime),
                        new ServerMetrics());
        services.metrics().watch("ingest", services.ingest());
        services.metrics().watch("query", services.query());
        services.metrics().watch(memory);
        services.metrics().watch(store);
        services.metrics().watch(connections);
        this.operations = new OperationRoutes(store, services.query(), services.metrics());
    }

    /**
     * Mounts the routes, and those by which the server itself is watched, and listens.
     *
     * @param parts each is given the services and adds its routes
     * @return the port
     * @throws BindException when the address is taken or is not ours
     */
    public int start(List<Function<Services, Routes>> parts) throws BindException {
        Router router = router();
        operations.mount(router);
        return listen(router, parts, options.host(), options.port());
    }

    /**
     * Listens at one more address, for these routes alone.
     *
     * @return the port
     * @throws BindException when the address is taken or is not ours
     */
    public int alsoListen(String host, int port, List<Function<Services, Routes>> parts)
            throws BindException {
        return listen(router(), parts, host, port);
    }

    private Router router() {
        Router router = Router.router(vertx);
        router.route().handler(services.metrics()::observe);
        router.route().handler(SecurityHeaders::add);
        router.route().handler(connections.rule());
        router.route().handler(Tenant.rule(options.multitenancy()));
        router.route().handler(options.access().rule());
        Failures.install(router);
        return router;
    }

    private int listen(Router router, List<Function<Services, Routes>> parts, String host, int port)
            throws BindException {
        for (Function<Services, Routes> part : parts) {
            part.apply(services).mount(router);
        }
        HttpServer created = vertx.createHttpServer(httpOptions()).requestHandler(router);
        created.connectionHandler(ReadAhead::bound);
        connections.over(created);
        int bound = await(created.listen(port, host), 10).actualPort();
        listening.add(created);
        return bound;
    }

    /** Whether it speaks TLS. */
    public boolean isSecure() {
        return options.tls() != null;
    }

    private HttpServerOptions httpOptions() {
        HttpServerOptions http =
                new HttpServerOptions()
                        .setHttp2ClearTextEnabled(true)
                        .setMaxInitialLineLength(128 << 10)
                        .setMaxHeaderSize(32 << 10)
                        .setHandle100ContinueAutomatically(false)
                        .setCompressionSupported(true)
                        .setReuseAddress(true)
                        .setTcpNoDelay(true)
                        .setIdleTimeout(Math.toIntExact(options.connections().idle().toMillis()))
                        .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                        .setHttp2ConnectionWindowSize(8 << 20);
        http.getInitialSettings().setInitialWindowSize(1 << 20).setMaxHeaderListSize(32 << 10);
        TlsFiles tls = options.tls();
        if (tls != null) {
            tls.apply(http);
        }
        return http;
    }

    /** What the server lends; for those that start it. */
    public Services services() {
        return services;
    }

    private static <T> T await(Future<T> future, long seconds) throws BindException {
        try {
            return future.toCompletionStage().toCompletableFuture().get(seconds, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                // The native transport has an exception of its own for an address that is taken.
                BindException bind = new BindException(cause.getMessage());
                bind.initCause(cause);
                throw bind;
            }
            throw new IllegalStateException("the server cannot do this", e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("nothing happened for " + seconds + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Stops accepting, answers what is under way, closes the store; at most five seconds. */
    @Override
    public void close() {
        operations.stopping();
        try {
            List<Future<Void>> stopped = new ArrayList<>();
            listening.forEach(each -> stopped.add(each.shutdown(2, TimeUnit.SECONDS)));
            await(Future.all(stopped), STOP_SECONDS);
        } catch (BindException | IllegalStateException e) {
            LOG.warn("the server did not stop listening in order: {}", e.getMessage());
        }
        services.ingest().close();
        services.query().close();
        store.close();
        services.metrics().close();
        try {
            await(vertx.close(), STOP_SECONDS);
        } catch (BindException | IllegalStateException e) {
            LOG.warn("the event loops did not stop in order: {}", e.getMessage());
        }
    }
}
