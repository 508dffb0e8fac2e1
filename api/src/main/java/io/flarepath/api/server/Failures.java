package io.flarepath.api.server;

import io.flarepath.store.StoreException;
import io.flarepath.store.query.QueryRefusedException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns every failure of a request into an answer, at one place: {@link ApiError}s as they are, bad
 * arguments as 400, a busy store as 429, and faults of our own as 503 or 500 with an id that also
 * stands in the log.
 */
public final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private static final Pattern PROCEDURE =
            Pattern.compile("/[a-z0-9_.]+\\.v[0-9][a-z0-9]*\\.[A-Za-z0-9_]+/[A-Za-z0-9_]+");

    private Failures() {}

    /** Installs the handlers; 404 and 405 are answered in the same form. */
    public static void install(Router router) {
        router.route().failureHandler(Failures::answer);
        router.errorHandler(404, context -> notFound(context));
        router.errorHandler(405, context -> notAllowed(router, context));
        router.errorHandler(500, Failures::answer);
    }

    private static void answer(RoutingContext context) {
        Throwable failure = context.failure();
        if (failure == null) {
            int status = context.statusCode() < 400 ? 500 : context.statusCode();
            send(context, new ApiError(status, codeOf(status), "HTTP status " + status));
            return;
        }
        send(context, errorOf(failure, context));
    }

    /** The error that a failure is answered with; logs it when it is a fault of ours. */
    public static ApiError errorOf(Throwable failure, @Nullable RoutingContext context) {
        return switch (failure) {
            case ApiError error -> error;
            case StoreException e when e.reason() == StoreException.Reason.BUSY ->
                    new Overloaded("the store is busy: " + e.getMessage());
            case StoreException e -> fault(503, "unavailable", "the store failed", e, context);
            case QueryRefusedException e -> refused(e);
            case IllegalArgumentException e -> ApiError.invalid(String.valueOf(e.getMessage()));
            default -> fault(500, "internal", "the server failed", failure, context);
        };
    }

    private static ApiError refused(QueryRefusedException e) {
        return switch (e.reason()) {
            case ROWS ->
                    new ApiError(
                            422,
                            "resource_exhausted",
                            e.getMessage() + " (the limit is the setting limits.query-rows)");
            case TIME ->
                    new ApiError(
                            504,
                            "deadline_exceeded",
                            e.getMessage() + " (the limit is the setting limits.query-time)");
            // Nobody hears it.
            case CANCELLED -> new ApiError(499, "canceled", String.valueOf(e.getMessage()));
        };
    }

    private static ApiError fault(
            int status,
            String code,
            String what,
            Throwable failure,
            @Nullable RoutingContext context) {
        String id = RequestId.of(context);
        LOG.error("request {} {}: {}", id, RequestId.describe(context), what, failure);
        return new ApiError(
                status, code, what + ", not the request; the server's log has it under " + id);
    }

    /**
     * What looks like a procedure gets the code that Connect gives the status 404 (connectrpc.com,
     * Connect protocol, Error codes), so that its clients fall back as they do elsewhere.
     */
    private static void notFound(RoutingContext context) {
        String path = context.normalizedPath();
        boolean procedure =
                context.request().method().equals(HttpMethod.POST)
                        && PROCEDURE.matcher(path).matches();
        send(
                context,
                new ApiError(
                        404, procedure ? "unimplemented" : "not_found", "there is no " + path));
    }

    private static void notAllowed(Router router, RoutingContext context) {
        Set<String> allowed = new TreeSet<>();
        for (Route route : router.getRoutes()) {
            Set<HttpMethod> methods = route.methods();
            if (methods != null && context.normalizedPath().equals(route.getPath())) {
                methods.forEach(method -> allowed.add(method.name()));
            }
        }
        String list = String.join(", ", allowed);
        if (!allowed.isEmpty()) {
            context.response().putHeader("Allow", list);
        }
        String message =
                context.normalizedPath()
                        + " does not know the method "
                        + context.request().method()
                        + (list.isEmpty() ? "" : "; it knows " + list);
        send(context, new ApiError(405, "unimplemented", message));
    }

    /** Answers with an error at once, also while the client still sends. */
    public static void send(RoutingContext context, ApiError error) {
        HttpServerResponse response = context.response();
        if (response.ended() || response.closed() || response.headWritten()) {
            return;
        }
        response.setStatusCode(error.status()).putHeader("Content-Type", "application/json");
        if (error.retryAfterSeconds() > 0) {
            response.putHeader("Retry-After", Integer.toString(error.retryAfterSeconds()));
        }
        JsonObject body =
                new JsonObject().put("code", error.code()).put("message", error.getMessage());
        EarlyAnswer.send(context, Buffer.buffer(body.encode()));
    }

    /** Sends a body whose head has been set, at once, also while the client still sends. */
    public static void sendEarly(RoutingContext context, Buffer body) {
        EarlyAnswer.send(context, body);
    }

    private static String codeOf(int status) {
        return switch (status) {
            case 401 -> "unauthenticated";
            case 403 -> "permission_denied";
            case 404 -> "not_found";
            case 408 -> "deadline_exceeded";
            case 413, 414, 429, 431 -> "resource_exhausted";
            case 503 -> "unavailable";
            default -> status < 500 ? "invalid_argument" : "internal";
        };
    }
}
