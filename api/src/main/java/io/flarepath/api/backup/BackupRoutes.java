package io.flarepath.api.backup;

import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.ApiServer;
import io.flarepath.api.server.BlockingCalls;
import io.flarepath.store.Checkpoint;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /api/v1/backup}: all data of all tenants, as one archive. Whoever asks keeps it: the
 * server writes no file anywhere that a client has named.
 */
public final class BackupRoutes implements ApiServer.Routes {
    private static final Logger LOG = LoggerFactory.getLogger(BackupRoutes.class);

    /** What a proxy adds for the client behind it. */
    private static final List<String> OF_PROXIES =
            List.of("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via");

    private final Vertx vertx;
    private final Supplier<Checkpoint> checkpoints;
    private final Path symbols;
    private final boolean remote;
    private final BlockingCalls calls;

    /**
     * The route of backups.
     *
     * @param checkpoints makes a checkpoint of the store
     * @param symbols the folder with a folder of symbol files for each tenant
     * @param remote whether others than this machine may ask ({@code backup.remote})
     * @param calls where it is read and sent; one thread, since each holds its files on the disk
     */
    public BackupRoutes(
            Vertx vertx,
            Supplier<Checkpoint> checkpoints,
            Path symbols,
            boolean remote,
            BlockingCalls calls) {
        this.vertx = vertx;
        this.checkpoints = checkpoints;
        this.symbols = symbols;
        this.remote = remote;
        this.calls = calls;
    }

    @Override
    public void mount(Router router) {
        router.post("/api/v1/backup").handler(this::backup);
    }

    private void backup(RoutingContext context) {
        if (!remote && !isOfThisMachine(context.request())) {
            throw new ApiError(
                    403,
                    "permission_denied",
                    "a backup holds the data of all tenants, and is given to this machine alone, not"
                            + " through a proxy: ask from there, or set backup.remote=true");
        }
        Context loop = vertx.getOrCreateContext();
        calls.call(
                        () -> {
                            send(context.response(), loop);
                            return null;
                        })
                .onSuccess(sent -> context.response().end())
                .onFailure(failure -> failed(context, failure));
    }

    private static boolean isOfThisMachine(HttpServerRequest request) {
        SocketAddress client = request.remoteAddress();
        return client != null
                && isLoopback(client.hostAddress())
                && OF_PROXIES.stream().noneMatch(request.headers()::contains);
    }

    private static boolean isLoopback(@Nullable String address) {
        try {
            // An address in digits is not looked up anywhere.
            return address != null && InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private void send(HttpServerResponse response, Context loop) throws IOException {
        long began = System.nanoTime();
        Instant taken = Instant.now();
        try (Checkpoint checkpoint = checkpoints.get()) {
            loop.runOnContext(ignored ->
                    response.setChunked(true)
                            .putHeader("Content-Type", "application/x-tar")
                            .putHeader("Content-Encoding", "identity")
                            .putHeader("Cache-Control", "no-store"));
            try (ResponseStream out = new ResponseStream(loop, response)) {
                BackupWriter.write(checkpoint, taken, symbols, out);
            }
        }
        LOG.info("a backup was sent within {} ms", (System.nanoTime() - began) / 1_000_000);
    }

    /** What has been sent in part cannot become an error: the client must see that it was cut. */
    private static void failed(RoutingContext context, Throwable failure) {
        HttpServerResponse response = context.response();
        if (response.headWritten()) {
            LOG.warn("a backup was cut: {}", failure.toString());
            var _ = response.reset();
        } else {
            context.fail(failure);
        }
    }
}
