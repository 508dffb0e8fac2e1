package io.flarepath.agent.requests.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.flarepath.agent.export.Exporter;
import io.flarepath.agent.export.FakeServer;
import io.flarepath.agent.export.HttpPost;
import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.agent.requests.log.CallLog;
import io.flarepath.agent.requests.log.KeptReason;
import io.flarepath.agent.spans.ResourceSpans;
import io.flarepath.agent.window.WindowClock;
import io.flarepath.config.Configuration;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A server and its client in this process: what of their calls is sent as spans. */
@Tag("kernel")
@EnabledIfSystemProperty(
        named = "user.name",
        matches = "root",
        disabledReason = "loading programs needs root")
class CallLogKernelTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int ONE_IN = 10;
    private static final String SECRET = "hunter2";
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e47";
    private static final String PARENT = "00f067aa0ba902b7";

    @TempDir Path folder;
    private final HttpClient client = HttpClient.newHttpClient();
    private HttpServer server;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    if ("slow".equals(exchange.getRequestURI().getQuery())) {
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1500));
                    }
                    int status = exchange.getRequestURI().getPath().startsWith("/fail") ? 500 : 200;
                    byte[] answer = SECRET.getBytes(StandardCharsets.US_ASCII);
                    exchange.getResponseHeaders().add("Set-Cookie", "session=" + SECRET);
                    exchange.sendResponseHeaders(status, answer.length);
                    exchange.getResponseBody().write(answer);
                    exchange.close();
                });
        server.start();
    }

    @AfterEach
    void stop() {
        client.close();
        server.stop(0);
    }

    private void get(String target, String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://127.0.0.1:"
                                                + server.getAddress().getPort()
                                                + target))
                        .version(HttpClient.Version.HTTP_1_1)
                        .header("Authorization", "Bearer " + SECRET)
                        .header("Cookie", "session=" + SECRET);
        if (headers.length > 0) {
            request.headers(headers);
        }
        assertThat(client.send(request.build(), BodyHandlers.ofString()).body()).isEqualTo(SECRET);
    }

    @Test
    void failedAndSlowCallsAreSentOfBothEndsAndSomeOfTheRest() throws Exception {
        CallLog log = new CallLog(1000, ONE_IN);
        try (WatchedRequests watched = new WatchedRequests(log, CallLogKernelTest::isThis)) {
            for (int i = 0; i < 400; i++) {
                get("/work?token=" + SECRET);
            }
            for (int i = 0; i < 3; i++) {
                get("/work?slow");
            }
            // When each of them began and ended, as this process saw it.
            Map<String, long[]> times = new HashMap<>();
            for (int i = 10; i < 30; i++) {
                long before = WindowClock.unixNow();
                get("/fail", "traceparent", "00-" + TRACE + i + "-" + PARENT + "-01");
                times.put(TRACE + i, new long[] {before, WindowClock.unixNow()});
            }
            awaitAllSeen(watched);
            List<ResourceSpans> kept = watched.watch.takeSpans();
            long slow = log.kept(KeptReason.SLOW);
            long sampled = log.kept(KeptReason.SAMPLED);
            List<Span> spans = new ArrayList<>();
            ByteArrayOutputStream sent = new ByteArrayOutputStream();
            send(kept, spans, sent);
            for (Span.SpanKind kind :
                    List.of(Span.SpanKind.SPAN_KIND_SERVER, Span.SpanKind.SPAN_KIND_CLIENT)) {
                List<Span> ofKind = spans.stream().filter(s -> s.getKind() == kind).toList();
                List<Span> failed = ofKind.stream().filter(s -> kept(s).equals("error")).toList();
                assertThat(failed)
                        .extracting(s -> HexFormat.of().formatHex(s.getTraceId().toByteArray()))
                        .hasSize(20)
                        .doesNotHaveDuplicates()
                        .allMatch(id -> id.startsWith(TRACE));
                assertThat(failed).allSatisfy(s -> isWithin(s, times));
                assertThat(failed)
                        .allMatch(s ->
                                HexFormat.of()
                                        .formatHex(s.getParentSpanId().toByteArray())
                                        .equals(PARENT));
                // Those that waited are slow; others may be, by chance.
                assertThat(
                                ofKind.stream()
                                        .filter(s -> kept(s).equals("slow"))
                                        .filter(s ->
                                                s.getEndTimeUnixNano() - s.getStartTimeUnixNano()
                                                        >= 1_500_000_000))
                        .hasSize(3);
            }
            assertThat(spans)
                    .allMatch(s -> isClient(s) || !text(s, "thread.name").isEmpty())
                    .anyMatch(s -> text(s, "url.query").equals("token=?"));
            long rest = 2 * 403 - slow;
            assertThat(sampled).isBetween(rest / ONE_IN, rest / ONE_IN + 1);
            assertThat(spans).hasSize((int) (40 + slow + sampled));
            assertThat(spans.stream().filter(s -> kept(s).equals("sampled")))
                    .hasSize((int) sampled);
            for (KeptReason reason : KeptReason.values()) {
                assertThat(log.dropped(reason)).isZero();
            }
            assertThat(sent.toString(StandardCharsets.ISO_8859_1))
                    .contains("/work", "/fail")
                    .doesNotContain(SECRET);
        }
    }

    @Test
    void whatIsTooMuchForASecondIsCounted() throws Exception {
        CallLog log = new CallLog(4, 1);
        try (WatchedRequests watched = new WatchedRequests(log, CallLogKernelTest::isThis)) {
            for (int i = 0; i < 300; i++) {
                get("/work");
            }
            await().atMost(LONG).until(() -> counted(watched) >= 600);
            assertThat(counted(watched)).isEqualTo(600);
            assertThat(watched.watch.logged(l -> l.dropped(KeptReason.SAMPLED))).isPositive();
        }
    }

    /** Two clocks are compared when calls are taken, and may have been adjusted since the call. */
    private static void isWithin(Span span, Map<String, long[]> times) {
        String trace = HexFormat.of().formatHex(span.getTraceId().toByteArray());
        long[] time = Objects.requireNonNull(times.get(trace));
        long off = TimeUnit.MILLISECONDS.toNanos(2);
        assertThat(span.getStartTimeUnixNano()).isGreaterThan(time[0] - off);
        assertThat(span.getEndTimeUnixNano())
                .isGreaterThan(span.getStartTimeUnixNano())
                .isLessThan(time[1] + off);
    }

    private static boolean isThis(int pid) {
        return pid == ProcessHandle.current().pid();
    }

    private void awaitAllSeen(WatchedRequests watched) {
        int port = server.getAddress().getPort();
        for (String end : List.of("http.server.request.duration", "http.client.request.duration")) {
            await().atMost(LONG)
                    .untilAsserted(() ->
                            assertThat(watched.counts(end, "http.response.status_code", port))
                                    .as(watched.losses())
                                    .isEqualTo(Map.of("200", 403L, "500", 20L)));
        }
    }

    /** All calls that were seen: none is neither kept nor counted. */
    private static long counted(WatchedRequests watched) {
        long all = 0;
        for (KeptReason reason : KeptReason.values()) {
            all += watched.watch.logged(l -> l.kept(reason) + l.dropped(reason));
        }
        return all;
    }

    private void send(List<ResourceSpans> kept, List<Span> spans, ByteArrayOutputStream sent)
            throws Exception {
        try (FakeServer sink = new FakeServer(0, (e, r) -> FakeServer.say(e, 200, ""))) {
            Configuration configuration =
                    Configuration.load(
                            null,
                            Map.of(),
                            List.of(
                                    "server=" + sink.uri(),
                                    "queue.path=" + folder.resolve("queue")));
            try (HttpPost http = new HttpPost(Map.of());
                    Exporter exporter =
                            Exporter.start(configuration, "9", http, new MetricRegistry())) {
                exporter.sendSpans(kept);
                byte[] body = unzipped(sink.take().body());
                sent.write(body);
                ExportTraceServiceRequest.parseFrom(body)
                        .getResourceSpansList()
                        .forEach(r -> spans.addAll(r.getScopeSpans(0).getSpansList()));
            }
        }
    }

    private static byte[] unzipped(byte[] body) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
            return in.readAllBytes();
        }
    }

    /** Whose thread may be gone when its name is looked at. */
    private static boolean isClient(Span span) {
        return span.getKind() == Span.SpanKind.SPAN_KIND_CLIENT;
    }

    private static String kept(Span span) {
        return text(span, "flarepath.call.kept");
    }

    private static String text(Span span, String name) {
        return span.getAttributesList().stream()
                .filter(attribute -> attribute.getKey().equals(name))
                .map(KeyValue::getValue)
                .map(AnyValue::getStringValue)
                .findFirst()
                .orElse("");
    }
}
