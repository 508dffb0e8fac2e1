package io.flarepath.agent.requests.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Databases and web servers whose answers are longer than what is copied of them: what their own
 * clients count is what is seen, from both ends.
 */
@Tag("kernel")
@EnabledIfSystemProperty(
        named = "user.name",
        matches = "root",
        disabledReason = "loading programs needs root")
class LargeAnswersKernelTest {
    private static final List<String> DATABASE =
            List.of("db.server.operation.duration", "db.client.operation.duration");
    private static final List<String> WEB =
            List.of("http.server.request.duration", "http.client.request.duration");

    @TempDir Path folder;
    private LocalServers servers;
    private LocalDatabases databases;
    private int port;

    @BeforeEach
    void openToOtherUsers() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        servers = new LocalServers(folder);
        port = LocalServers.freePort();
        databases = new LocalDatabases(servers, folder, port);
    }

    @AfterEach
    void stop() throws Exception {
        servers.stop();
    }

    @Test
    void statementsOfPostgresAreThoseOfPgbench() throws Exception {
        databases.postgres();
        String tools = LocalDatabases.postgresTools();
        String where = databases.postgresAddress();
        servers.run("psql", where, "-c", "CREATE TABLE t AS SELECT generate_series(1, 5000) AS i");
        Files.writeString(folder.resolve("one.sql"), "SELECT i FROM t WHERE i = 7;\n");
        Files.writeString(folder.resolve("all.sql"), "SELECT i FROM t;\n");
        try (WatchedRequests watched = new WatchedRequests()) {
            for (String mode : List.of("simple", "extended", "prepared")) {
                pgbench(tools, where, mode, "one.sql", 50);
                pgbench(tools, where, mode, "all.sql", 10);
            }
            for (int i = 0; i < 3; i++) {
                servers.fail("psql", where, "-c", "SELEC 1");
            }
            // Three modes, four clients.
            awaitCount(watched, DATABASE, "db.collection.name", "t", 3 * 4 * (50 + 10));
            awaitCount(watched, DATABASE, "db.response.status_code", "42601", 3);
        }
    }

    /** What has gone wrong is known after most of the answer has been sent. */
    @ParameterizedTest
    @EnumSource
    void statementsOfPostgresThatFailAtTheEndHaveFailed(StreamView view) throws Exception {
        databases.postgres();
        String where = databases.postgresAddress();
        String tools = LocalDatabases.postgresTools();
        String query = "SELECT repeat('x', 900), 1 / (300 - i) FROM generate_series(1, %d) AS i";
        Files.writeString(folder.resolve("failing.sql"), query.formatted(300) + ";\n");
        try (WatchedRequests watched = new WatchedRequests(view)) {
            for (int i = 0; i < 3; i++) {
                servers.run("psql", where, "-c", query.formatted(299));
                servers.fail("psql", where, "-c", query.formatted(300));
                servers.fail(tools + "pgbench", "-n", "-M", "prepared", "-f", "failing.sql", where);
            }
            awaitCount(watched, DATABASE, "db.response.status_code", "22012", 6);
            awaitCount(watched, DATABASE, "error.type", "22012", 6);
        }
    }

    @ParameterizedTest
    @EnumSource
    void statementsOfMariaDbThatFailAtTheEndHaveFailed(StreamView view) throws Exception {
        databases.mariaDb();
        String query =
                "SELECT repeat('x', 900), IF(seq < 300, 1, (SELECT seq FROM seq_1_to_2))"
                        + " FROM seq_1_to_%d";
        try (WatchedRequests watched = new WatchedRequests(view)) {
            for (int i = 0; i < 3; i++) {
                servers.run(
                        databases.mariaDbClient(
                                "mariadb", "-D", "mysql", "-e", query.formatted(299)));
                servers.fail(
                        databases.mariaDbClient(
                                "mariadb", "-D", "mysql", "-e", query.formatted(300)));
            }
            awaitCount(watched, DATABASE, "db.response.status_code", "1242", 3);
        }
    }

    private void pgbench(String tools, String where, String mode, String script, int each)
            throws Exception {
        servers.run(
                tools + "pgbench",
                "-n",
                "-c",
                "4",
                "-M",
                mode,
                "-f",
                script,
                "-t",
                Integer.toString(each),
                where);
    }

    @Test
    void statementsOfMariaDbAreThoseOfItsClients() throws Exception {
        databases.mariaDb();
        try (WatchedRequests watched = new WatchedRequests()) {
            load("SELECT seq FROM seq_1_to_10", 400);
            load("SELECT seq FROM seq_1_to_5000", 40);
            for (int i = 0; i < 3; i++) {
                servers.fail(databases.mariaDbClient("mariadb", "-e", "SELEC 1"));
            }
            awaitCount(watched, DATABASE, "db.collection.name", "seq_1_to_10", 400);
            awaitCount(watched, DATABASE, "db.collection.name", "seq_1_to_5000", 40);
            awaitCount(watched, DATABASE, "db.response.status_code", "1064", 3);
        }
    }

    private void load(String query, int queries) throws Exception {
        servers.run(
                databases.mariaDbClient(
                        "mariadb-slap",
                        "--concurrency=4",
                        "--create-schema=mysql",
                        "--no-drop",
                        "--number-of-queries=" + queries,
                        "--query=" + query));
    }

    /** A megabyte with its length, in chunks, behind a proxy, and to it. */
    @Test
    void bodiesOfAMegabyteAreCountedHoweverTheyAreSent() throws Exception {
        int behind = LocalServers.freePort();
        Files.writeString(folder.resolve("big"), "0123456789abcdef".repeat(65_536));
        Files.writeString(folder.resolve("small"), "small");
        servers.nginx(
                port,
                """
                client_max_body_size 8m;
                upstream behind { server 127.0.0.1:%2$d; keepalive 4; }
                server {
                    listen 127.0.0.1:%1$d; proxy_http_version 1.1;
                    proxy_set_header Connection ""; proxy_set_header Accept-Encoding gzip;
                    location / { proxy_pass http://behind; }
                }
                server {
                    listen 127.0.0.1:%2$d; gzip on; gzip_comp_level 1; gzip_http_version 1.0;
                    gzip_proxied any;
                    location /unknown { return 404 'no'; }
                    location /taken { proxy_pass http://127.0.0.1:%2$d/small; }
                }
                """
                        .formatted(port, behind));
        String proxy = "http://127.0.0.1:" + port;
        try (WatchedRequests watched = new WatchedRequests()) {
            curl(List.of(), proxy + "/big", 20);
            curl(List.of(), proxy + "/unknown", 5);
            curl(List.of("--data-binary", "@big"), proxy + "/taken", 10);
            curl(
                    List.of("--data-binary", "@big", "-H", "Transfer-Encoding: chunked"),
                    proxy + "/taken",
                    10);
            for (int at : List.of(port, behind)) {
                awaitCount(watched, at, WEB, "http.route", "/big", 20);
                awaitCount(watched, at, WEB, "http.response.status_code", "404", 5);
            }
            awaitCount(watched, port, WEB, "http.request.method", "POST", 20);
        }
    }

    /** Many frames in a call, and files sent from their pages behind the headers of frames. */
    @Test
    void bodiesOfAMegabyteOverHttp2AreCounted() throws Exception {
        int behind = LocalServers.freePort();
        Files.writeString(folder.resolve("big"), "0123456789abcdef".repeat(65_536));
        servers.nginx(
                port,
                """
                client_max_body_size 8m; sendfile on;
                server {
                    listen 127.0.0.1:%1$d http2;
                    location /unknown { return 404 'no'; }
                    location /taken { proxy_pass http://127.0.0.1:%2$d/small; }
                    location /brought { proxy_pass http://127.0.0.1:%2$d/big; }
                }
                server { listen 127.0.0.1:%2$d; location /small { return 200 'small'; } }
                """
                        .formatted(port, behind));
        String server = "http://127.0.0.1:" + port;
        try (WatchedRequests watched = new WatchedRequests()) {
            servers.h2load(server + "/big", 30);
            servers.h2load(server + "/unknown", 15);
            servers.h2load(server + "/taken", 30, "-d", "big");
            servers.h2load(server + "/brought", 30);
            for (String route : List.of("/big", "/taken", "/brought")) {
                awaitCount(watched, WEB, "http.route", route, 30);
            }
            awaitCount(watched, WEB, "http.response.status_code", "200", 90);
            awaitCount(watched, WEB, "http.response.status_code", "404", 15);
            for (String end : List.of("server", "client")) {
                assertThat(watched.sum("http." + end + ".request.body.size", port))
                        .isEqualTo(30L << 20);
                assertThat(watched.sum("http." + end + ".response.body.size", port))
                        .isEqualTo((60L << 20) + 30 * 5 + 15 * 2);
            }
        }
    }

    private void curl(List<String> options, String url, int times) throws Exception {
        List<String> command = new ArrayList<>(List.of("curl", "-sS"));
        command.addAll(options);
        for (int i = 0; i < times; i++) {
            Collections.addAll(command, "-o", "/dev/null", url);
        }
        servers.run(command.toArray(String[]::new));
    }

    private void awaitCount(
            WatchedRequests watched, List<String> metrics, String label, String value, long count) {
        awaitCount(watched, port, metrics, label, value, count);
    }

    private static void awaitCount(
            WatchedRequests watched,
            int at,
            List<String> metrics,
            String label,
            String value,
            long count) {
        for (String metric : metrics) {
            await().atMost(LocalServers.LONG)
                    .untilAsserted(() ->
                            assertThat(watched.counts(metric, label, at))
                                    .as(metric + ", " + watched.losses())
                                    .containsEntry(value, count));
        }
    }
}
