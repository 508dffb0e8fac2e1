package io.flarepath.api.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.store.call.Call;
import io.flarepath.store.call.CallOrder;
import io.flarepath.store.call.CallQuery;
import io.flarepath.store.call.CallRole;
import io.flarepath.store.query.Selector;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.vertx.core.Vertx;
import io.vertx.core.net.SocketAddress;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TracesIngestTest {
    @TempDir private Path directory;
    private StoredUploads uploads;
    private final long now = UploadClock.systemNanos();

    @BeforeEach
    void start() {
        uploads = new StoredUploads(directory);
    }

    @AfterEach
    void stop() {
        uploads.close();
    }

    private static KeyValue attribute(String key, String value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setStringValue(value))
                .build();
    }

    private static ByteString id(long... words) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * words.length);
        for (long word : words) {
            bytes.putLong(word);
        }
        return ByteString.copyFrom(bytes.array());
    }

    private Span.Builder span(Span.SpanKind kind, long number) {
        return Span.newBuilder()
                .setKind(kind)
                .setName("GET /cart")
                .setTraceId(id(7, number))
                .setSpanId(id(number))
                .setStartTimeUnixNano(now - 1_000_000_000L + number)
                .setEndTimeUnixNano(now - 1_000_000_000L + number + 2_500_000)
                .addAttributes(attribute("http.request.method", "GET"))
                .addAttributes(attribute("http.route", "/cart"));
    }

    private static ExportTraceServiceRequest request(Span.Builder... spans) {
        ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
        ScopeSpans.Builder scope =
                request.addResourceSpansBuilder()
                        .setResource(
                                Resource.newBuilder()
                                        .addAttributes(attribute("service.name", "shop"))
                                        .addAttributes(attribute("k8s.pod.name", "shop-1"))
                                        .addAttributes(attribute("process.pid", "17")))
                        .addScopeSpansBuilder();
        scope.getScopeBuilder().setName("lib");
        for (Span.Builder span : spans) {
            scope.addSpans(span);
        }
        return request.build();
    }

    private HttpResponse<String> post(Message request, String... headers) {
        return uploads.server.post(
                "/v1/traces",
                headers.length == 0
                        ? request.toByteArray()
                        : PprofWriter.gzip(request.toByteArray()),
                headers.length == 0
                        ? new String[] {"Content-Type", "application/x-protobuf"}
                        : headers);
    }

    private HttpResponse<String> postJson(String json) {
        return uploads.server.post(
                "/v1/traces",
                json.getBytes(StandardCharsets.UTF_8),
                "Content-Type",
                "application/json");
    }

    private List<Call> stored() {
        return uploads.store
                .calls()
                .read(
                        new CallQuery(
                                "anonymous",
                                Selector.ALL,
                                StoredUploads.ALL,
                                EnumSet.allOf(CallRole.class),
                                CallQuery.Words.ANY,
                                false,
                                0,
                                null,
                                CallOrder.NEWEST,
                                null,
                                1000));
    }

    private String metrics() {
        return uploads.server.get("/metrics").body();
    }

    @Test
    void callsAreStoredWithAllThatIsToldOnceHoweverOftenTheyAreSent() {
        Span.Builder client = span(Span.SpanKind.SPAN_KIND_CLIENT, 2);
        client.setParentSpanId(id(9))
                .addAttributes(attribute("server.address", "db.local"))
                .addAttributes(attribute("http.response.status_code", "503"))
                .setStatus(
                        Status.newBuilder()
                                .setCode(Status.StatusCode.STATUS_CODE_ERROR)
                                .setMessage("it broke"));
        ExportTraceServiceRequest request =
                request(span(Span.SpanKind.SPAN_KIND_SERVER, 1), client);
        for (int i = 0; i < 2; i++) {
            HttpResponse<String> answer = post(request);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEmpty();
        }
        assertThat(
                        post(
                                        request,
                                        "Content-Type",
                                        "application/x-protobuf",
                                        "Content-Encoding",
                                        "gzip")
                                .statusCode())
                .isEqualTo(200);
        List<Call> calls = stored();
        assertThat(calls).hasSize(2);
        Call call = calls.getFirst();
        assertThat(call.role()).isEqualTo(CallRole.CLIENT);
        assertThat(call.service()).isEqualTo("shop");
        assertThat(call.resource().asMap())
                .containsEntry("pod", "shop-1")
                .containsEntry("process.pid", "17");
        assertThat(call.scope()).isEqualTo("lib");
        assertThat(call.traceHigh()).isEqualTo(7);
        assertThat(call.traceLow()).isEqualTo(2);
        assertThat(call.spanId()).isEqualTo(2);
        assertThat(call.parentId()).isEqualTo(9);
        assertThat(call.startNanos()).isEqualTo(now - 999_999_998L);
        assertThat(call.durationNanos()).isEqualTo(2_500_000);
        assertThat(call.failed()).isTrue();
        assertThat(call.message()).isEqualTo("it broke");
        assertThat(call.words().peer()).isEqualTo("db.local");
        assertThat(call.words().status()).isEqualTo("503");
        assertThat(calls.get(1).failed()).isFalse();
        assertThat(metrics())
                .contains("flarepath_ingest_calls_total{format=\"otlp\"} 2.0")
                .contains("flarepath_ingest_duplicates_total{format=\"otlp\"} 4.0");
    }

    /** The example of the specification: ids are hexadecimal, numbers may be texts. */
    @Test
    void jsonHasIdsInHexadecimalDigits() {
        String json =
                "{'resourceSpans':[{'resource':{'attributes':[{'key':'service.name','value':"
                        + "{'stringValue':'my.service'}}]},'scopeSpans':[{'scope':{'name':'my.library'},"
                        + "'spans':[{'traceId':'5B8EFFF798038103D269B633813FC60C','spanId':"
                        + "'EEE19B7EC3C1B174','parentSpanId':'eee19b7ec3c1b173','name':'I am a server"
                        + " span','startTimeUnixNano':'START','endTimeUnixNano':'END','kind':2,"
                        + "'attributes':[{'key':'http.status_code','value':{'intValue':'500'}},"
                        + "{'key':'http.method','value':{'stringValue':'GET'}}]}]}]}]}";
        HttpResponse<String> answer =
                postJson(
                        json.replace('\'', '"')
                                .replace("START", Long.toString(now))
                                .replace("END", Long.toString(now + 5)));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{}");
        Call call = stored().getFirst();
        assertThat(Long.toHexString(call.traceHigh())).isEqualTo("5b8efff798038103");
        assertThat(Long.toHexString(call.traceLow())).isEqualTo("d269b633813fc60c");
        assertThat(Long.toHexString(call.spanId())).isEqualTo("eee19b7ec3c1b174");
        assertThat(Long.toHexString(call.parentId())).isEqualTo("eee19b7ec3c1b173");
        assertThat(call.words().status()).as("an old name").isEqualTo("500");
    }

    @Test
    void whatHappensWithinAProcessIsLeftOutAndCounted() {
        HttpResponse<String> answer =
                post(
                        request(
                                span(Span.SpanKind.SPAN_KIND_INTERNAL, 1),
                                span(Span.SpanKind.SPAN_KIND_UNSPECIFIED, 2),
                                span(Span.SpanKind.SPAN_KIND_CONSUMER, 3)));
        assertThat(answer.body()).as("nobody is told").isEmpty();
        assertThat(stored()).extracting(Call::role).containsExactly(CallRole.CONSUMER);
        assertThat(metrics())
                .contains("flarepath_ingest_dropped_total{reason=\"internal-span\"} 2.0");
    }

    @Test
    void whatIsWrongWithASpanIsToldOfItAlone() {
        Span.Builder[] wrong = {
            span(Span.SpanKind.SPAN_KIND_SERVER, 1).setStartTimeUnixNano(0),
            span(Span.SpanKind.SPAN_KIND_SERVER, 2).setEndTimeUnixNano(5),
            span(Span.SpanKind.SPAN_KIND_SERVER, 3).setTraceId(id(0, 0)),
            span(Span.SpanKind.SPAN_KIND_SERVER, 4).setTraceId(id(4)),
            span(Span.SpanKind.SPAN_KIND_SERVER, 5).clearSpanId(),
            span(Span.SpanKind.SPAN_KIND_SERVER, 6)
                    .setStartTimeUnixNano(now - 30 * 86_400_000_000_000L),
            span(Span.SpanKind.SPAN_KIND_SERVER, 7),
        };
        HttpResponse<String> answer = post(request(wrong));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("start_time_unix_nano");
        assertThat(stored()).extracting(Call::spanId).containsExactly(7L);
        assertThat(metrics())
                .contains("flarepath_ingest_dropped_total{reason=\"rejected-span\"} 6.0");
        assertThat(postJson("{\"resourceSpans\":3}").statusCode()).isEqualTo(400);
        assertThat(
                        uploads.server
                                .post("/v1/traces", new byte[0], "Content-Type", "text/plain")
                                .statusCode())
                .isEqualTo(415);
    }

    @Test
    void whatIsTooMuchOfACallIsCutAndCounted() {
        Span.Builder span = span(Span.SpanKind.SPAN_KIND_CLIENT, 1);
        span.addAttributes(attribute("db.query.text", "ü".repeat(3000)));
        for (int i = 0; i < 100; i++) {
            span.addAttributes(attribute("more." + i, "x"));
        }
        ExportTraceServiceRequest.Builder request = request(span).toBuilder();
        for (int i = 0; i < 50; i++) {
            request.getResourceSpansBuilder(0)
                    .getResourceBuilder()
                    .addAttributes(attribute("label." + i, "y"));
        }
        assertThat(post(request.build()).statusCode()).isEqualTo(200);
        Call call = stored().getFirst();
        assertThat(call.attributes().get("db.query.text")).isEqualTo("ü".repeat(1024));
        assertThat(call.attributes().asMap()).hasSize(64);
        assertThat(call.resource().asMap()).hasSize(30).containsEntry("pod", "shop-1");
        assertThat(metrics())
                .contains("flarepath_ingest_dropped_total{reason=\"call-attributes\"} 39.0")
                .contains("flarepath_ingest_dropped_total{reason=\"call-attributes-cut\"} 1.0")
                .contains("flarepath_ingest_dropped_total{reason=\"call-labels\"} 23.0");
    }

    @Test
    void gRpcIsTakenToo() throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            ServiceMethod<ExportTraceServiceResponse, ExportTraceServiceRequest> export =
                    ServiceMethod.client(
                            ServiceName.create(
                                    "opentelemetry.proto.collector.trace.v1", "TraceService"),
                            "Export",
                            GrpcMessageEncoder.encoder(),
                            GrpcMessageDecoder.decoder(ExportTraceServiceResponse.newBuilder()));
            ExportTraceServiceResponse answer =
                    GrpcClient.client(vertx)
                            .request(
                                    SocketAddress.inetSocketAddress(
                                            uploads.server.port(), "127.0.0.1"),
                                    export)
                            .compose(call ->
                                    call.encoding("gzip")
                                            .send(
                                                    request(
                                                            span(
                                                                    Span.SpanKind
                                                                            .SPAN_KIND_PRODUCER,
                                                                    1),
                                                            span(
                                                                            Span.SpanKind
                                                                                    .SPAN_KIND_PRODUCER,
                                                                            2)
                                                                    .clearTraceId())))
                            .compose(response -> response.last())
                            .toCompletionStage()
                            .toCompletableFuture()
                            .get(20, TimeUnit.SECONDS);
            assertThat(answer.getPartialSuccess().getRejectedSpans()).isEqualTo(1);
            assertThat(stored()).extracting(Call::role).containsExactly(CallRole.PRODUCER);
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
    }
}
