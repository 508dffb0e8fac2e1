package io.flarepath.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is killed, and what must be there nevertheless. */
@Tag("e2e")
@Timeout(value = 8, unit = TimeUnit.MINUTES)
class LossTest {
    /** Two hundred, as {@code -Dflarepath.it.kills} may have it, take twenty minutes. */
    @Test
    @Timeout(value = 40, unit = TimeUnit.MINUTES)
    void everyAcknowledgedProfileIsThereOnceHoweverOftenTheServerIsKilled() throws Exception {
        int kills = Integer.getInteger("flarepath.it.kills", 20);
        try (Flarepath flarepath = new Flarepath()) {
            Process server = flarepath.startServer();
            AtomicLong acknowledged = new AtomicLong();
            AtomicBoolean ended = new AtomicBoolean();
            Thread client = Thread.ofPlatform().start(() -> push(flarepath, acknowledged, ended));
            for (int kill = 0; kill < kills; kill++) {
                long before = acknowledged.get();
                Waiting.until(
                        "some uploads are acknowledged",
                        Duration.ofSeconds(60),
                        () -> acknowledged.get() > before + 20);
                Flarepath.jvm(server).destroyForcibly();
                server.waitFor();
                server = flarepath.startServer();
            }
            ended.set(true);
            client.join();
            assertThat(acknowledged.get()).isGreaterThan(20L * kills);
            // Each upload is one sample of 1 at its own second; what was not acknowledged was
            // retried
            // with the same bytes until it was.
            JsonNode stored =
                    flarepath.get(
                            "/pyroscope/render?from=now-3d&until=now&query="
                                    + Flarepath.encode(
                                            "process_cpu:cpu:nanoseconds:cpu:nanoseconds{service_name=\"kills\"}"));
            assertThat(stored.path("flamebearer").path("numTicks").asLong())
                    .isEqualTo(acknowledged.get() * 10_000_000L);
        }
    }

    private static void push(Flarepath flarepath, AtomicLong acknowledged, AtomicBoolean ended) {
        long second = System.currentTimeMillis() / 1000 - 2 * 86_400;
        while (!ended.get()) {
            HttpRequest.Builder upload =
                    flarepath
                            .request(
                                    "/ingest?name=kills.cpu&format=folded&sampleRate=100&from="
                                            + second
                                            + "&until="
                                            + (second + 10))
                            .POST(
                                    HttpRequest.BodyPublishers.ofString(
                                            "main;work;step" + second % 50 + " 1\n",
                                            StandardCharsets.UTF_8));
            try {
                if (flarepath.send(upload).statusCode() == 200) {
                    acknowledged.incrementAndGet();
                    second++;
                }
            } catch (IOException e) {
                // The server is being killed: the same upload goes again.
                Waiting.pass(Duration.ofMillis(50));
            }
        }
    }

    @Test
    void anOutageOfTheServerWithAKillOfTheAgentLosesAlmostNothingAndDoublesNothing()
            throws Exception {
        int outage = Integer.getInteger("flarepath.it.outage.seconds", 40);
        try (Flarepath flarepath = new Flarepath()) {
            Process server = flarepath.startServer();
            Process agent = flarepath.start("agent");
            flarepath.awaitSampling();
            Path program = flarepath.compile("split.c");
            Flarepath.jvm(server).destroyForcibly();
            server.waitFor();
            Process work =
                    flarepath.run(
                            "outage", program.toString(), String.valueOf(outage), CpuTime.PERIOD);
            Waiting.pass(Duration.ofSeconds(outage / 2));
            Flarepath.jvm(agent).destroyForcibly();
            agent.waitFor();
            flarepath.start("agent");
            String output =
                    new String(work.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            CpuTime used = CpuTime.parse(output);
            flarepath.startServer();
            Waiting.until(
                    "the queue has drained",
                    Duration.ofSeconds(90),
                    () -> flarepath.total("{service_name=\"outage\"}") > 0.9 * used.sampledNanos());
            Waiting.pass(Duration.ofSeconds(15));
            long total = flarepath.total("{service_name=\"outage\"}");
            // Nobody samples until the second agent does, for which it has two seconds.
            assertThat(total)
                    .as(flarepath::story)
                    .isCloseTo(
                            used.sampledNanos(),
                            within(2_000_000_000L + (long) (0.02 * used.sampledNanos())));
        }
    }

    @Test
    void theServersTotalIsTheAgentsCountTimesThePeriod() throws Exception {
        try (Flarepath flarepath = new Flarepath()) {
            flarepath.startServer();
            Process agent = flarepath.start("agent");
            flarepath.awaitSampling();
            Path program = flarepath.compile("split.c");
            flarepath.run("exact", program.toString(), "12", CpuTime.PERIOD).waitFor();
            Flarepath.jvm(agent).destroy();
            agent.waitFor();
            JsonNode last = flarepath.get("/api/v1/agents").path("agents").path(0);
            long exported = last.path("counters").path("samples_folded_total").asLong();
            assertThat(exported).isPositive();
            JsonNode all =
                    flarepath.get(
                            "/api/v1/series?from=now-1h&until=now&query="
                                    + Flarepath.encode("{profiler=\"flarepath\"}"));
            assertThat(all.path("series").path(0).path("total").asLong())
                    .isEqualTo(exported * CpuTime.PERIOD_NANOS);
        }
    }
}
