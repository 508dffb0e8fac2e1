package io.flarepath.agent.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flarepath.agent.export.Uploader.Outcome;
import io.flarepath.agent.metrics.MetricRegistry;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UploaderTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    @TempDir Path folder;
    private final MetricRegistry registry = new MetricRegistry();
    private final HttpPost http = new HttpPost(Map.of("X-Scope-OrgID", "anonymous"));
    private final Queue<Integer> statuses = new ArrayDeque<>();
    private FakeServer server;
    private DiskQueue queue;
    private Uploader uploader;

    @BeforeEach
    void open() throws Exception {
        server =
                new FakeServer(
                        0,
                        (exchange, request) -> {
                            Integer status = statuses.poll();
                            if (status != null && status == 429) {
                                exchange.getResponseHeaders().set("Retry-After", "9");
                            }
                            FakeServer.say(
                                    exchange, status == null ? 200 : status, "x\n".repeat(999));
                        });
        queue = DiskQueue.open(folder.resolve("q"), 1 << 20, registry);
        uploader = uploader(server.uri());
    }

    @AfterEach
    void close() throws Exception {
        queue.close();
        http.close();
        server.close();
    }

    @Test
    void sendsOldestFirstWithTheHeadersOfOtlp() throws Exception {
        put(3);
        assertThat(outcomes(4))
                .containsExactly(
                        Outcome.DELIVERED, Outcome.DELIVERED, Outcome.DELIVERED, Outcome.IDLE);
        for (int i = 0; i < 3; i++) {
            FakeServer.Request request = server.take();
            assertThat(DiskQueueTest.number(request.body())).isEqualTo(i);
            assertThat(request.method()).isEqualTo("POST");
            assertThat(request.path()).isEqualTo("/v1development/profiles");
            assertThat(request.headers().getFirst("Content-Type"))
                    .isEqualTo("application/x-protobuf");
            assertThat(request.headers().getFirst("Content-Encoding")).isEqualTo("gzip");
            assertThat(request.headers().getFirst("X-Scope-OrgID")).isEqualTo("anonymous");
        }
        assertThat(count("exported_samples_total")).isEqualTo(3);
    }

    @Test
    void whatMayPassLaterIsSentAgainUnchanged() throws Exception {
        put(1);
        statuses.addAll(List.of(429, 502, 503, 504, 408, 500));
        for (int i = 0; i < 6; i++) {
            assertThat(uploader.attempt(TIMEOUT).outcome()).isEqualTo(Outcome.RETRY);
            assertThat(uploader.trouble()).contains("status ");
        }
        assertThat(uploader.attempt(TIMEOUT).outcome()).isEqualTo(Outcome.DELIVERED);
        assertThat(uploader.trouble()).isEmpty();
        for (int i = 0; i < 7; i++) {
            assertThat(DiskQueueTest.number(server.take().body())).isZero();
        }
        assertThat(count("export_requests_total{outcome=\"retry\"}")).isEqualTo(6);
    }

    @Test
    void retryAfterIsWaitedFor() throws Exception {
        put(1);
        statuses.add(429);
        assertThat(uploader.attempt(TIMEOUT).pause()).isEqualTo(Duration.ofSeconds(9));
    }

    @Test
    void whatTheServerRefusesIsDroppedAndCounted() throws Exception {
        List<Integer> refusals = List.of(400, 401, 404, 413, 415, 301);
        put(refusals.size());
        statuses.addAll(refusals);
        for (int i = 0; i < refusals.size(); i++) {
            assertThat(uploader.attempt(TIMEOUT).outcome()).isEqualTo(Outcome.REFUSED);
        }
        assertThat(queue.size()).isZero();
        assertThat(count("dropped_samples_total{reason=\"refused\"}")).isEqualTo(refusals.size());
    }

    @Test
    void aRequestThatBreaksTheServerDoesNotBlockTheRest() throws Exception {
        put(2);
        statuses.addAll(List.of(500, 500, 500, 500, 500));
        assertThat(outcomes(6))
                .containsExactly(
                        Outcome.RETRY,
                        Outcome.RETRY,
                        Outcome.RETRY,
                        Outcome.RETRY,
                        Outcome.REFUSED,
                        Outcome.DELIVERED);
    }

    @Test
    void aServerThatIsAwayIsRetriedLater() throws Exception {
        put(1);
        server.close();
        Uploader.Step step = uploader.attempt(TIMEOUT);
        assertThat(step.outcome()).isEqualTo(Outcome.RETRY);
        assertThat(step.pause().toMillis()).isBetween(400L, 600L);
        assertThat(uploader.trouble()).contains("cannot connect");
        assertThat(queue.size()).isEqualTo(1);
    }

    @Test
    void aServerThatNeverAnswersIsGivenUp() throws Exception {
        put(1);
        try (ServerSocket mute = new ServerSocket(0)) {
            Uploader patient = uploader(URI.create("http://127.0.0.1:" + mute.getLocalPort()));
            assertThat(patient.attempt(Duration.ofMillis(200)).outcome()).isEqualTo(Outcome.RETRY);
            assertThat(patient.trouble()).contains("no answer within 200 ms");
        }
    }

    @Test
    void aBacklogIsSentAtABoundedRate() throws Exception {
        put(2);
        assertThat(uploader.attempt(TIMEOUT).pause()).isEqualTo(Uploader.PACE);
        assertThat(uploader.attempt(TIMEOUT).pause()).isZero();
    }

    @Test
    void theThreadSendsAtOnceAndFlushesWhenItIsClosed() throws Exception {
        uploader.start();
        put(1);
        uploader.wake();
        assertThat(DiskQueueTest.number(server.take().body())).isZero();
        statuses.add(503);
        put(5);
        uploader.wake();
        server.take();
        uploader.close(TIMEOUT);
        assertThat(queue.size()).isZero();
        assertThat(server.waiting()).isEqualTo(5);
    }

    @Test
    void sendsAtOnceWhenAServerThatWasAwayIsBack() throws Exception {
        put(1);
        int port = server.uri().getPort();
        server.close();
        // After these the next pause is some 30 s.
        for (int i = 0; i < 8; i++) {
            assertThat(uploader.attempt(TIMEOUT).outcome()).isEqualTo(Outcome.RETRY);
        }
        uploader.start();
        await().until(() -> count("export_requests_total{outcome=\"retry\"}") == 9);
        server = new FakeServer(port, (exchange, request) -> FakeServer.say(exchange, 200, ""));

        uploader.serverIsBack();

        assertThat(DiskQueueTest.number(server.take().body())).isZero();
        uploader.close(TIMEOUT);
        assertThat(queue.size()).isZero();
    }

    @Test
    void closingDoesNotWaitForAServerThatIsAway() throws Exception {
        put(3);
        server.close();
        uploader.start();
        long begin = System.nanoTime();
        uploader.close(Duration.ofSeconds(2));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(4));
        assertThat(queue.size()).isEqualTo(3);
    }

    private Uploader uploader(URI uri) {
        RetryDelay delay =
                new RetryDelay(
                        () -> Instant.EPOCH, new SplittableRandom(1), Duration.ofSeconds(30));
        return new Uploader(uri, http, queue, delay, registry);
    }

    private List<Outcome> outcomes(int attempts) throws Exception {
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < attempts; i++) {
            outcomes.add(uploader.attempt(TIMEOUT).outcome());
        }
        return outcomes;
    }

    private void put(int bodies) {
        for (int i = 0; i < bodies; i++) {
            queue.put(Payload.PROFILES, DiskQueueTest.body(i, 50), 1);
        }
    }

    private long count(String name) {
        return registry.counters().getOrDefault(name, -1L);
    }
}
