package io.flarepath.agent.requests.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions with databases that were open before anybody watched, as those of pools are. */
@Tag("kernel")
@EnabledIfSystemProperty(
        named = "user.name",
        matches = "root",
        disabledReason = "loading programs needs root")
class OlderSessionsKernelTest {
    private static final int STATEMENTS = 30;
    private static final List<String> DATABASE =
            List.of("db.server.operation.duration", "db.client.operation.duration");

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

    /** A client that says a line for each statement that it is given. */
    private static final class Session implements AutoCloseable {
        private final Process process;
        private final OutputStream statements;
        private final BufferedReader answers;

        Session(String... command) throws IOException {
            process =
                    new ProcessBuilder(command)
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            statements = process.getOutputStream();
            answers =
                    new BufferedReader(
                            new InputStreamReader(
                                    process.getInputStream(), StandardCharsets.UTF_8));
        }

        void say(String statement, String answer) throws IOException {
            statements.write((statement + "\n").getBytes(StandardCharsets.UTF_8));
            statements.flush();
            assertThat(answers.readLine()).isEqualTo(answer);
        }

        @Override
        public void close() throws IOException {
            statements.close();
            process.destroy();
        }
    }

    @ParameterizedTest
    @EnumSource
    void ofPostgres(StreamView view) throws Exception {
        databases.postgres();
        String[] client = {"psql", databases.postgresAddress(), "-qAt"};
        check(view, client, "SELECT 97 FROM pg_am LIMIT 1;", "97", "SELECT");
    }

    @ParameterizedTest
    @EnumSource
    void ofMariaDb(StreamView view) throws Exception {
        databases.mariaDb();
        String[] client = databases.mariaDbClient("mariadb", "-N", "-n");
        check(view, client, "SELECT 97 FROM mysql.user LIMIT 1;", "97", "SELECT");
    }

    @ParameterizedTest
    @EnumSource
    void ofRedis(StreamView view) throws Exception {
        servers.redis(port);
        String[] client = {"redis-cli", "-p", Integer.toString(port)};
        check(view, client, "SET a b", "OK", "SET");
    }

    /** One may be lost while it is found out what the connection speaks. */
    private void check(
            StreamView view, String[] client, String statement, String answer, String operation)
            throws IOException {
        try (Session session = new Session(client)) {
            session.say(statement, answer);
            try (WatchedRequests watched = new WatchedRequests(view)) {
                for (int i = 0; i < STATEMENTS; i++) {
                    session.say(statement, answer);
                }
                for (String metric : DATABASE) {
                    await().atMost(LocalServers.LONG)
                            .untilAsserted(() ->
                                    assertThat(watched.counts(metric, "db.operation.name", port))
                                            .as(metric + ", " + watched.losses())
                                            .hasSize(1)
                                            .hasEntrySatisfying(
                                                    operation,
                                                    count ->
                                                            assertThat(count)
                                                                    .isBetween(
                                                                            STATEMENTS - 1L,
                                                                            (long) STATEMENTS)));
                }
            }
        }
    }
}
