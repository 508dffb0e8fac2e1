package io.flarepath.api.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.api.agents.Agents;
import io.flarepath.api.contract.Answer;
import io.flarepath.api.contract.CheckedHttp;
import io.flarepath.api.ingest.PprofWriter;
import io.flarepath.api.query.request.QueryLimits;
import io.flarepath.api.server.ApiServer;
import io.flarepath.api.server.BodyReader;
import io.flarepath.api.server.Limits;
import io.flarepath.api.server.ServerOptions;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.RocksDbProfileStore;
import io.flarepath.store.StoreOptions;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.Allowance;
import io.flarepath.store.query.QueryRefusedException;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A question that costs too much, takes too long, or whose asker has gone, over real HTTP. */
@Timeout(60)
class QueryCostTest {
    private static final String QUESTION =
            "/api/v1/flamegraph?from=now-1h&until=now&query="
                    + CheckedHttp.encoded("{service_name=\"shop\"}");

    private static final String GRPC = "/querier.v1.QuerierService/SelectMergeStacktraces";

    @TempDir private Path directory;

    private final CountDownLatch begun = new CountDownLatch(1);
    private final BlockingQueue<QueryRefusedException.Reason> ends = new LinkedBlockingQueue<>();

    /** What a merge does that is not done before its allowance is used up. */
    private Object endless() throws InterruptedException {
        begun.countDown();
        try {
            while (true) {
                Allowance.current().check();
                Thread.sleep(1);
            }
        } catch (QueryRefusedException e) {
            ends.add(e.reason());
            throw e;
        }
    }

    private ProfileStore endlessly(ProfileStore store) {
        return (ProfileStore)
                Proxy.newProxyInstance(
                        getClass().getClassLoader(),
                        new Class<?>[] {ProfileStore.class},
                        (proxy, method, arguments) -> {
                            if (method.getName().equals("merge")) {
                                return endless();
                            }
                            try {
                                return method.invoke(store, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }

    private interface Asking {
        void of(int port, CheckedHttp http) throws Exception;
    }

    private void serve(boolean endless, long rows, Duration time, Asking asking) throws Exception {
        ProfileStore store =
                RocksDbProfileStore.open(directory.resolve("store"), StoreOptions.defaults());
        fill(store);
        ServerOptions options =
                new ServerOptions(
                        "127.0.0.1",
                        0,
                        false,
                        Limits.DEFAULT,
                        BodyReader.Patience.DEFAULT,
                        directory.resolve("bodies"));
        try (ApiServer server = new ApiServer(options, endless ? endlessly(store) : store)) {
            int port =
                    server.start(
                            List.of(services ->
                                    new QueryRoutes(
                                            services.store(),
                                            services.query(),
                                            new Agents(),
                                            QueryLimits.ofNodes(1000).withCost(rows, time))));
            try (CheckedHttp http = new CheckedHttp(port)) {
                asking.of(port, http);
            }
        }
    }

    private static void fill(ProfileStore store) {
        Labels labels = Labels.of(Map.of("service_name", "shop", "profiler", "flarepath"));
        long now = System.currentTimeMillis() * 1_000_000;
        for (int minute = 1; minute < 60; minute++) {
            Profile.Builder builder =
                    Profile.builder(labels, ProfileType.CPU)
                            .time(now - minute * 60_000_000_000L, 10_000_000_000L)
                            .period(10_000_000);
            for (int stack = 0; stack < 20; stack++) {
                int[] frames = {builder.frame(Frame.named("f" + stack))};
                builder.stack(frames, 1, 10_000_000);
            }
            store.write("anonymous", List.of(builder.build()));
        }
    }

    @Test
    void tooManyRowsAreRefusedWithTheLimitAndTheCure() throws Exception {
        serve(
                false,
                500,
                Duration.ofMinutes(1),
                (port, http) -> {
                    Answer answer = http.get(QUESTION);
                    assertThat(answer.status()).isEqualTo(422);
                    assertThat(answer.text())
                            .contains("resource_exhausted")
                            .contains("more than 500 rows")
                            .contains("would fit")
                            .contains("limits.query-rows");
                    assertThat(http.get(QUESTION.replace("now-1h", "now-10m")).status())
                            .isEqualTo(200);
                });
    }

    @Test
    void whatTakesTooLongIsRefusedInTime() throws Exception {
        serve(
                true,
                1_000_000,
                Duration.ofMillis(200),
                (port, http) -> {
                    Answer answer = http.get(QUESTION);
                    assertThat(answer.status()).isEqualTo(504);
                    assertThat(answer.text())
                            .contains("deadline_exceeded")
                            .contains("limits.query-time");
                    assertThat(ends.poll(10, TimeUnit.SECONDS))
                            .isEqualTo(QueryRefusedException.Reason.TIME);
                });
    }

    private static byte[] grpcQuestion() {
        long now = System.currentTimeMillis();
        byte[] message =
                PprofWriter.message(out -> {
                    out.writeString(1, ProfileType.CPU.id());
                    out.writeString(2, "{service_name=\"shop\"}");
                    out.writeInt64(3, now - 3_600_000);
                    out.writeInt64(4, now);
                });
        return ByteBuffer.allocate(5 + message.length)
                .putInt(1, message.length)
                .put(5, message)
                .array();
    }

    @Test
    void whatTakesTooLongIsRefusedInTimeOverGrpcToo() throws Exception {
        serve(
                true,
                1_000_000,
                Duration.ofMillis(200),
                (port, http) -> {
                    Answer answer =
                            http.send(
                                    http.request(GRPC)
                                            .header("Content-Type", "application/grpc-web")
                                            .POST(
                                                    HttpRequest.BodyPublishers.ofByteArray(
                                                            grpcQuestion())));
                    assertThat(answer.status()).isEqualTo(200);
                    assertThat(answer.text())
                            .contains("grpc-status: 4\r\n")
                            .contains("limits.query-time");
                    assertThat(ends.poll(10, TimeUnit.SECONDS))
                            .isEqualTo(QueryRefusedException.Reason.TIME);
                });
    }

    @Test
    void aQuestionEndsWhenItsAskerHangsUp() throws Exception {
        serve(
                true,
                1_000_000,
                Duration.ofHours(1),
                (port, http) -> {
                    hangUp(port);
                    assertThat(ends.poll(30, TimeUnit.SECONDS))
                            .isEqualTo(QueryRefusedException.Reason.CANCELLED);
                    assertThat(http.get("/ready").status()).isEqualTo(200);
                });
    }

    @Test
    void aQuestionEndsWhenItsGrpcCallIsReset() throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            HttpClient client =
                    vertx.createHttpClient(
                            new HttpClientOptions()
                                    .setProtocolVersion(HttpVersion.HTTP_2)
                                    .setHttp2ClearTextUpgrade(false));
            serve(
                    true,
                    1_000_000,
                    Duration.ofHours(1),
                    (port, http) -> {
                        HttpClientRequest call =
                                client.request(HttpMethod.POST, port, "127.0.0.1", GRPC)
                                        .await(20, TimeUnit.SECONDS);
                        call.putHeader("Content-Type", "application/grpc")
                                .end(Buffer.buffer(grpcQuestion()))
                                .await(20, TimeUnit.SECONDS);
                        assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
                        call.reset();
                        assertThat(ends.poll(30, TimeUnit.SECONDS))
                                .isEqualTo(QueryRefusedException.Reason.CANCELLED);
                    });
        } finally {
            vertx.close().await(20, TimeUnit.SECONDS);
        }
    }

    private void hangUp(int port) throws IOException, InterruptedException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write(
                            ("GET " + QUESTION + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }
}
