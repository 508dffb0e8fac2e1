package io.flarepath.api.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.server.BlockingCalls;
import io.flarepath.api.server.BodyReader;
import io.flarepath.api.server.IngestBudgets;
import io.flarepath.api.server.IngestBudgets.Budget;
import io.flarepath.api.server.Limits;
import io.flarepath.store.StoreException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class OverloadTest {
    private final MemoryStore store = new MemoryStore();
    private final byte[] pprof = PprofWriter.cpu(UploadClock.systemNanos()).bytes();

    @Test
    void moreThanMayWaitIsAnswered429WithRetryAfter() {
        Limits one = new Limits(1 << 20, 1 << 20, 1 << 20, 2048, 8192, 30, 1024, 2048, 1);
        store.gate = new CountDownLatch(1);
        try (TestServer server = new TestServer(store, one, BodyReader.Patience.DEFAULT, false);
                ExecutorService clients = Executors.newCachedThreadPool()) {
            List<CompletableFuture<HttpResponse<String>>> held = new ArrayList<>();
            for (int i = 0; i < BlockingCalls.computingThreads() + 1; i++) {
                held.add(
                        CompletableFuture.supplyAsync(
                                () -> server.post(TestServer.ingest("app"), pprof), clients));
            }
            BlockingCalls ingest = server.server().services().ingest();
            Awaitility.await()
                    .until(() -> ingest.queued() == 1 && ingest.running() == ingest.threads());
            HttpResponse<String> refused = server.post(TestServer.ingest("app"), pprof);
            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
            assertThat(refused.body()).contains("limit");
            store.gate.countDown();
            assertThat(held).allMatch(answer -> answer.join().statusCode() == 200);
        }
    }

    @Test
    void faultsOfTheStoreAre503AndABusyOne429() {
        try (TestServer server = new TestServer(store)) {
            store.failure = new StoreException(StoreException.Reason.DISK, "disk is full");
            HttpResponse<String> fault = server.post(TestServer.ingest("app"), pprof);
            assertThat(fault.statusCode()).isEqualTo(503);
            assertThat(fault.body()).contains("\"code\":\"unavailable\"").doesNotContain("disk is");
            assertThat(server.get("/ready").statusCode()).isEqualTo(503);
            store.failure = new StoreException(StoreException.Reason.BUSY, "compaction");
            assertThat(server.post(TestServer.ingest("app"), pprof).statusCode()).isEqualTo(429);
            store.failure = null;
            assertThat(server.get("/ready").statusCode()).isEqualTo(200);
            assertThat(server.get("/version").body()).contains("version");
        }
    }

    @Test
    void clientThatStallsIsTold408() throws Exception {
        try (TestServer server =
                        new TestServer(store, Limits.DEFAULT, TestServer.IMPATIENT, false);
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            OutputStream out = socket.getOutputStream();
            out.write(
                    "POST /ingest?name=app HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc"
                            .getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            InputStream in = socket.getInputStream();
            StringBuilder answer = new StringBuilder();
            while (answer.indexOf("}") < 0) {
                answer.append((char) in.read());
            }
            assertThat(answer.toString()).startsWith("HTTP/1.1 408").contains("sent nothing for");
            assertThat(server.server().services().memory().reserved()).isZero();
        }
    }

    @Test
    void tenantsAreKeptApartAndRequiredWhenThereAreSeveral() {
        try (TestServer server =
                new TestServer(store, Limits.DEFAULT, BodyReader.Patience.DEFAULT, true)) {
            assertThat(server.post(TestServer.ingest("app"), pprof).statusCode()).isEqualTo(401);
            assertThat(
                            server.post(TestServer.ingest("app"), pprof, "X-Scope-OrgID", "a|b")
                                    .statusCode())
                    .isEqualTo(400);
            assertThat(
                            server.post(TestServer.ingest("app"), pprof, "X-Scope-OrgID", "team-1")
                                    .statusCode())
                    .isEqualTo(200);
            assertThat(store.tenants()).containsExactly("team-1");
            assertThat(server.get("/ready").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aTenantThatSendsTooFastIsTold429AndTheOthersGoOn() {
        Limits all = Limits.DEFAULT;
        Limits slow =
                new Limits(
                        all.bodyBytes(),
                        all.inflatedBytes(),
                        all.recordingBytes(),
                        all.stackFrames(),
                        all.stackRefused(),
                        all.labels(),
                        all.labelNameBytes(),
                        all.labelValueBytes(),
                        all.pending(),
                        new IngestBudgets(new Budget(1, 1), Map.of("c", new Budget(0, 1))));
        try (TestServer server = new TestServer(store, slow, BodyReader.Patience.DEFAULT, true)) {
            String path = TestServer.ingest("app");
            assertThat(server.post(path, pprof, "X-Scope-OrgID", "a").statusCode()).isEqualTo(200);
            HttpResponse<String> refused = server.post(path, pprof, "X-Scope-OrgID", "a");
            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(refused.body()).contains("resource_exhausted", "limits.ingestion-rate");
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            for (String tenant : new String[] {"b", "c", "c"}) {
                assertThat(server.post(path, pprof, "X-Scope-OrgID", tenant).statusCode())
                        .isEqualTo(200);
            }
            assertThat(server.get("/metrics").body())
                    .contains("flarepath_ingest_limited_total{tenant=\"a\"} 1.0");
        }
    }
}
