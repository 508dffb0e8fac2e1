package io.flarepath.api.server;

import static io.netty.channel.ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.io.Serial;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Counts connections, of all addresses together, and hangs up on those that send no complete
 * request head for a while: an idle timeout alone is fooled by one byte now and then. It sees them
 * as they are accepted, whatever is said on them.
 *
 * <p>Beyond the most that may be open, some more are kept for as long as it takes to tell them so;
 * what comes beyond those is closed without a word.
 */
@ChannelHandler.Sharable
final class ConnectionWatch extends ChannelInboundHandlerAdapter {
    /** How many are told at once that there are too many. */
    private static final int TOLD = 64;

    /** How long one of these need not ask. */
    private static final long TELLING_MILLIS = 2_000;

    private static final int RETRY_SECONDS = 5;

    private final ConnectionRules rules;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong refusals = new AtomicLong();
    private final ConcurrentMap<Ends, Future<?>> silent = new ConcurrentHashMap<>();
    private final Set<Ends> refused = ConcurrentHashMap.newKeySet();

    /** By which one connection is the same for those who accept and for those who answer. */
    private record Ends(String host, int port, int ourPort) {
        static @Nullable Ends of(Channel channel) {
            return channel.remoteAddress() instanceof InetSocketAddress theirs
                            && channel.localAddress() instanceof InetSocketAddress ours
                    ? new Ends(
                            theirs.getAddress().getHostAddress(), theirs.getPort(), ours.getPort())
                    : null;
        }

        static Ends of(HttpConnection connection) {
            return new Ends(
                    connection.remoteAddress().hostAddress(),
                    connection.remoteAddress().port(),
                    connection.localAddress().port());
        }
    }

    /** A watch over no server yet. */
    ConnectionWatch(ConnectionRules rules) {
        this.rules = rules;
    }

    /** Hears the requests of a server whose request handler has been set. */
    void over(HttpServer server) {
        Handler<HttpServerRequest> inner = server.requestHandler();
        server.requestHandler(request -> {
            heard(Ends.of(request.connection()));
            inner.handle(request);
        });
    }

    /** A listening socket has accepted a connection, which nobody has looked at yet. */
    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
        if (accepted instanceof Channel connection && !takes(connection)) {
            connection.unsafe().closeForcibly();
            return;
        }
        context.fireChannelRead(accepted);
    }

    private boolean takes(Channel connection) {
        int now = open.incrementAndGet();
        boolean beyond = now > rules.most();
        if (beyond) {
            refusals.incrementAndGet();
        }
        Ends ends = Ends.of(connection);
        // Without ends it is gone already.
        if (now > rules.most() + TOLD || ends == null) {
            open.decrementAndGet();
            return false;
        }
        if (beyond) {
            refused.add(ends);
        }
        long patience = beyond ? TELLING_MILLIS : rules.head().toMillis();
        silent.put(
                ends,
                connection
                        .parent()
                        .eventLoop()
                        .schedule(
                                () -> {
                                    if (silent.remove(ends) != null) {
                                        connection.close().addListener(FIRE_EXCEPTION_ON_FAILURE);
                                    }
                                },
                                patience,
                                TimeUnit.MILLISECONDS));
        connection
                .closeFuture()
                .addListener(closed -> {
                    open.decrementAndGet();
                    refused.remove(ends);
                    heard(ends);
                });
        return true;
    }

    private void heard(Ends ends) {
        Future<?> timer = silent.remove(ends);
        if (timer != null) {
            timer.cancel(false);
        }
    }

    /** The handler that has to run before all that answer: it refuses what is beyond the bound. */
    Handler<RoutingContext> rule() {
        return context -> {
            HttpServerRequest request = context.request();
            if (refused.isEmpty() || !refused.contains(Ends.of(request.connection()))) {
                context.next();
                return;
            }
            if (request.version() != HttpVersion.HTTP_2) {
                context.response().putHeader("Connection", "close");
            }
            context.addEndHandler(sent -> request.connection().close());
            throw new TooManyConnections(rules.most());
        };
    }

    /** A refusal after which it may be tried again soon. */
    private static final class TooManyConnections extends ApiError {
        @Serial private static final long serialVersionUID = 1L;

        TooManyConnections(int most) {
            super(
                    503,
                    "unavailable",
                    most
                            + " connections are open, which is the limit (setting"
                            + " limits.connections): reuse connections, or close those that are"
                            + " not needed");
        }

        @Override
        public int retryAfterSeconds() {
            return RETRY_SECONDS;
        }
    }

    /** How many are open. */
    int open() {
        return open.get();
    }

    /** How many came beyond the bound. */
    long refusals() {
        return refusals.get();
    }
}
