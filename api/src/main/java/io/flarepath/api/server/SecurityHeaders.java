package io.flarepath.api.server;

import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;

/**
 * Headers on every answer. There are none of CORS, on purpose: a page of another origin must not
 * read profiles through the visitor's browser.
 */
final class SecurityHeaders {
    private SecurityHeaders() {}

    static void add(RoutingContext context) {
        MultiMap headers = context.response().headers();
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "DENY");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set(
                "Content-Security-Policy",
                "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline';"
                        + " base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
        context.next();
    }
}
