package io.flarepath.api.server;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Hangs up on connections that send no complete request head for a while: an idle timeout alone is
 * fooled by one byte now and then.
 */
final class ConnectionWatch {
    /**
     * More than the 90 s for which Go's client keeps a connection that it opened and then did not
     * need, since another became free: closed by us just when it is used at last, the request would
     * be answered with a reset.
     */
    private static final long HEAD_MILLIS = 120_000;

    private final Vertx vertx;
    private final ConcurrentMap<HttpConnection, Long> silent = new ConcurrentHashMap<>();

    /** Watches a server whose request handler has been set. */
    ConnectionWatch(Vertx vertx, HttpServer server) {
        this.vertx = vertx;
        Handler<HttpServerRequest> inner = server.requestHandler();
        server.requestHandler(request -> {
            heard(request.connection());
            inner.handle(request);
        });
    }

    void opened(HttpConnection connection) {
        silent.put(
                connection,
                vertx.setTimer(
                        HEAD_MILLIS,
                        ignored -> {
                            if (silent.remove(connection) != null) {
                                connection.close();
                            }
                        }));
        connection.closeHandler(ignored -> heard(connection));
    }

    private void heard(HttpConnection connection) {
        Long timer = silent.remove(connection);
        if (timer != null) {
            vertx.cancelTimer(timer);
        }
    }
}
