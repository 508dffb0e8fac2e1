package io.flarepath.agent.export;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A server that records requests and answers as it is told. */
public final class FakeServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();

    /** A request as it came. */
    public record Request(String method, String path, Headers headers, byte[] body) {}

    /** Answers a request. */
    public interface Answerer {
        void answer(HttpExchange exchange, Request request) throws IOException;
    }

    /** Listens on a port, or on a free one if it is 0. */
    public FakeServer(int port, Answerer answerer) throws IOException {
        server =
                HttpServer.create(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 16);
        server.setExecutor(threads);
        server.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        Request request =
                                new Request(
                                        exchange.getRequestMethod(),
                                        exchange.getRequestURI().getRawPath(),
                                        exchange.getRequestHeaders(),
                                        exchange.getRequestBody().readAllBytes());
                        requests.add(request);
                        answerer.answer(exchange, request);
                    }
                });
        server.start();
    }

    /** Answers with a status and a text. */
    public static void say(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    /** Its URL. */
    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Its port. */
    public int port() {
        return server.getAddress().getPort();
    }

    /** The next request, waiting for it. */
    public Request take() throws InterruptedException {
        Request request = requests.poll(10, TimeUnit.SECONDS);
        if (request == null) {
            throw new AssertionError("no request within 10 s");
        }
        return request;
    }

    /** Requests that were not taken. */
    public int waiting() {
        return requests.size();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
