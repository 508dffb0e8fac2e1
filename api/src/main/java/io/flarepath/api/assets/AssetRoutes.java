package io.flarepath.api.assets;

import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.BlockingCalls;
import io.flarepath.api.server.JsonAnswer;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Serves the page: the index at / and at the page's own routes, its files, and the description of
 * the interface. What is under /api is never answered with the index.
 */
public final class AssetRoutes {
    private static final String INDEX = "index.html";
    private static final String DESCRIPTION = "openapi.yaml";
    private static final List<String> PAGES = List.of("/", "/explore", "/compare");

    /** Only names with an ending: GET of another part's POST route must stay a 405. */
    private static final String FILES =
            "/(?:assets/)?[^/]+\\.(?:" + String.join("|", Asset.endings()) + ")";

    private static final Map<String, String> SECURITY =
            Map.of(
                    "Content-Security-Policy", "default-src 'self'",
                    "X-Content-Type-Options", "nosniff",
                    "Referrer-Policy", "no-referrer");

    private final BlockingCalls calls;
    private final ClassLoader classes;

    /** Files that were asked for; bounded by what is on the class path. */
    private final Map<String, Asset> loaded = new ConcurrentHashMap<>();

    /** Routes over the service's own class path. */
    public AssetRoutes(BlockingCalls calls) {
        this(calls, AssetRoutes.class.getClassLoader());
    }

    AssetRoutes(BlockingCalls calls, ClassLoader classes) {
        this.calls = calls;
        this.classes = classes;
    }

    /** Puts the routes on a router, behind all others. */
    public void mount(Router router) {
        router.get("/api/v1/openapi.yaml").handler(this::description);
        for (String page : PAGES) {
            readable(router, page).handler(context -> serve(context, INDEX));
        }
        router.routeWithRegex(FILES)
                .method(HttpMethod.GET)
                .method(HttpMethod.HEAD)
                .last()
                .handler(this::file);
    }

    private static io.vertx.ext.web.Route readable(Router router, String path) {
        return router.route(path).method(HttpMethod.GET).method(HttpMethod.HEAD);
    }

    private void file(RoutingContext context) {
        String path = context.normalizedPath().substring(1);
        if (Asset.contentType(path) == null) {
            context.fail(absent(context));
            return;
        }
        serve(context, path);
    }

    private void serve(RoutingContext context, String path) {
        Asset known = loaded.get(path);
        if (known != null) {
            send(context, known);
            return;
        }
        calls.call(() -> java.util.Optional.ofNullable(Asset.load(classes, path)))
                .onSuccess(asset -> {
                    if (asset.isEmpty()) {
                        context.fail(absent(context));
                    } else {
                        loaded.put(path, asset.get());
                        send(context, asset.get());
                    }
                })
                .onFailure(context::fail);
    }

    private static ApiError absent(RoutingContext context) {
        return new ApiError(404, "not_found", "there is no " + context.normalizedPath());
    }

    private static void send(RoutingContext context, Asset asset) {
        HttpServerResponse response = context.response();
        if (response.closed() || response.ended()) {
            return;
        }
        MultiMap headers = response.headers();
        SECURITY.forEach((name, value) -> {
            if (!headers.contains(name)) {
                headers.set(name, value);
            }
        });
        headers.set("Content-Type", asset.contentType());
        headers.set(
                "Cache-Control",
                asset.hashed() ? "public, max-age=31536000, immutable" : "no-cache");
        headers.set("Vary", "Accept-Encoding");
        byte[] body = asset.plain();
        byte[] gzip = asset.gzip();
        if (gzip != null
                && JsonAnswer.acceptsGzip(context.request().getHeader("Accept-Encoding"))) {
            headers.set("Content-Encoding", "gzip");
            body = gzip;
        }
        headers.set("Content-Length", Integer.toString(body.length));
        if (HttpMethod.HEAD.equals(context.request().method())) {
            response.end().onFailure(gone -> {});
        } else {
            response.end(Buffer.buffer(body)).onFailure(gone -> {});
        }
    }

    private void description(RoutingContext context) {
        calls.call(this::readDescription)
                .onSuccess(bytes ->
                        context.response()
                                .putHeader("Content-Type", "application/yaml")
                                .putHeader("Cache-Control", "no-cache")
                                .end(Buffer.buffer(bytes))
                                .onFailure(gone -> {}))
                .onFailure(context::fail);
    }

    private byte[] readDescription() throws IOException {
        try (InputStream in = classes.getResourceAsStream(DESCRIPTION)) {
            if (in == null) {
                throw new IOException(DESCRIPTION + " is missing on the class path");
            }
            return in.readAllBytes();
        }
    }
}
