package io.flarepath.agent.contact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.export.FakeServer;
import io.flarepath.agent.export.HttpPost;
import io.flarepath.agent.metrics.MetricRegistry;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ServerContactTest {
    private static final AgentIdentity AGENT = new AgentIdentity("no de/ü", "1.2", "6.1", 97, 5);

    private final MetricRegistry registry = new MetricRegistry();
    private final HttpPost http = new HttpPost(Map.of());
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void close() {
        release.countDown();
        http.close();
    }

    @Test
    void theFirstHeartbeatDoesNotWaitAndTheNextDoes() throws Exception {
        registry.counter("samples_total", "S.").add(42);
        try (FakeServer server = polled("{\"revision\":3,\"serverClockMillis\":12000}");
                ServerContact contact = contact(server.uri(), ContactListener.REFUSING)) {
            contact.start();
            FakeServer.Request first = server.take();
            assertThat(first.path()).isEqualTo("/api/v1/agents/no%20de%2F%C3%BC");
            assertThat(text(first))
                    .startsWith(
                            "{\"version\":\"1.2\",\"state\":\"starting\",\"reason\":\"\","
                                    + "\"frequencyHz\":97,\"startedMillis\":5,\"clockMillis\":10000,"
                                    + "\"kernel\":\"6.1\",\"revision\":0,\"waitSeconds\":0,"
                                    + "\"counters\":{")
                    .contains("\"samples_total\":42");
            assertThat(text(server.take())).contains("\"revision\":3,\"waitSeconds\":20");
            assertThat(contact.serverAway()).isFalse();
        }
    }

    @Test
    void aChangeOfStateIsToldAtOnceAndStoppingLast() throws Exception {
        try (FakeServer server = polled("{\"revision\":0}")) {
            ServerContact contact = contact(server.uri(), ContactListener.REFUSING);
            contact.start();
            server.take();
            assertThat(text(server.take())).contains("\"waitSeconds\":20");
            contact.state(AgentState.SAMPLING, "");
            assertThat(text(server.take())).contains("\"state\":\"sampling\"", "\"waitSeconds\":0");
            assertThat(text(server.take())).contains("\"waitSeconds\":20");
            contact.state(AgentState.DEGRADED, "no kernel symbols");
            assertThat(text(server.take()))
                    .contains("\"state\":\"degraded\",\"reason\":\"no kernel symbols\"");
            assertThat(text(server.take())).contains("\"waitSeconds\":20");
            contact.close();
            assertThat(text(server.take())).contains("\"state\":\"stopping\"", "\"waitSeconds\":0");
            assertThat(server.waiting()).isZero();
        }
    }

    @Test
    void whatTheServerWantsIsHandedOverAndRefusedByName() throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        ContactListener listener =
                new ContactListener() {
                    @Override
                    public String configure(Map<String, String> configuration) {
                        heard.add("configure " + configuration);
                        return ContactListener.REFUSING.configure(configuration);
                    }

                    @Override
                    public String record(List<RecordingOrder> recordings) {
                        heard.add("record " + recordings.getFirst().name());
                        return ContactListener.REFUSING.record(recordings);
                    }
                };
        String answer =
                "{\"revision\":5,\"configuration\":{\"frequency\":20},\"recordings\":[\"alloc\"]}";
        try (FakeServer server = polled(answer);
                ServerContact contact = contact(server.uri(), listener)) {
            contact.start();
            assertThat(text(server.take())).contains("\"reason\":\"\"");
            assertThat(text(server.take()))
                    .contains(
                            "\"reason\":\"cannot change from the server: frequency; cannot record:"
                                    + " alloc\"",
                            "\"revision\":5");
            assertThat(heard).containsExactly("configure {frequency=20}", "record alloc");
        }
    }

    @Test
    void aServerThatComesBackIsFoundAgain() throws Exception {
        FakeServer broken = new FakeServer(0, (e, r) -> FakeServer.say(e, 503, "later"));
        int port = broken.port();
        try (ServerContact contact = contact(broken.uri(), ContactListener.REFUSING)) {
            contact.start();
            broken.take();
            assertThat(text(broken.take())).contains("\"waitSeconds\":0");
            assertThat(contact.serverAway()).isTrue();
            broken.close();
            try (FakeServer mended = polled(port, "{\"revision\":0}")) {
                assertThat(text(mended.take())).contains("\"state\":\"starting\"");
                assertThat(text(mended.take())).contains("\"waitSeconds\":20");
                assertThat(contact.serverAway()).isFalse();
            }
        }
        assertThat(registry.counters().getOrDefault("contact_failures_total", 0L)).isPositive();
    }

    @Test
    void aServerThatAnswersLongPollsAtOnceIsNotAskedInALoop() throws Exception {
        try (FakeServer server =
                        new FakeServer(0, (e, r) -> FakeServer.say(e, 200, "{\"revision\":0}"));
                ServerContact contact = contact(server.uri(), ContactListener.REFUSING)) {
            contact.start();
            server.take();
            server.take();
            long begin = System.nanoTime();
            server.take();
            assertThat(System.nanoTime() - begin).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(800));
        }
    }

    @Test
    void closingTakesNoLongerThanItsLimit() throws Exception {
        try (FakeServer server = new FakeServer(0, (e, r) -> hold())) {
            ServerContact contact = contact(server.uri(), ContactListener.REFUSING);
            contact.start();
            server.take();
            long begin = System.nanoTime();
            contact.close();
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isLessThan(Duration.ofSeconds(3));
            assertThat(text(server.take())).contains("stopping");
        }
    }

    private ServerContact contact(URI server, ContactListener listener) {
        return new ServerContact(
                server, AGENT, http, registry, listener, () -> Instant.ofEpochMilli(10_000));
    }

    private FakeServer polled(String answer) throws Exception {
        return polled(0, answer);
    }

    /** Answers at once where it need not wait, and holds a long poll for ever. */
    private FakeServer polled(int port, String answer) throws Exception {
        return new FakeServer(
                port,
                (exchange, request) -> {
                    if (text(request).contains("\"waitSeconds\":20")) {
                        hold();
                    }
                    FakeServer.say(exchange, 200, answer);
                });
    }

    private void hold() {
        try {
            release.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String text(FakeServer.Request request) {
        return new String(request.body(), UTF_8);
    }
}
