package io.flarepath.api.server;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;

/**
 * Sends an answer that the client can read although it still sends its body. Closing at once would
 * make the kernel reset the connection, and the client would lose what we said; so the answer goes
 * out whole, what still comes is read and thrown away up to a bound, and only then we hang up.
 */
final class EarlyAnswer {
    /** More than a client sends before it looks at what came back. */
    private static final long DISCARD_BYTES = 512L << 20;

    private static final long DISCARD_MILLIS = 8_000;

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Vertx vertx;
    private final boolean http1;
    private long discarded;
    private long timer;
    private boolean finished;

    private EarlyAnswer(RoutingContext context) {
        this.request = context.request();
        this.response = context.response();
        this.vertx = context.vertx();
        this.http1 = request.version() != HttpVersion.HTTP_2;
    }

    /** Sends head and body; status and headers have been set. */
    static void send(RoutingContext context, Buffer body) {
        if (context.request().isEnded() || !announcesBody(context.request())) {
            context.response().end(body).onFailure(gone -> {});
            return;
        }
        new EarlyAnswer(context).sendAndDiscard(body);
    }

    private static boolean announcesBody(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        return request.version() == HttpVersion.HTTP_2
                ? !request.isEnded()
                : request.getHeader("Transfer-Encoding") != null
                        || (length != null && !length.equals("0"));
    }

    private void sendAndDiscard(Buffer body) {
        response.putHeader("Content-Length", Integer.toString(body.length()));
        if (http1) {
            response.putHeader("Connection", "close");
        }
        timer = vertx.setTimer(DISCARD_MILLIS, ignored -> finish());
        request.handler(this::discard);
        request.endHandler(ignored -> finish());
        request.exceptionHandler(gone -> finish());
        response.write(body).onFailure(gone -> finish());
        request.resume();
    }

    private void discard(Buffer chunk) {
        discarded += chunk.length();
        if (discarded > DISCARD_BYTES) {
            finish();
        }
    }

    private void finish() {
        if (finished) {
            return;
        }
        finished = true;
        vertx.cancelTimer(timer);
        if (!response.ended() && !response.closed()) {
            response.end().onComplete(ignored -> hangUp());
        }
    }

    private void hangUp() {
        if (http1) {
            request.connection().close();
        } else if (!request.isEnded()) {
            response.reset(0);
        }
    }
}
