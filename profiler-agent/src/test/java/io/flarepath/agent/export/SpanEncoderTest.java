package io.flarepath.agent.export;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.agent.requests.Conversation;
import io.flarepath.agent.requests.log.CallLog;
import io.flarepath.agent.requests.log.CallSpans;
import io.flarepath.agent.requests.message.Call;
import io.flarepath.agent.requests.named.CallNames;
import io.flarepath.agent.requests.stream.Role;
import io.flarepath.agent.spans.ResourceSpans;
import io.flarepath.config.Configuration;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the bytes of connections to those that leave the node. */
class SpanEncoderTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00f067aa0ba902b7";

    @TempDir Path folder;

    private static List<ResourceSpans> spans(Role role, Conversation... conversations) {
        CallLog log = new CallLog(1000, 1);
        CallNames names = new CallNames(List.of("/pay/{card}"));
        for (Conversation conversation : conversations) {
            for (Call call : Conversation.calls(conversation.segments(role))) {
                log.record(names.of(call));
            }
        }
        SortedMap<String, String> shop = new TreeMap<>(Map.of("service.name", "shop"));
        return new CallSpans(nanos -> 1_700_000_000_000_000_000L + nanos)
                .of(log.take(), pid -> shop);
    }

    private static byte[] unzipped(byte[] body) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
            return in.readAllBytes();
        }
    }

    private static List<Span> decoded(List<EncodedRequest> requests) throws IOException {
        List<Span> spans = new ArrayList<>();
        for (EncodedRequest request : requests) {
            ExportTraceServiceRequest decoded =
                    ExportTraceServiceRequest.parseFrom(unzipped(request.body()));
            decoded.getResourceSpansList()
                    .forEach(resource -> {
                        assertThat(resource.getResource().getAttributes(0).getKey())
                                .isEqualTo("service.name");
                        assertThat(resource.getScopeSpans(0).getScope().getName())
                                .isEqualTo("flarepath");
                        spans.addAll(resource.getScopeSpans(0).getSpansList());
                    });
        }
        return spans;
    }

    private static List<Span> sent(Role role, Conversation... conversations) throws IOException {
        return decoded(new SpanEncoder("9", Exporter.LONGEST).encode(spans(role, conversations)));
    }

    private static Map<String, AnyValue> attributes(Span span) {
        Map<String, AnyValue> attributes = new TreeMap<>();
        for (KeyValue attribute : span.getAttributesList()) {
            assertThat(attributes.put(attribute.getKey(), attribute.getValue())).isNull();
        }
        return attributes;
    }

    private static String text(Span span, String name) {
        return attributes(span).getOrDefault(name, AnyValue.getDefaultInstance()).getStringValue();
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    private static Conversation get(String target, String answer, String... headers) {
        List<String> lines = new ArrayList<>(List.of("GET " + target + " HTTP/1.1"));
        lines.add("Host: shop.test:8080");
        lines.addAll(List.of(headers));
        return Conversation.of(
                ">" + String.join("\r\n", lines) + "\r\n\r\n",
                "<HTTP/1.1 " + answer + "\r\nContent-Length: 2\r\n\r\nok");
    }

    @Test
    void aCallOfAServerIsASpanByTheConventions() throws Exception {
        Span span =
                sent(
                                Role.SERVER,
                                get(
                                        "/pay/4711?card=4000&plain",
                                        "503 Busy",
                                        "traceparent: 00-" + TRACE + "-" + PARENT + "-01",
                                        "X-Request-Id: abc-1"))
                        .getFirst();
        assertThat(span.getName()).isEqualTo("GET /pay/{card}");
        assertThat(span.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
        assertThat(span.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_ERROR);
        assertThat(hex(span.getTraceId())).isEqualTo(TRACE);
        assertThat(hex(span.getParentSpanId())).isEqualTo(PARENT);
        assertThat(span.getSpanId().size()).isEqualTo(8);
        assertThat(span.getStartTimeUnixNano()).isEqualTo(1_700_000_000_000_002_000L);
        assertThat(span.getEndTimeUnixNano()).isEqualTo(1_700_000_000_000_003_000L);
        Map<String, AnyValue> attributes = attributes(span);
        assertThat(text(span, "http.request.method")).isEqualTo("GET");
        assertThat(text(span, "http.route")).isEqualTo("/pay/{card}");
        assertThat(text(span, "url.path")).isEqualTo("/pay/4711");
        assertThat(text(span, "url.query")).isEqualTo("card=?&?");
        assertThat(text(span, "error.type")).isEqualTo("503");
        assertThat(text(span, "flarepath.call.kept")).isEqualTo("error");
        assertThat(text(span, "server.address")).isEqualTo("shop.test");
        assertThat(text(span, "network.peer.address")).isEqualTo("10.0.0.1");
        assertThat(attributes)
                .containsEntry("http.response.status_code", number(503))
                .containsEntry("server.port", number(1234))
                .containsEntry("network.peer.port", number(40_000))
                .containsEntry("thread.id", number(11))
                .containsEntry("flarepath.response.size", number(2));
        assertThat(
                        requireNonNull(attributes.get("flarepath.request.time_to_first_byte"))
                                .getDoubleValue())
                .isBetween(0.9e-6, 1.1e-6);
        assertThat(
                        requireNonNull(attributes.get("http.request.header.x-request-id"))
                                .getArrayValue()
                                .getValues(0)
                                .getStringValue())
                .isEqualTo("abc-1");
    }

    private static AnyValue number(long number) {
        return AnyValue.newBuilder().setIntValue(number).build();
    }

    @Test
    void whatWentWellHasNoStatusAndWithoutHeadersIdsOfItsOwn() throws Exception {
        Conversation same = get("/a", "200 OK");
        List<Span> spans = sent(Role.CLIENT, same, same);
        assertThat(spans).hasSize(2);
        for (Span span : spans) {
            assertThat(span.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_CLIENT);
            assertThat(span.hasStatus()).isFalse();
            assertThat(span.getParentSpanId().isEmpty()).isTrue();
            assertThat(text(span, "flarepath.call.kept")).isEqualTo("sampled");
            assertThat(text(span, "server.address")).isEqualTo("10.0.0.1");
            assertThat(attributes(span)).containsKey("http.request.header.host");
        }
        assertThat(spans.getFirst().getTraceId())
                .hasSize(16)
                .isNotEqualTo(spans.getLast().getTraceId());
    }

    @Test
    void idsOfOtherPropagatorsAreTraceIdsToo() throws Exception {
        List<Span> spans =
                sent(
                        Role.SERVER,
                        get("/a", "200 OK", "b3: " + TRACE + "-" + PARENT + "-1"),
                        get(
                                "/a",
                                "200 OK",
                                "X-B3-TraceId: a3ce929d0e0e4736",
                                "X-B3-SpanId: " + PARENT),
                        get("/a", "200 OK", "sw8: 1-YWJjLjEuMg==-c2Vn-0-c2hvcA==-aW5z-L2E=-MTA="),
                        get("/a", "200 OK", "b3: " + "0".repeat(32) + "-" + PARENT));
        assertThat(hex(spans.get(0).getTraceId())).isEqualTo(TRACE);
        assertThat(hex(spans.get(0).getParentSpanId())).isEqualTo(PARENT);
        assertThat(hex(spans.get(1).getTraceId())).isEqualTo("0000000000000000a3ce929d0e0e4736");
        assertThat(hex(spans.get(1).getParentSpanId())).isEqualTo(PARENT);
        assertThat(text(spans.get(2), "flarepath.trace.id")).isEqualTo("abc.1.2");
        assertThat(spans.get(2).getTraceId().size()).isEqualTo(16);
        assertThat(hex(spans.get(3).getTraceId())).isNotEqualTo("0".repeat(32));
    }

    @Test
    void secretsDoNotLeaveTheNode() throws Exception {
        String secret = "hunter2";
        Conversation[] web = {
            get(
                    "http://ann:hunter2@shop.test/pay/1?token=hunter2&hunter2",
                    "500 No\r\nSet-Cookie: session=hunter2\r\nX-Hint: hunter2",
                    "Authorization: Bearer hunter2",
                    "Cookie: session=hunter2",
                    "X-Api-Key: hunter2",
                    "Proxy-Authorization: Basic hunter2"),
            get("/proxy/https://ann:hunter2@else.test/a;jsessionid=hunter2/b", "200 OK"),
            get("http://ann:hunter2@shop.test?a=/hunter2", "200 OK"),
            Conversation.of(
                    ">CONNECT ann:hunter2@shop.test:443 HTTP/1.1\r\nHost: ann:hunter2@x\r\n\r\n",
                    "<HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"),
            Conversation.of(
                    ">POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 16\r\n\r\npassword=hunter2",
                    "<HTTP/1.1 401 No\r\nContent-Length: 7\r\n\r\nhunter2"),
        };
        Conversation redis =
                Conversation.of(
                        ">*3\r\n$4\r\nAUTH\r\n$3\r\nann\r\n$7\r\nhunter2\r\n",
                        "<-WRONGPASS invalid hunter2\r\n",
                        ">*3\r\n$3\r\nSET\r\n$7\r\nhunter2\r\n$7\r\nhunter2\r\n",
                        "<+OK\r\n",
                        ">*2\r\n$7\r\nhunter2\r\n$7\r\nhunter2\r\n",
                        "<-ERR unknown command 'hunter2'\r\n");
        for (Role role : Role.values()) {
            List<ResourceSpans> spans = spans(role, web);
            spans.addAll(spans(role, redis));
            spans.addAll(
                    spans(role, postgres("SELECT * FROM t WHERE a = 'hunter2' AND b = 'it\\'")));
            spans.addAll(
                    spans(role, postgres("SELECT * FROM t WHERE a = 'C:\\' AND pw = 'hunter2'")));
            spans.addAll(spans(role, postgres("ALTER USER ann PASSWORD 'hunter2' -- hunter2")));
            List<EncodedRequest> requests = new SpanEncoder("9", Exporter.LONGEST).encode(spans);
            List<Span> decoded = decoded(requests);
            assertThat(decoded).hasSizeGreaterThanOrEqualTo(11);
            assertThat(decoded)
                    .extracting(span -> text(span, "db.operation.name"))
                    .contains("AUTH", "SET", "SELECT", "ALTER");
            assertThat(decoded)
                    .extracting(span -> text(span, "url.path"))
                    .contains("/pay/1", "/login", "/proxy/https://else.test/a;jsessionid=*/b");
            for (EncodedRequest request : requests) {
                String bytes = new String(unzipped(request.body()), StandardCharsets.ISO_8859_1);
                assertThat(bytes).doesNotContain(secret).contains("shop");
            }
        }
    }

    /** A session without a password, and one query. */
    private static Conversation postgres(String sql) {
        String user = "\0\3\0\0user\0ann\0\0";
        return Conversation.of(
                ">" + length(user.length() + 4) + user,
                "<R" + length(8) + "\0\0\0\0Z" + length(5) + "I",
                ">Q" + length(sql.length() + 5) + sql + "\0",
                "<C" + length(13) + "SELECT 0\0Z" + length(5) + "I");
    }

    private static String length(int length) {
        return new String(
                new byte[] {
                    (byte) (length >>> 24),
                    (byte) (length >>> 16),
                    (byte) (length >>> 8),
                    (byte) length
                },
                StandardCharsets.ISO_8859_1);
    }

    @Test
    void manySpansAreCutIntoRequestsThatAddUp() throws Exception {
        Conversation[] many = new Conversation[200];
        for (int i = 0; i < many.length; i++) {
            many[i] = get("/a/" + i, "500 No");
        }
        List<ResourceSpans> spans = spans(Role.SERVER, many);
        List<EncodedRequest> requests = new SpanEncoder("9", 8_000).encode(spans);
        assertThat(requests).hasSizeGreaterThan(5).allMatch(r -> r.rawBytes() < 10_000);
        assertThat(requests.stream().mapToLong(EncodedRequest::items).sum()).isEqualTo(200);
        assertThat(decoded(requests)).extracting(s -> text(s, "url.path")).doesNotHaveDuplicates();
        assertThat(decoded(requests)).hasSize(200);
        assertThat(new SpanEncoder("9", 8_000).encode(List.of())).isEmpty();
    }

    /** Profiles, metrics and spans wait in one queue. */
    @Test
    void spansArePostedToThePathOfTraces() throws Exception {
        MetricRegistry registry = new MetricRegistry();
        try (FakeServer server = new FakeServer(0, (e, r) -> FakeServer.say(e, 200, ""))) {
            Configuration configuration =
                    Configuration.load(
                            null,
                            Map.of(),
                            List.of("server=" + server.uri(), "queue.path=" + folder.resolve("q")));
            try (HttpPost http = new HttpPost(Map.of());
                    Exporter exporter = Exporter.start(configuration, "9", http, registry)) {
                exporter.sendSpans(spans(Role.SERVER, get("/a", "200 OK")));
                FakeServer.Request request = server.take();
                assertThat(request.path()).isEqualTo("/v1/traces");
                assertThat(ExportTraceServiceRequest.parseFrom(unzipped(request.body())))
                        .isNotEqualTo(ExportTraceServiceRequest.getDefaultInstance());
            }
        }
        assertThat(registry.counters()).containsEntry("exported_spans_total", 1L);
    }
}
