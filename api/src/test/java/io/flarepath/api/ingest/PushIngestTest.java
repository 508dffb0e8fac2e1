package io.flarepath.api.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.server.BodyReader;
import io.flarepath.api.server.Limits;
import io.flarepath.store.StoreException;
import io.flarepath.store.profile.Profile;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** push.v1.PusherService over all protocols in which it is called. */
@Timeout(60)
class PushIngestTest {
    private static final String PATH = "/push.v1.PusherService/Push";
    private static final Map<String, String> LABELS =
            Map.of("__name__", "process_cpu", "service_name", "shop", "pod", "a", "__x__", "y");

    private final MemoryStore store = new MemoryStore();
    private final Limits limits = Limits.DEFAULT;
    private TestServer server = new TestServer(store);
    private final Vertx vertx = Vertx.vertx();
    private final long now = UploadClock.systemNanos();

    @AfterEach
    void close() throws Exception {
        await(vertx.close());
        server.close();
        assertThat(store.calledOnEventLoop).isFalse();
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    /**
     * What came back of a call.
     *
     * @param status of HTTP
     * @param code the Connect code, or the number of gRPC's status; empty when it succeeded
     */
    private record Outcome(int status, String type, String code, String message) {}

    private PushRequests good() {
        return new PushRequests().series(LABELS, "one", PprofWriter.cpu(now).bytes());
    }

    private static byte[] gzip(byte[] plain) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
                out.write(plain);
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] frame(int flags, byte[] message) {
        return ByteBuffer.allocate(5 + message.length)
                .put((byte) flags)
                .putInt(message.length)
                .put(message)
                .array();
    }

    /** Calls with the request in the protocol's form, compressed or not. */
    private Outcome call(String protocol, boolean gzip, PushRequests request, String... headers)
            throws Exception {
        byte[] json = request.json().getBytes(StandardCharsets.UTF_8);
        byte[] message = protocol.contains("json") ? json : request.proto();
        byte[] packed = gzip ? gzip(message) : message;
        byte[] framed = frame(gzip ? 1 : 0, packed);
        String encoding = protocol.contains("grpc") ? "grpc-encoding" : "Content-Encoding";
        byte[] body =
                protocol.contains("text")
                        ? Base64.getEncoder().encode(framed)
                        : protocol.contains("grpc") ? framed : packed;
        String[] all = Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = encoding;
        all[headers.length + 1] = gzip ? "gzip" : "identity";
        return send(protocol, body, all);
    }

    private Outcome send(String type, byte[] body, String... headers) throws Exception {
        boolean h2 = type.startsWith("application/grpc") && !type.contains("web");
        HttpClient client =
                vertx.createHttpClient(
                        new HttpClientOptions()
                                .setProtocolVersion(h2 ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1)
                                .setHttp2ClearTextUpgrade(false));
        Future<HttpClientResponse> sent =
                client.request(HttpMethod.POST, server.port(), "127.0.0.1", PATH)
                        .compose(request -> {
                            request.putHeader("Content-Type", type);
                            for (int i = 0; i < headers.length; i += 2) {
                                request.putHeader(headers[i], headers[i + 1]);
                            }
                            return request.send(Buffer.buffer(body));
                        });
        return await(
                sent.compose(response -> response.body().map(answer -> outcome(response, answer))));
    }

    private static Outcome outcome(HttpClientResponse response, Buffer body) {
        String type = String.valueOf(response.getHeader("Content-Type"));
        if (response.statusCode() == 200 && type.startsWith("application/grpc")) {
            String trailers = type.contains("web") ? webTrailers(type, body) : trailers(response);
            String status = value(trailers, "grpc-status");
            String message =
                    URLDecoder.decode(value(trailers, "grpc-message"), StandardCharsets.UTF_8);
            return new Outcome(200, type, status.equals("0") ? "" : status, message);
        }
        if (response.statusCode() == 200) {
            assertThat(body.toString()).isEqualTo(type.contains("json") ? "{}" : "");
            return new Outcome(200, type, "", "");
        }
        var error = body.toJsonObject();
        return new Outcome(
                response.statusCode(), type, error.getString("code"), error.getString("message"));
    }

    private static String trailers(HttpClientResponse response) {
        StringBuilder text = new StringBuilder();
        response.headers().forEach((name, value) -> text.append(name + ": " + value + "\r\n"));
        response.trailers().forEach((name, value) -> text.append(name + ": " + value + "\r\n"));
        return text.toString();
    }

    /** The frame that has the flag of trailers; before it stands at most one message. */
    private static String webTrailers(String type, Buffer body) {
        Buffer frames =
                type.contains("text")
                        ? Buffer.buffer(Base64.getDecoder().decode(body.getBytes()))
                        : body;
        int at = frames.getByte(0) == 0 ? 5 + frames.getInt(1) : 0;
        assertThat(frames.getByte(at)).isEqualTo((byte) 0x80);
        assertThat(frames.length()).isEqualTo(at + 5 + frames.getInt(at + 1));
        return frames.getString(at + 5, frames.length());
    }

    private static String value(String trailers, String name) {
        return trailers.lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElse("");
    }

    @ParameterizedTest
    @CsvSource({
        "application/proto, application/proto",
        "application/json, application/json",
        "application/json; charset=utf-8, application/json",
        "application/grpc, application/grpc+proto",
        "application/grpc+proto, application/grpc+proto",
        "application/grpc-web, application/grpc-web+proto",
        "application/grpc-web+proto, application/grpc-web+proto",
        "application/grpc-web-text, application/grpc-web-text+proto"
    })
    void everyProtocolStoresTheSame(String protocol, String answered) throws Exception {
        for (boolean gzip : new boolean[] {false, true}) {
            assertThat(call(protocol, gzip, good())).isEqualTo(new Outcome(200, answered, "", ""));
        }
        assertThat(store.profiles())
                .isNotEmpty()
                .allSatisfy(profile -> {
                    assertThat(profile.labels().asMap())
                            .isEqualTo(
                                    Map.of(
                                            "service_name",
                                            "shop",
                                            "pod",
                                            "a",
                                            "profiler",
                                            "unknown"));
                    assertThat(profile.type().name()).isEqualTo("process_cpu");
                });
        assertThat(store.profiles().stream().map(Profile::type).distinct().count() * 2)
                .isEqualTo(store.profiles().size());
    }

    @Test
    void base64MayComeInPieces() throws Exception {
        byte[] framed = frame(0, good().proto());
        String text =
                Base64.getEncoder().encodeToString(Arrays.copyOf(framed, 7))
                        + Base64.getEncoder()
                                .encodeToString(Arrays.copyOfRange(framed, 7, framed.length));
        Outcome outcome =
                send("application/grpc-web-text", text.getBytes(StandardCharsets.US_ASCII));
        assertThat(outcome.code()).isEmpty();
        assertThat(store.profiles()).isNotEmpty();
    }

    @Test
    void labelsDecideTheTypeAndTheService() throws Exception {
        byte[] pprof = PprofWriter.cpu(now).bytes();
        PushRequests request =
                new PushRequests()
                        .series(Map.of("__name__", "godeltaprof_memory"), "", pprof)
                        .series(Map.of("__name__", "wall", "__type__", "cpu"), "", pprof)
                        .series(Map.of("__name__", "a", "pyroscope_spy", "gospy"), "", pprof);
        assertThat(call("application/proto", false, request).status()).isEqualTo(200);
        assertThat(store.profiles())
                .extracting(profile -> profile.type().name())
                .containsOnly("memory", "process_cpu", "a");
        assertThat(store.profiles())
                .extracting(profile -> profile.labels().get("service_name"))
                .containsOnly("unknown_service");
        assertThat(store.profiles().getLast().labels().get("profiler")).isEqualTo("gospy");
    }

    @ParameterizedTest
    @CsvSource({
        "application/proto, 400, invalid_argument",
        "application/json, 400, invalid_argument",
        "application/grpc, 200, 3",
        "application/grpc-web, 200, 3",
        "application/grpc-web-text, 200, 3"
    })
    void badSeriesAreNamedAndTheOthersStored(String protocol, int status, String code)
            throws Exception {
        PushRequests request =
                good().series(LABELS, "bad id", new byte[] {1, 2, 3})
                        .series(Map.of("service_name", "x"), "no name", new byte[0])
                        .series(LABELS, "cut", gzip(new byte[] {0x0a}));
        Outcome outcome = call(protocol, true, request);
        assertThat(outcome.status()).isEqualTo(status);
        assertThat(outcome.code()).isEqualTo(code);
        assertThat(outcome.message())
                .contains("push series with index 1 and id \"bad id\" failed")
                .contains("push series with index 2 and id \"no name\" failed: the label __name__")
                .contains("push series with index 3")
                .doesNotContain("index 0");
        assertThat(store.profiles()).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "application/proto, 400, invalid_argument",
        "application/json, 400, invalid_argument",
        "application/grpc, 200, 3",
        "application/grpc-web, 200, 3",
        "application/grpc-web-text, 200, 3"
    })
    void whatIsNoRequestIsTheClientsFault(String protocol, int status, String code)
            throws Exception {
        assertThat(call(protocol, false, new PushRequests()).message())
                .isEqualTo("no profiles received");
        byte[] garbage = "{\"series\":7".getBytes(StandardCharsets.UTF_8);
        byte[] framed = protocol.contains("grpc") ? frame(0, garbage) : garbage;
        byte[] body = protocol.contains("text") ? Base64.getEncoder().encode(framed) : framed;
        byte[] cut = Arrays.copyOf(body, body.length - 4);
        for (byte[] bytes : new byte[][] {body, cut, {}}) {
            Outcome outcome = send(protocol, bytes);
            assertThat(outcome.code()).as(outcome.message()).isEqualTo(code);
            assertThat(outcome.status()).isEqualTo(status);
        }
        assertThat(store.profiles()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "application/proto, 503, unavailable",
        "application/json, 503, unavailable",
        "application/grpc, 200, 14",
        "application/grpc-web, 200, 14",
        "application/grpc-web-text, 200, 14"
    })
    void faultsOfTheServerAreItsOwn(String protocol, int status, String code) throws Exception {
        store.failure = new StoreException(StoreException.Reason.DISK, "the disk is gone");
        Outcome outcome = call(protocol, false, good());
        assertThat(outcome.status()).isEqualTo(status);
        assertThat(outcome.code()).isEqualTo(code);
    }

    @ParameterizedTest
    @CsvSource({
        "application/proto, 429, resource_exhausted",
        "application/json, 429, resource_exhausted",
        "application/grpc, 200, 8",
        "application/grpc-web, 200, 8",
        "application/grpc-web-text, 200, 8"
    })
    void aBusyStoreIsALimit(String protocol, int status, String code) throws Exception {
        store.failure = new StoreException(StoreException.Reason.BUSY, "too much at once");
        Outcome outcome = call(protocol, false, good());
        assertThat(outcome.status()).isEqualTo(status);
        assertThat(outcome.code()).isEqualTo(code);
    }

    @ParameterizedTest
    @CsvSource({
        "application/proto, 401, unauthenticated",
        "application/json, 401, unauthenticated",
        "application/grpc, 200, 16",
        "application/grpc-web, 200, 16"
    })
    void withoutATenantNobodyIsKnown(String protocol, int status, String code) throws Exception {
        server.close();
        server = new TestServer(store, limits, BodyReader.Patience.DEFAULT, true);
        Outcome outcome = call(protocol, false, good());
        assertThat(outcome.status()).isEqualTo(status);
        assertThat(outcome.code()).isEqualTo(code);
        assertThat(call(protocol, false, good(), "X-Scope-OrgID", "t1").code()).isEmpty();
        assertThat(store.tenants()).containsOnly("t1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "application/connect+proto",
                "application/grpc+json",
                "application/x-protobuf",
                ""
            })
    void otherContentTypesAreRefused(String type) throws Exception {
        assertThat(send(type, good().proto()).status()).isEqualTo(415);
    }

    @Test
    void otherEncodingsAreNotImplemented() throws Exception {
        Outcome connect = send("application/proto", good().proto(), "Content-Encoding", "br");
        assertThat(connect.status()).isEqualTo(501);
        assertThat(connect.code()).isEqualTo("unimplemented");
        byte[] framed = frame(1, good().proto());
        assertThat(send("application/grpc", framed, "grpc-encoding", "snappy").code())
                .isEqualTo("12");
    }

    @Test
    void largeBodiesHaveTheLimitInTheAnswer() throws Exception {
        server.close();
        Limits small =
                new Limits(
                        1_000,
                        limits.inflatedBytes(),
                        limits.recordingBytes(),
                        limits.stackFrames(),
                        limits.stackRefused(),
                        limits.labels(),
                        limits.labelNameBytes(),
                        limits.labelValueBytes(),
                        limits.pending());
        server = new TestServer(store, small, BodyReader.Patience.DEFAULT, false);
        Outcome connect = send("application/proto", new byte[2_000]);
        assertThat(connect.code()).isEqualTo("resource_exhausted");
        assertThat(connect.message()).contains("limits.body");
        assertThat(send("application/grpc", new byte[2_000]).code()).isEqualTo("8");
        assertThat(send("application/grpc-web", new byte[2_000]).code()).isEqualTo("8");
    }
}
