package io.flarepath.agent.requests.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server of Vert.x, which is event loops of Netty: what clients asked of it by HTTP/1.1 and by
 * HTTP/2 is seen from both ends.
 */
@Tag("kernel")
@EnabledIfSystemProperty(
        named = "user.name",
        matches = "root",
        disabledReason = "loading programs needs root")
class VertxRequestsKernelTest {
    private static final List<String> ENDS = List.of("server", "client");

    private static final String STATUS = "http.response.status_code";

    @TempDir Path folder;
    private LocalServers servers;
    private int port;

    @BeforeEach
    void start() throws Exception {
        servers = new LocalServers(folder);
        port = LocalServers.freePort();
        Files.write(folder.resolve("megabyte"), new byte[1 << 20]);
        servers.listen(
                port,
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                VertxServer.class.getName(),
                Integer.toString(port));
    }

    @AfterEach
    void stop() throws Exception {
        servers.stop();
    }

    @Test
    void requestsByHttp1AreThoseOfTheClient() throws Exception {
        try (WatchedRequests watched = new WatchedRequests()) {
            servers.ab(url("/small"), 2000, "-k");
            servers.ab(url("/large"), 30, "-k");
            servers.ab(url("/parts"), 30);
            servers.ab(url("/taken"), 30, "-p", "megabyte", "-T", "text/plain");
            servers.ab(url("/unknown"), 200, "-k");
            servers.ab(url("/broken"), 100, "-k");
            awaitStatuses(watched);
        }
    }

    @Test
    void requestsByHttp2AreThoseOfTheClient() throws Exception {
        try (WatchedRequests watched = new WatchedRequests()) {
            servers.h2load(url("/small"), 2000);
            servers.h2load(url("/large"), 30);
            servers.h2load(url("/parts"), 30);
            servers.h2load(url("/taken"), 30, "-d", "megabyte");
            servers.h2load(url("/unknown"), 200);
            servers.h2load(url("/broken"), 100);
            awaitStatuses(watched);
            awaitSizes(watched, 30L * (1 << 20) + 30 * 400_000L);
        }
    }

    /** The first request of each connection is HTTP/1.1's, the others are HTTP/2's. */
    @Test
    void requestsOfConnectionsThatChangeToHttp2AreThoseOfTheClient() throws Exception {
        int connections = 10;
        List<String> command =
                new ArrayList<>(List.of("curl", "-sS", "--http2", "-w", "%{http_version} "));
        for (String path : List.of("/small", "/large", "/unknown", "/unknown", "/small")) {
            Collections.addAll(command, "-o", "/dev/null", url(path));
        }
        try (WatchedRequests watched = new WatchedRequests()) {
            for (int i = 0; i < connections; i++) {
                assertThat(servers.run(command.toArray(String[]::new))).isEqualTo("2 ".repeat(5));
            }
            for (String end : ENDS) {
                watched.awaitCounts(
                        "http." + end + ".request.duration",
                        STATUS,
                        port,
                        Map.of("200", 3L * connections, "404", 2L * connections));
            }
        }
    }

    private void awaitStatuses(WatchedRequests watched) {
        for (String end : ENDS) {
            watched.awaitCounts(
                    "http." + end + ".request.duration",
                    STATUS,
                    port,
                    Map.of("200", 2060L, "201", 30L, "404", 200L, "500", 100L));
        }
    }

    /** Bodies, to the byte: those of small answers have a known size each. */
    private void awaitSizes(WatchedRequests watched, long large) {
        long small = 2000L * 200 + 30L * "1048576".length() + 200L * 7 + 100L * 6;
        for (String end : ENDS) {
            assertThat(watched.sum("http." + end + ".request.body.size", port))
                    .isEqualTo(30L << 20);
            assertThat(watched.sum("http." + end + ".response.body.size", port))
                    .isEqualTo(large + small);
        }
    }

    private String url(String path) {
        return "http://127.0.0.1:" + port + path;
    }
}
