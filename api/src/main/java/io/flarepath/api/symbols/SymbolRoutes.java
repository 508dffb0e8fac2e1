package io.flarepath.api.symbols;

import io.flarepath.api.server.ApiServer;
import io.flarepath.api.server.BlockingCalls;
import io.flarepath.api.server.BodyReader;
import io.flarepath.api.server.Failures;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.api.server.RequestBody;
import io.flarepath.api.server.Tenant;
import io.flarepath.store.ProfileStore;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** {@code POST /api/v1/symbols}: a debug file, which names the frames of its build. */
public final class SymbolRoutes implements ApiServer.Routes {
    /** Well below the time after which the server, and others between, hang up on a silent one. */
    private static final long SIGN_OF_LIFE_MILLIS = 20_000;

    private final PushedSymbols symbols;
    private final Vertx vertx;
    private final ProfileStore store;
    private final BodyReader bodies;
    private final BlockingCalls calls;

    /**
     * Routes that keep what is pushed.
     *
     * @param bodies reads bodies up to the limit of a debug file
     * @param calls where a file is compiled, one thread
     */
    public SymbolRoutes(
            PushedSymbols symbols,
            Vertx vertx,
            ProfileStore store,
            BodyReader bodies,
            BlockingCalls calls) {
        this.symbols = symbols;
        this.vertx = vertx;
        this.store = store;
        this.bodies = bodies;
        this.calls = calls;
    }

    @Override
    public void mount(Router router) {
        router.post("/api/v1/symbols").handler(this::push);
    }

    private void push(RoutingContext context) {
        String tenant = Tenant.of(context);
        bodies.read(context)
                .compose(body -> compile(context, tenant, body))
                .onFailure(failure -> Failures.send(context, Failures.errorOf(failure, context)));
    }

    private Future<Void> compile(RoutingContext context, String tenant, RequestBody body) {
        long timer = vertx.setPeriodic(SIGN_OF_LIFE_MILLIS, ignored -> signOfLife(context));
        return JsonAnswer.sent(
                        context,
                        calls,
                        json -> {
                            try (body) {
                                symbols.push(tenant, body, store).write(json);
                            }
                        })
                .onComplete(done -> vertx.cancelTimer(timer))
                .onFailure(refused -> release(body));
    }

    /** Compiling is silent and may be long; an interim answer tells that somebody is at it. */
    private static void signOfLife(RoutingContext context) {
        if (context.request().version() != HttpVersion.HTTP_1_0 && !context.response().closed()) {
            context.response().writeEarlyHints(MultiMap.caseInsensitiveMultiMap());
        }
    }

    /** Work that the pool refused never closed its body; closing twice does no harm. */
    private void release(RequestBody body) {
        vertx.executeBlocking(() -> {
            body.close();
            return null;
        });
    }
}
