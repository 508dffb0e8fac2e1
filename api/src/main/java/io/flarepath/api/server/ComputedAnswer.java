package io.flarepath.api.server;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;

/**
 * Computes an answer off the event loop, compresses it for clients that accept gzip, and sends it.
 * Nothing is sent before all is computed, so that a failure is still answered as one.
 */
public final class ComputedAnswer {
    private static final int WORTH_COMPRESSING = 1_400;

    private ComputedAnswer() {}

    /** Computes the answer; runs on a worker, may block. */
    @FunctionalInterface
    public interface Body {
        /** The bytes, not compressed for the way. */
        byte[] bytes() throws IOException;
    }

    /** The encoded answer. */
    private record Encoded(byte[] bytes, boolean gzip) {}

    /** Answers with 200 and the body; failures go to the router's failure handler. */
    public static void send(
            RoutingContext context, BlockingCalls calls, String contentType, Body body) {
        sent(context, calls, contentType, body).onFailure(context::fail);
    }

    /** Like {@link #send}, but the caller answers failures. */
    public static Future<Void> sent(
            RoutingContext context, BlockingCalls calls, String contentType, Body body) {
        boolean gzip = JsonAnswer.acceptsGzip(context.request().getHeader("Accept-Encoding"));
        return calls.answer(context, () -> encode(body, gzip))
                .map(encoded -> {
                    respond(context, contentType, encoded);
                    return null;
                });
    }

    private static Encoded encode(Body body, boolean gzip) throws IOException {
        byte[] plain = body.bytes();
        boolean packed = plain.length > 1 && plain[0] == 0x1f && plain[1] == (byte) 0x8b;
        return gzip && !packed && plain.length >= WORTH_COMPRESSING
                ? new Encoded(JsonAnswer.compress(plain), true)
                : new Encoded(plain, false);
    }

    private static void respond(RoutingContext context, String contentType, Encoded encoded) {
        HttpServerResponse response = context.response();
        if (response.closed() || response.ended()) {
            return;
        }
        response.putHeader("Content-Type", contentType)
                .putHeader("Cache-Control", "no-store")
                .putHeader("Vary", "Accept-Encoding");
        if (encoded.gzip) {
            response.putHeader("Content-Encoding", "gzip");
        }
        response.end(Buffer.buffer(encoded.bytes)).onFailure(gone -> {});
    }
}
