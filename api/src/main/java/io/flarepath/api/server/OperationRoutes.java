package io.flarepath.api.server;

import io.flarepath.store.ProfileStore;
import io.flarepath.store.StoreStatistics;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** What those who run the service ask it: {@code /ready}, {@code /metrics}, {@code /version}. */
final class OperationRoutes {
    private final ProfileStore store;
    private final BlockingCalls calls;
    private final ServerMetrics metrics;
    private volatile boolean stopping;

    OperationRoutes(ProfileStore store, BlockingCalls calls, ServerMetrics metrics) {
        this.store = store;
        this.calls = calls;
        this.metrics = metrics;
    }

    void mount(Router router) {
        router.get("/ready").handler(this::ready);
        router.get("/metrics").handler(this::scrape);
        router.get("/version").handler(OperationRoutes::version);
    }

    /** From now on {@code /ready} says no. */
    void stopping() {
        stopping = true;
    }

    private void ready(RoutingContext context) {
        if (stopping) {
            unready(context, "the server is stopping");
            return;
        }
        calls.call(store::statistics)
                .onSuccess(statistics -> isReady(context, statistics))
                .onFailure(failure -> unready(context, String.valueOf(failure.getMessage())));
    }

    private static void isReady(RoutingContext context, StoreStatistics statistics) {
        JsonObject body =
                new JsonObject().put("ready", true).put("profiles", statistics.profiles());
        context.response().putHeader("Content-Type", "application/json").end(body.encode());
    }

    private static void unready(RoutingContext context, String reason) {
        Failures.send(context, new ApiError(503, "unavailable", "not ready: " + reason));
    }

    private void scrape(RoutingContext context) {
        calls.call(() -> metrics.registry().scrape())
                .onSuccess(text ->
                        context.response()
                                .putHeader("Content-Type", "text/plain; version=0.0.4")
                                .end(text))
                .onFailure(context::fail);
    }

    private static void version(RoutingContext context) {
        JsonObject body = new JsonObject().put("version", Version.current());
        context.response().putHeader("Content-Type", "application/json").end(body.encode());
    }
}
