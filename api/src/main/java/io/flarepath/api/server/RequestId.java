package io.flarepath.api.server;

import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Names one request, so that what a client was told can be found in the log. */
final class RequestId {
    private static final String KEY = "flarepath.request";

    private RequestId() {}

    /** The id of a request, made at the first call: 16 hexadecimal digits. */
    static String of(@Nullable RoutingContext context) {
        String known = context == null ? null : context.get(KEY);
        if (known != null) {
            return known;
        }
        String id = String.format("%016x", ThreadLocalRandom.current().nextLong());
        if (context != null) {
            context.put(KEY, id);
        }
        return id;
    }

    /** Method and path, without the query: it may hold what must not stand in a log. */
    static String describe(@Nullable RoutingContext context) {
        return context == null
                ? "(no request)"
                : context.request().method() + " " + context.normalizedPath();
    }
}
