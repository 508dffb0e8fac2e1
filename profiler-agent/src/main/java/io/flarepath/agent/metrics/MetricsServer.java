package io.flarepath.agent.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.flarepath.config.Address;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Answers {@code GET /metrics} and {@code GET /ready}, and nothing else. */
public final class MetricsServer implements AutoCloseable {
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    static {
        // The only way to bound what a slow or greedy client holds; read once by the JDK's server.
        setDefault("sun.net.httpserver.maxReqTime", "10");
        setDefault("sun.net.httpserver.maxRspTime", "10");
        setDefault("jdk.httpserver.maxConnections", "32");
    }

    private final HttpServer server;
    private final ThreadPoolExecutor threads;
    private final MetricRegistry registry;
    private final Supplier<String> unready;

    private MetricsServer(
            HttpServer server,
            ThreadPoolExecutor threads,
            MetricRegistry registry,
            Supplier<String> unready) {
        this.server = server;
        this.threads = threads;
        this.registry = registry;
        this.unready = unready;
    }

    /**
     * Starts to listen.
     *
     * @param address where
     * @param origin where the setting {@code metrics.listen} was made, for the error
     * @param registry what is shown
     * @param unready why the agent is not ready yet, or empty when it is
     * @throws IOException if the address cannot be bound; names the setting
     */
    public static MetricsServer start(
            Address address, String origin, MetricRegistry registry, Supplier<String> unready)
            throws IOException {
        HttpServer http = bind(address, origin);
        ThreadPoolExecutor threads =
                new ThreadPoolExecutor(
                        2,
                        2,
                        10,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        MetricsServer::thread);
        threads.allowCoreThreadTimeOut(true);
        MetricsServer server = new MetricsServer(http, threads, registry, unready);
        http.createContext("/", server::handle);
        http.setExecutor(threads);
        http.start();
        return server;
    }

    private static HttpServer bind(Address address, String origin) throws IOException {
        InetSocketAddress socket = address.toSocketAddress();
        if (socket.isUnresolved()) {
            throw new IOException(
                    "metrics.listen (%s): the host of %s is unknown: name one of this machine's"
                                    .formatted(origin, address)
                            + " addresses");
        }
        try {
            return HttpServer.create(socket, 16);
        } catch (BindException e) {
            throw new IOException(
                    "metrics.listen (%s): cannot listen on %s (%s): choose another port, or an empty"
                                    .formatted(origin, address, e.getMessage())
                            + " value for none",
                    e);
        }
    }

    /** The port that is bound. */
    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            if (!path.equals("/metrics") && !path.equals("/ready")) {
                answer(exchange, 404, TEXT, "no such page: try /metrics or /ready\n");
            } else if (!exchange.getRequestMethod().equals("GET")) {
                exchange.getResponseHeaders().set("Allow", "GET");
                answer(exchange, 405, TEXT, "only GET is allowed\n");
            } else if (path.equals("/metrics")) {
                answer(exchange, 200, PROMETHEUS, registry.prometheusText());
            } else {
                String reason = unready.get();
                boolean ready = reason.isEmpty();
                answer(exchange, ready ? 200 : 503, TEXT, (ready ? "ready" : reason) + "\n");
            }
        }
    }

    private static void answer(HttpExchange exchange, int status, String type, String text)
            throws IOException {
        byte[] body = text.getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
    }

    private static Thread thread(Runnable task) {
        return Thread.ofPlatform().daemon().name("metrics").unstarted(task);
    }

    private static void setDefault(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
