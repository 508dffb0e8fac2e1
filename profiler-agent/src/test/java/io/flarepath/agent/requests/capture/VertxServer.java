package io.flarepath.agent.requests.capture;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/** A server of Vert.x, which speaks HTTP/1.1 and HTTP/2 at one port. */
final class VertxServer {
    private static final Buffer SMALL = Buffer.buffer("Who asks?\n".repeat(20));
    private static final Buffer LARGE = Buffer.buffer(new byte[1 << 20]);

    private VertxServer() {}

    /** Serves at the port that is the argument. */
    public static void main(String[] arguments) {
        Vertx.vertx()
                .createHttpServer()
                .requestHandler(VertxServer::answer)
                .listen(Integer.parseInt(arguments[0]), "127.0.0.1");
    }

    private static void answer(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        switch (request.path()) {
            case "/small" -> response.end(SMALL);
            case "/large" -> response.end(LARGE);
            case "/parts" -> {
                response.setChunked(true);
                for (int i = 0; i < 4; i++) {
                    response.write(LARGE.slice(0, 100_000));
                }
                response.end();
            }
            case "/taken" ->
                    request.body()
                            .onSuccess(body -> response.setStatusCode(201).end("" + body.length()));
            case "/broken" -> response.setStatusCode(500).end("broken");
            default -> response.setStatusCode(404).end("unknown");
        }
    }
}
