package io.flarepath.api.query.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.api.ingest.PprofWriter;
import io.flarepath.api.query.ServedStore;
import io.flarepath.api.query.Stacks;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.store.profile.ProfileType;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** querier.v1 as gRPC's own clients call it: HTTP/2, with the status in headers or trailers. */
@Timeout(60)
class GrpcQueryTest {
    private static final int HEAD_BYTES = 5;
    private static final int COMPRESSED = 1;
    private static final long T = 1_700_000_000_000L;
    private static final byte[] NAMES_OF_PODS =
            PprofWriter.message(out -> {
                out.writeString(1, "pod");
                out.writeInt64(3, T);
                out.writeInt64(4, T + 1_000);
            });

    @TempDir static Path directory;
    private static ServedStore served;
    private static Vertx vertx;
    private static HttpClient client;

    @BeforeAll
    static void serve() {
        served = new ServedStore(directory);
        served.write(
                Stacks.profile(
                        Stacks.labels("service_name", "shop", "pod", "p-7", "profiler", "p"),
                        ProfileType.CPU,
                        T,
                        Map.of("main", 1L)));
        vertx = Vertx.vertx();
        client =
                vertx.createHttpClient(
                        new HttpClientOptions()
                                .setProtocolVersion(HttpVersion.HTTP_2)
                                .setHttp2ClearTextUpgrade(false));
    }

    @AfterAll
    static void stop() throws Exception {
        await(vertx.close());
        served.close();
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private static byte[] framed(int flags, byte[] message) {
        return Buffer.buffer()
                .appendByte((byte) flags)
                .appendInt(message.length)
                .appendBytes(message)
                .getBytes();
    }

    /**
     * What came back.
     *
     * @param status of gRPC
     * @param message of gRPC's status, decoded
     */
    private record Outcome(String status, String message, Buffer body) {}

    private static Outcome call(String method, String encoding, byte[] body) throws Exception {
        URI server = served.http().request("/querier.v1.QuerierService/" + method).build().uri();
        return await(
                client.request(
                                HttpMethod.POST,
                                server.getPort(),
                                server.getHost(),
                                server.getRawPath())
                        .compose(request ->
                                request.putHeader("Content-Type", "application/grpc")
                                        .putHeader("grpc-encoding", encoding)
                                        .send(Buffer.buffer(body)))
                        .compose(response ->
                                response.body().map(answer -> outcome(response, answer))));
    }

    private static Outcome outcome(HttpClientResponse response, Buffer body) {
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.getHeader("Content-Type")).isEqualTo("application/grpc+proto");
        String early = response.getHeader("grpc-status");
        String message = response.getHeader("grpc-message");
        return new Outcome(
                early == null ? response.getTrailer("grpc-status") : early,
                message == null ? "" : URLDecoder.decode(message, StandardCharsets.UTF_8),
                body);
    }

    @Test
    void answersPlainAndCompressedCalls() throws Exception {
        byte[] expected = framed(0, PprofWriter.message(out -> out.writeString(1, "p-7")));
        for (Outcome outcome :
                new Outcome[] {
                    call("LabelValues", "identity", framed(0, NAMES_OF_PODS)),
                    call("LabelValues", "gzip", framed(0, NAMES_OF_PODS)),
                    call(
                            "LabelValues",
                            "gzip",
                            framed(COMPRESSED, JsonAnswer.compress(NAMES_OF_PODS)))
                }) {
            assertThat(outcome.status).as(outcome.message).isEqualTo("0");
            assertThat(outcome.body.getBytes()).isEqualTo(expected);
        }
    }

    @Test
    void refusalsAreInTheStatus() throws Exception {
        refuses(call("LabelValues", "gzip", framed(0, new byte[] {0x0a, 0x7f})), "3", "protobuf");
        refuses(call("LabelValues", "gzip", new byte[HEAD_BYTES - 1]), "3", "head of its frame");
        refuses(call("LabelValues", "gzip", framed(2, NAMES_OF_PODS)), "3", "flags 2");
        refuses(call("LabelValues", "gzip", framed(COMPRESSED, NAMES_OF_PODS)), "3", "GZIP");
        refuses(call("LabelValues", "snappy", framed(COMPRESSED, NAMES_OF_PODS)), "12", "snappy");
        refuses(call("SelectNothing", "identity", framed(0, NAMES_OF_PODS)), "12", "no method");
    }

    @Test
    void theLimitHoldsBeforeAndAfterInflating() throws Exception {
        byte[] large = new byte[(1 << 20) + 1];
        refuses(call("LabelValues", "identity", framed(0, large)), "8", "1048576");
        byte[] bomb = framed(COMPRESSED, JsonAnswer.compress(large));
        refuses(call("LabelValues", "gzip", bomb), "8", "inflates to more");
    }

    private static void refuses(Outcome outcome, String status, String why) {
        assertThat(outcome.status).as(outcome.message).isEqualTo(status);
        assertThat(outcome.message).contains(why);
        assertThat(outcome.body.length()).isZero();
    }

    /** Its number is not known either, so it can only be told by that. */
    @Test
    void aSelectorOfStacksThatIsNotKnownIsRefusedByNumber() throws Exception {
        byte[] request =
                PprofWriter.message(out -> {
                    out.writeString(1, ProfileType.CPU.id());
                    out.writeString(2, "{}");
                    out.writeInt64(3, T);
                    out.writeInt64(4, T + 1_000);
                    out.writeByteArray(
                            6, PprofWriter.message(stacks -> stacks.writeString(3, "f")));
                });
        Outcome outcome = call("SelectMergeProfile", "identity", framed(0, request));
        assertThat(outcome.status()).isEqualTo("12");
        assertThat(outcome.message()).contains("stackTraceSelector.field 3");
    }
}
