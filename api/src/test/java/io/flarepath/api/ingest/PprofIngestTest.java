package io.flarepath.api.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PprofIngestTest {
    private final MemoryStore store = new MemoryStore();
    private final TestServer server = new TestServer(store);
    private final long now = UploadClock.systemNanos();

    @AfterEach
    void storeIsNeverCalledOnAnEventLoop() {
        server.close();
        assertThat(store.calledOnEventLoop).isFalse();
    }

    private void assertStoredGolden() {
        assertThat(store.profiles())
                .extracting(profile -> profile.type().id())
                .containsExactly(
                        "process_cpu:samples:count:cpu:nanoseconds",
                        "process_cpu:cpu:nanoseconds:cpu:nanoseconds");
        assertThat(TestServer.folded(store.profiles().get(1)))
                .isEqualTo(
                        Map.of(
                                "main.main;main.hot", 600_000_000L,
                                "main.main;main.warm;main.inlined", 300_000_000L,
                                "main.main;main.warm;main.inlined;app+0x404000", 100_000_000L));
    }

    @Test
    void rawPprofIsStoredWithCurlsDefaultContentType() {
        HttpResponse<String> answer =
                server.post(
                        TestServer.ingest("shop.api{pod=a-1,region=eu}"),
                        PprofWriter.gzip(PprofWriter.cpu(now).bytes()),
                        "Content-Type",
                        "application/x-www-form-urlencoded");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
        assertStoredGolden();
        Profile profile = store.profiles().get(1);
        assertThat(profile.labels().asMap())
                .isEqualTo(
                        Map.of(
                                "service_name", "shop.api",
                                "pod", "a-1",
                                "region", "eu",
                                "profiler", "unknown",
                                "pyroscope_spy", "unknown"));
        assertThat(profile.startNanos()).isEqualTo(now);
        assertThat(profile.durationNanos()).isEqualTo(10_000_000_000L);
        assertThat(profile.period()).isEqualTo(10_000_000);
        assertThat(store.tenants()).containsExactly("anonymous");
    }

    @Test
    void framesKeepFileLineMappingAndInlining() {
        server.post(TestServer.ingest("app"), PprofWriter.cpu(now).bytes());
        assertThat(store.profiles().get(0).frames())
                .contains(
                        new Frame(
                                "main.inlined",
                                "/src/main.go",
                                14,
                                "app",
                                "abcdef",
                                0,
                                FrameKind.GO,
                                true),
                        new Frame(
                                "main.warm",
                                "/src/main.go",
                                13,
                                "app",
                                "abcdef",
                                0,
                                FrameKind.GO,
                                false),
                        new Frame(
                                "app+0x404000",
                                "",
                                0,
                                "app",
                                "abcdef",
                                0x404000,
                                FrameKind.UNKNOWN,
                                false));
    }

    @Test
    void framesWithoutANameKeepWhatNamesThemLater() {
        PprofWriter pprof =
                new PprofWriter()
                        .sampleType("cpu", "nanoseconds")
                        .sample(new long[] {1, 2, 3}, 7)
                        .mapping(1, 0x555500000000L, 0x2000, "/opt/app", "ab01")
                        .mapping(2, 0, 0, "/opt/lib", "ab02")
                        .location(1, 1, 0x555500000321L)
                        .location(2, 2, 0x4321)
                        .location(3, 2, 0x5432, 1)
                        .function(1, "lib+0x5432", "");
        assertThat(server.post(TestServer.ingest("app"), pprof.bytes()).statusCode())
                .isEqualTo(200);
        assertThat(store.profiles().get(0).frames())
                .containsExactly(
                        unnamed("app+0x2321", "app", "ab01", 0x2321, true),
                        unnamed("lib+0x4321", "lib", "ab02", 0x4321, false),
                        unnamed("lib+0x5432", "lib", "ab02", 0x5432, false));
    }

    private static Frame unnamed(
            String name, String file, String buildId, long address, boolean offset) {
        return new Frame(
                name, "", 0, file, buildId, address, FrameKind.UNKNOWN, false, false, offset);
    }

    @Test
    void plainPprofIsRecognisedWithoutFormat() {
        assertThat(server.post(TestServer.ingest("app"), PprofWriter.cpu(now).bytes()).statusCode())
                .isEqualTo(200);
        assertStoredGolden();
    }

    @Test
    void contentEncodingIsUndoneEvenAroundGzip() {
        byte[] twice = PprofWriter.gzip(PprofWriter.gzip(PprofWriter.cpu(now).bytes()));
        HttpResponse<String> answer =
                server.post(
                        TestServer.ingest("app") + "&format=pprof",
                        twice,
                        "Content-Encoding",
                        "gzip");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertStoredGolden();
    }

    @Test
    void formOfTheGoClientIsStoredUnderItsDisplayNames() {
        String config =
                "{\"samples\":{\"display-name\":\"alloc_objects\"},\"cpu\":{\"units\":\"x\"}}";
        byte[] form = form(PprofWriter.gzip(PprofWriter.cpu(now).bytes()), config);
        HttpResponse<String> answer =
                server.post(
                        "/pyroscope/ingest?name=app&spyName=gospy",
                        form,
                        "Content-Type",
                        "multipart/form-data; boundary=----x42");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(store.profiles().get(0).type())
                .isEqualTo(new ProfileType("memory", "samples", "count", "cpu", "nanoseconds"));
        assertThat(store.profiles().get(0).labels().get("profiler")).isEqualTo("gospy");
    }

    @Test
    void formWithOldPreviousProfileIsRefused() {
        byte[] form =
                "------x42\r\nContent-Disposition: form-data; name=\"prev_profile\"; filename=\"a\"\r\n\r\nx\r\n------x42--\r\n"
                        .getBytes(StandardCharsets.UTF_8);
        HttpResponse<String> answer =
                server.post(
                        TestServer.ingest("app"),
                        form,
                        "Content-Type",
                        "multipart/form-data; boundary=----x42");
        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body()).contains("pyroscope-go");
    }

    private static byte[] form(byte[] profile, String config) {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        form.writeBytes(
                ("------x42\r\nContent-Disposition: form-data; name=\"sample_type_config\";"
                                + " filename=\"c.json\"\r\n\r\n"
                                + config
                                + "\r\n------x42\r\nContent-Disposition: form-data;"
                                + " name=\"profile\"; filename=\"p.pprof\"\r\nContent-Type:"
                                + " application/octet-stream\r\n\r\n")
                        .getBytes(StandardCharsets.UTF_8));
        form.writeBytes(profile);
        form.writeBytes("\r\n------x42--\r\n".getBytes(StandardCharsets.UTF_8));
        return form.toByteArray();
    }

    @Test
    void startIn1970IsReplacedByFrom() {
        long from = now / 1_000_000_000L - 60;
        server.post(
                TestServer.ingest("app") + "&from=" + from + "&until=" + (from + 10),
                PprofWriter.cpu(1_700_000_000L).bytes());
        assertThat(store.profiles().get(0).startNanos()).isEqualTo(from * 1_000_000_000L);
    }

    @Test
    void profileBeforeTheRetentionIsRefusedUnlessTheClientSaysWhen() {
        byte[] old = PprofWriter.cpu(now - 30L * 86_400_000_000_000L).bytes();
        HttpResponse<String> refused = server.post(TestServer.ingest("app"), old);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("retention").contains("from=now");
        assertThat(server.post(TestServer.ingest("app") + "&from=now", old).statusCode())
                .isEqualTo(200);
    }

    @Test
    void samplesWithANegativeValueAreLeftOutAndCounted() {
        PprofWriter pprof =
                PprofWriter.cpu(now).sample(new long[] {1}, -1, 5).sample(new long[] {1}, 0, 0);
        assertThat(server.post(TestServer.ingest("app"), pprof.bytes()).statusCode())
                .isEqualTo(200);
        assertStoredGolden();
        assertThat(server.get("/metrics").body())
                .contains("flarepath_ingest_dropped_total{reason=\"negative-value\"} 1.0");
    }

    @Test
    void deepStackIsCutAtTheLeafSideAndMarkedAtTheRoot() {
        long[] stack = new long[5_000];
        for (int i = 0; i < stack.length; i++) {
            stack[i] = i == stack.length - 1 ? 1 : 2;
        }
        PprofWriter pprof =
                new PprofWriter()
                        .sampleType("cpu", "nanoseconds")
                        .sample(stack, 7)
                        .location(1, 0, 0, 1)
                        .location(2, 0, 0, 2)
                        .function(1, "root", "")
                        .function(2, "rec", "");
        assertThat(server.post(TestServer.ingest("app"), pprof.bytes()).statusCode())
                .isEqualTo(200);
        Profile profile = store.profiles().get(0);
        assertThat(profile.stackStart(1)).isEqualTo(2_049);
        String folded = TestServer.folded(profile).keySet().iterator().next();
        assertThat(folded).startsWith("[truncated at 2048 frames];root;rec;rec");
    }

    @Test
    void emptyBodyIsTakenAndStoresNothing() {
        assertThat(server.post(TestServer.ingest("app"), new byte[0]).statusCode()).isEqualTo(200);
        assertThat(store.profiles()).isEmpty();
    }
}
