package io.flarepath.agent.requests.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker of Kafka, which is its own controller, and its own Java clients: what they count is seen
 * from both ends. It is fetched from the Maven repository.
 */
@Tag("servers")
@EnabledIfSystemProperty(
        named = "user.name",
        matches = "root",
        disabledReason = "loading programs needs root")
class KafkaCallsTest {
    private static final List<String> METRICS =
            List.of("messaging.server.operation.duration", "messaging.client.operation.duration");
    private static final String OPERATION = "messaging.operation.name";
    private static final int FETCH_MINUTES = 10;

    /** Sixteen bytes in base64. */
    private static final String CLUSTER = "AAAAAAAAAAAAAAAAAAAAAQ";

    @TempDir Path folder;
    private LocalServers servers;
    private int port;
    private String classPath;

    @BeforeEach
    void start() throws Exception {
        servers = new LocalServers(folder);
        port = LocalServers.freePort();
        servers.bring("kafka", "pom.xml", "Load.java");
        classPath = fetch();
        Files.writeString(
                folder.resolve("broker.properties"),
                """
                process.roles=broker,controller
                node.id=1
                controller.quorum.voters=1@127.0.0.1:%2$d
                controller.listener.names=CONTROLLER
                listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
                log.dirs=%3$s/data
                offsets.topic.replication.factor=1
                offsets.topic.num.partitions=1
                """
                        .formatted(port, LocalServers.freePort(), folder));
        servers.run(
                java(
                        "kafka.tools.StorageTool",
                        "format",
                        "--cluster-id",
                        CLUSTER,
                        "--config",
                        "broker.properties"));
        servers.listen(port, java("kafka.Kafka", "broker.properties"));
    }

    @AfterEach
    void stop() throws Exception {
        servers.stop();
    }

    @Test
    void requestsAreThoseThatTheClientsCount() throws Exception {
        try (WatchedRequests watched = new WatchedRequests()) {
            Map<String, Long> counted = new TreeMap<>();
            for (String line :
                    servers.run(java("Load.java", Integer.toString(port))).split("\n", -1)) {
                String[] parts = line.split(" ", -1);
                if (parts.length == 2 && parts[1].matches("[0-9]+")) {
                    counted.merge(parts[0], Long.parseLong(parts[1]), Long::sum);
                }
            }
            for (String metric : METRICS) {
                await().atMost(LocalServers.LONG)
                        .untilAsserted(() ->
                                assertThat(watched.counts(metric, OPERATION, port))
                                        .as(metric + ", " + watched.losses())
                                        .containsEntry("produce", counted.get("produce"))
                                        .containsEntry("offsetcommit", counted.get("commit")));
                // MESSAGE_TOO_LARGE
                assertThat(watched.counts(metric, "error.type", port))
                        .containsEntry("10", counted.get("refused"));
            }
        }
    }

    private String[] java(String... arguments) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-Xmx256m",
                                "-cp",
                                classPath));
        command.addAll(List.of(arguments));
        return command.toArray(String[]::new);
    }

    private String fetch() throws Exception {
        Process maven =
                servers.start(
                        "mvn",
                        "-B",
                        "-q",
                        "dependency:build-classpath",
                        "-Dmdep.outputFile=" + folder.resolve("class-path"));
        assertThat(maven.waitFor(FETCH_MINUTES, TimeUnit.MINUTES)).as("fetched in time").isTrue();
        assertThat(maven.exitValue()).as(servers.log(maven)).isZero();
        return Files.readString(folder.resolve("class-path"));
    }
}
