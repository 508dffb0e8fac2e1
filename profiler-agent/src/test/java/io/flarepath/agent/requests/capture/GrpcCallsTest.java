package io.flarepath.agent.requests.capture;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server and a client of gRPC's own Go library: messages of a megabyte, streams, and errors in
 * trailers behind them are seen from both ends as the client counts them.
 */
@Tag("servers")
@EnabledIfSystemProperty(
        named = "user.name",
        matches = "root",
        disabledReason = "loading programs needs root")
class GrpcCallsTest {
    private static final int TIMES = Integer.getInteger("times", 25);
    private static final int AT_ONCE = 3;

    /** From two connections. */
    private static final long EACH = 2L * TIMES * AT_ONCE;

    @TempDir Path folder;
    private LocalServers servers;
    private int port;
    private Path program;

    @BeforeEach
    void build() throws Exception {
        servers = new LocalServers(folder);
        port = LocalServers.freePort();
        servers.bring("grpc", "main.go", "go.mod", "go.sum");
        program = folder.resolve("grpc");
        servers.run("go", "build", "-o", program.toString(), ".");
    }

    @AfterEach
    void stop() throws Exception {
        servers.stop();
    }

    @Test
    void callsAreThoseOfTheClientByMethodAndStatus() throws Exception {
        serve();
        try (WatchedRequests watched = new WatchedRequests()) {
            ask(TIMES);
            awaitCalls(watched, EACH);
        }
    }

    private void serve() throws Exception {
        servers.listen(port, program.toString(), "serve", Integer.toString(port));
    }

    private void ask(int times) throws Exception {
        servers.run(
                program.toString(),
                "ask",
                Integer.toString(port),
                Integer.toString(times),
                Integer.toString(AT_ONCE));
    }

    /** A stream of one message cannot be told from a call with one answer. */
    private void awaitCalls(WatchedRequests watched, long each) {
        Map<String, Long> methods =
                Map.of(
                        "shop.Orders/Small",
                        each,
                        "shop.Orders/Large",
                        each,
                        "shop.Orders/Refused",
                        2 * each,
                        "shop.Orders/Broken",
                        each);
        // OK, NOT_FOUND, INTERNAL.
        Map<String, Long> codes = Map.of("0", 2 * each, "5", 2 * each, "13", each);
        for (String end : List.of("server", "client")) {
            String metric = "rpc." + end + ".call.duration";
            watched.awaitCounts(metric, "rpc.method", port, methods);
            watched.awaitCounts(metric, "rpc.response.status_code", port, codes);
        }
        // From both ends.
        watched.awaitCounts(
                "flarepath.requests.unmeasured",
                "rpc.method",
                port,
                Map.of("shop.Orders/List", 4 * each));
    }
}
