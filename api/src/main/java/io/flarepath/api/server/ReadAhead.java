package io.flarepath.api.server;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.Http1xServerConnection;

/**
 * How much is taken out of a socket before anybody wants it. A paused request of Vert.x goes on to
 * read some 128 KiB into the heap: as much as most bodies have. Of HTTP/2 nothing is done here,
 * since one connection has many requests, and each a window. On the connection's event loop.
 */
final class ReadAhead {
    private static final int LEAST_BYTES = 64;
    private static final int FIRST_BYTES = 2 << 10;
    private static final int MOST_BYTES = 16 << 10;

    private ReadAhead() {}

    /** Bounds what one read of a connection takes. */
    static void bound(HttpConnection connection) {
        if (connection instanceof Http1xServerConnection open) {
            open.channel()
                    .config()
                    .setRecvByteBufAllocator(
                            new AdaptiveRecvByteBufAllocator(LEAST_BYTES, FIRST_BYTES, MOST_BYTES));
        }
    }

    /** Leaves in the socket what has not been read yet. */
    static void stop(HttpConnection connection) {
        if (connection instanceof Http1xServerConnection open) {
            open.doPause();
        }
    }

    /** Reads on. */
    static void goOn(HttpConnection connection) {
        if (connection instanceof Http1xServerConnection open) {
            open.doResume();
        }
    }
}
