package io.flarepath.api.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.SampledThread;
import io.flarepath.store.profile.TimedSamples;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import io.opentelemetry.proto.profiles.v1development.Line;
import io.opentelemetry.proto.profiles.v1development.Location;
import io.opentelemetry.proto.profiles.v1development.Mapping;
import io.opentelemetry.proto.profiles.v1development.Stack;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OtlpIngestTest {
    private final MemoryStore store = new MemoryStore();
    private final TestServer server = new TestServer(store);
    private final long now = UploadClock.systemNanos();

    @AfterEach
    void close() {
        server.close();
        assertThat(store.calledOnEventLoop).isFalse();
    }

    private HttpResponse<String> post(ExportProfilesServiceRequest request) {
        return server.post(
                "/v1development/profiles",
                request.toByteArray(),
                "Content-Type",
                "application/x-protobuf");
    }

    private void assertGolden() {
        Profile profile = store.profiles().get(0);
        assertThat(profile.type().id()).isEqualTo("process_cpu:cpu:nanoseconds:cpu:nanoseconds");
        assertThat(profile.id()).isEqualTo("0f0103");
        assertThat(profile.startNanos()).isEqualTo(now);
        assertThat(profile.total()).isEqualTo(100 * 10_309_278L);
        assertThat(TestServer.folded(profile))
                .isEqualTo(
                        Map.of(
                                "main;hot;inlined", 60 * 10_309_278L,
                                "main;app+0x3000", 30 * 10_309_278L,
                                "[no unwind rule];hot;inlined", 10 * 10_309_278L));
        assertThat(profile.labels().asMap())
                .isEqualTo(
                        Map.of(
                                "service_name", "shop",
                                "pod", "shop-1",
                                "pod_uid", "u-1",
                                "container", "docker",
                                "node", "n1",
                                "runtime", "native",
                                "profiler", "flarepath"));
        assertThat(profile.frames())
                .contains(
                        new Frame("inlined", "", 7, "app", "abcd", 0, FrameKind.NATIVE, true),
                        new Frame(
                                "app+0x3000",
                                "",
                                0,
                                "app",
                                "abcd",
                                0x3000,
                                FrameKind.NATIVE,
                                false),
                        new Frame("[no unwind rule]", "", 7, "", "", 0, FrameKind.ERROR, false));
        assertThat(profile.stackCount()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/x-protobuf",
                "application/protobuf",
                "application/x-protobuf; charset=utf-8"
            })
    void protobufIsStored(String contentType) {
        HttpResponse<String> answer =
                server.post(
                        "/v1development/profiles",
                        PprofWriter.gzip(OtlpRequests.golden(now).build().toByteArray()),
                        "Content-Type",
                        contentType,
                        "Content-Encoding",
                        "gzip");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
        assertGolden();
    }

    @Test
    void jsonIsStoredWithParametersAndUnknownFields() throws InvalidProtocolBufferException {
        String json = JsonFormat.printer().print(OtlpRequests.golden(now).build());
        HttpResponse<String> answer =
                server.post(
                        "/v1development/profiles",
                        json.replaceFirst("\\{", "{\"later\": 1,").getBytes(StandardCharsets.UTF_8),
                        "Content-Type",
                        "application/json; charset=utf-8");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{}");
        assertGolden();
    }

    @Test
    void collectorsReferencesIntoTheDictionaryAreFollowed() {
        OtlpRequests requests = new OtlpRequests();
        int stack = requests.stack(requests.location(0, 0, "jvm", "java/lang/Thread.run"));
        requests.add(
                "io.otel",
                List.of(
                        requests.interned("service.name", "shop"),
                        requests.interned("k8s.container.name", "c"),
                        OtlpRequests.plain("container.name", "loses"),
                        requests.interned("deployment.environment", "prod")),
                requests.cpu(now, 1).addSamples(OtlpRequests.sample(stack, 1)));
        assertThat(post(requests.build()).statusCode()).isEqualTo(200);
        assertThat(store.profiles().get(0).labels().asMap())
                .isEqualTo(
                        Map.of(
                                "service_name", "shop",
                                "container", "c",
                                "deployment.environment", "prod",
                                "profiler", "io.otel"));
        assertThat(store.profiles().get(0).frames().get(0).kind()).isEqualTo(FrameKind.JVM);
    }

    @Test
    void samplesWithTimestampsAndNoValuesCountOneEach() {
        OtlpRequests requests = new OtlpRequests();
        int libc = requests.mapping("/usr/lib/libc.so.6", "", 0x7f0000000000L, 0x1000);
        int stack = requests.stack(requests.location(libc, 0x7f0000000234L, "native"));
        requests.add(
                "",
                OtlpRequests.attributes(Map.of("process.executable.name", "sh")),
                requests.cpu(now, 1)
                        .clearDurationNano()
                        .clearProfileId()
                        .addSamples(
                                OtlpRequests.sample(stack)
                                        .addTimestampsUnixNano(now)
                                        .addTimestampsUnixNano(now + 1)));
        assertThat(post(requests.build()).statusCode()).isEqualTo(200);
        Profile profile = store.profiles().get(0);
        assertThat(profile.total()).isEqualTo(2 * 10_309_278L);
        assertThat(profile.durationNanos()).isEqualTo(10_000_000_000L);
        assertThat(profile.id()).isEmpty();
        assertThat(profile.labels().get("service_name")).isEqualTo("unknown_service:sh");
        assertThat(profile.labels().get("profiler")).isEqualTo("otlp");
        assertThat(TestServer.folded(profile)).containsOnlyKeys("libc.so.6+0x1234");
    }

    @Test
    void samplesKeepTheirTimesAndThreads() {
        OtlpRequests requests = new OtlpRequests();
        int one = requests.stack(requests.location(0, 0, "native", "one"));
        int other = requests.stack(requests.location(0, 0, "native", "other"));
        int id = requests.attribute("thread.id", "77");
        int name = requests.attribute("thread.name", "worker");
        long slot = now / 100_000_000L;
        requests.add(
                "",
                OtlpRequests.attributes(Map.of("service.name", "shop")),
                requests.cpu(now, 1)
                        .addSamples(
                                OtlpRequests.sample(one)
                                        .addAttributeIndices(id)
                                        .addAttributeIndices(name)
                                        .addValues(3)
                                        .addValues(4)
                                        .addTimestampsUnixNano(slot * 100_000_000L)
                                        .addTimestampsUnixNano((slot + 5) * 100_000_000L))
                        .addSamples(
                                OtlpRequests.sample(other)
                                        .addValues(5)
                                        .addTimestampsUnixNano((slot + 1) * 100_000_000L)
                                        .addTimestampsUnixNano((slot + 1) * 100_000_000L + 1))
                        .addSamples(
                                OtlpRequests.sample(other)
                                        .addValues(1)
                                        .addTimestampsUnixNano(Long.MAX_VALUE))
                        .addSamples(OtlpRequests.sample(one).addValues(100)));
        assertThat(post(requests.build()).statusCode()).isEqualTo(200);
        Profile profile = store.profiles().get(0);
        TimedSamples timed = profile.timed();
        long period = 10_309_278L;
        assertThat(profile.total()).isEqualTo(113 * period);
        Map<String, Long> rows = new TreeMap<>();
        for (int i = 0; i < timed.rows(); i++) {
            SampledThread thread = timed.threads().get(timed.owners()[i]);
            int frame = profile.stackFrame(profile.stackStart(timed.stacks()[i]));
            rows.put(
                    (timed.slots()[i] - slot)
                            + " "
                            + thread.id()
                            + thread.name()
                            + " "
                            + profile.frames().get(frame).function(),
                    timed.values()[i] / period);
        }
        assertThat(rows)
                .isEqualTo(Map.of("0 77worker one", 3L, "5 77worker one", 4L, "1 0 other", 5L));
    }

    /** Code that was moved has no ELF address that could be told; its place in the file is kept. */
    @Test
    void framesWithoutANameKeepWhatNamesThemLater() {
        OtlpRequests requests = new OtlpRequests();
        int own = requests.mapping("/opt/app", "ab01", 0, 0);
        int moved = requests.mapping("/lib/libm.so", "ab02", 0x7f0000000000L, 0x1000);
        int fixed = requests.mapping("/opt/fixed", "ab03", 0x401000, 0x1000);
        requests.dictionary.addMappingTable(
                Mapping.newBuilder()
                        .setFilenameStrindex(requests.string("hashed"))
                        .addAttributeIndices(
                                requests.attribute("process.executable.build_id.htlhash", "ab04")));
        int hashed = requests.dictionary.getMappingTableCount() - 1;
        int stack =
                requests.stack(
                        requests.location(own, 0x1234, "native"),
                        requests.location(moved, 0x7f0000000234L, "native"),
                        requests.location(moved, 0x2345, "native"),
                        requests.location(fixed, 0x401111, "native"),
                        requests.location(hashed, 0x77, "native"),
                        requests.location(own, 0x99, "native", "app+0x99"),
                        requests.location(own, 0x88, "native", "operator+0x"));
        requests.add(
                "",
                OtlpRequests.attributes(Map.of("service.name", "x")),
                requests.cpu(now, 1).addSamples(OtlpRequests.sample(stack, 1)));
        assertThat(post(requests.build()).statusCode()).isEqualTo(200);
        assertThat(store.profiles().get(0).frames())
                .containsExactly(
                        unnamed("app+0x1234", "app", "ab01", 0x1234, false),
                        unnamed("libm.so+0x1234", "libm.so", "ab02", 0x1234, true),
                        unnamed("libm.so+0x2345", "libm.so", "ab02", 0x2345, false),
                        unnamed("fixed+0x401111", "fixed", "ab03", 0x401111, false),
                        unnamed("hashed+0x77", "hashed", "ab04", 0x77, false),
                        unnamed("app+0x99", "app", "ab01", 0x99, false),
                        new Frame("operator+0x", "", 7, "app", "ab01", 0, FrameKind.NATIVE, false));
    }

    private static Frame unnamed(
            String name, String file, String buildId, long address, boolean offset) {
        return new Frame(
                name, "", 0, file, buildId, address, FrameKind.NATIVE, false, false, offset);
    }

    @Test
    void stacksAreCountedByServiceAndEnd() {
        assertThat(post(OtlpRequests.golden(now).build()).statusCode()).isEqualTo(200);
        assertThat(server.get("/metrics").body())
                .contains("flarepath_stacks_total{end=\"complete\",service_name=\"shop\"} 90.0")
                .contains(
                        "flarepath_stacks_total{end=\"no unwind"
                                + " rule\",service_name=\"shop\"} 10.0");
    }

    /** Names and reasons are words of clients: a thousand of each must not fill the metrics. */
    @Test
    void stacksOfAThousandServicesAndEndsHaveABoundedNumberOfCounters() {
        for (int i = 0; i < 300; i++) {
            OtlpRequests requests = new OtlpRequests();
            int stack =
                    requests.stack(
                            requests.location(0, 0, "native", "f"),
                            requests.location(0, 0, "error", "[reason " + i % 100 + "]"));
            requests.add(
                    "s",
                    OtlpRequests.attributes(Map.of("service.name", "s" + i)),
                    requests.cpu(now, 1).addSamples(OtlpRequests.sample(stack, 1)));
            assertThat(post(requests.build()).statusCode()).isEqualTo(200);
        }
        List<String> series =
                server.get("/metrics")
                        .body()
                        .lines()
                        .filter(line -> line.startsWith("flarepath_stacks_total{"))
                        .toList();
        assertThat(series).hasSizeLessThan(300);
        assertThat(series).anyMatch(line -> line.contains("service_name=\"other\""));
        assertThat(series).anyMatch(line -> line.contains("end=\"other\""));
        assertThat(
                        series.stream()
                                .mapToDouble(line ->
                                        Double.parseDouble(
                                                line.substring(line.lastIndexOf(' ') + 1)))
                                .sum())
                .isEqualTo(300);
    }

    @Test
    void confidenceComesWithTheLocation() {
        OtlpRequests requests = new OtlpRequests();
        int app = requests.mapping("app", "ab01", 0, 0);
        int low = requests.location(app, 0, "native", "inner", "outer");
        requests.locationAttribute("flarepath.frame.confidence", "low");
        int high = requests.location(app, 0, "native", "main");
        requests.locationAttribute("flarepath.frame.confidence", "unheard of");
        requests.add(
                "",
                OtlpRequests.attributes(Map.of("service.name", "x")),
                requests.cpu(now, 1).addSamples(OtlpRequests.sample(requests.stack(low, high), 1)));
        assertThat(post(requests.build()).statusCode()).isEqualTo(200);
        assertThat(store.profiles().get(0).frames())
                .extracting(Frame::function, Frame::lowConfidence)
                .containsExactly(tuple("inner", true), tuple("outer", true), tuple("main", false));
    }

    @Test
    void aLocationSaysThatItsLinesAreNearOnly() {
        OtlpRequests requests = new OtlpRequests();
        int near = requests.location(0, 0, "jvm", "inner", "outer");
        requests.locationAttribute("flarepath.frame.line", "approximate");
        int exact = requests.location(0, 0, "jvm", "main");
        requests.locationAttribute("flarepath.frame.line", "unheard of");
        requests.add(
                "",
                OtlpRequests.attributes(Map.of("service.name", "x")),
                requests.cpu(now, 1)
                        .addSamples(OtlpRequests.sample(requests.stack(near, exact), 1)));
        assertThat(post(requests.build()).statusCode()).isEqualTo(200);
        assertThat(store.profiles().get(0).frames())
                .allMatch(frame -> frame.line() > 0)
                .extracting(Frame::function, Frame::approximateLine)
                .containsExactly(tuple("inner", true), tuple("outer", true), tuple("main", false));
    }

    @Test
    void otherTypesKeepTheirNamesAndOneIdServesSeveral() {
        OtlpRequests requests = new OtlpRequests();
        int stack = requests.stack(requests.location(0, 0, "", "f"));
        requests.add(
                "s",
                OtlpRequests.attributes(Map.of("service.name", "x")),
                requests.cpu(now, 1)
                        .setSampleType(requests.type("off_cpu", "nanoseconds"))
                        .clearPeriodType()
                        .addSamples(OtlpRequests.sample(stack, 3, 4)),
                requests.cpu(now, 1)
                        .setSampleType(requests.type("otlp_test", "count"))
                        .setPeriodType(requests.type("otlp_test", "samples"))
                        .addSamples(OtlpRequests.sample(stack, 5)));
        assertThat(post(requests.build()).statusCode()).isEqualTo(200);
        assertThat(store.profiles())
                .extracting(profile -> profile.type().id())
                .containsExactly(
                        "off_cpu:off_cpu:nanoseconds::",
                        "otlp_test:otlp_test:count:otlp_test:samples");
        assertThat(store.profiles()).extracting(Profile::id).containsExactly("0f0103", "0f0103-2");
        assertThat(store.profiles().get(0).total()).isEqualTo(7);
    }

    /** Allocations and locks have one id, whether they come as a recording or as OTLP. */
    @Test
    void typesOfRecordingsHaveTheIdsThatTheyHaveThere() {
        OtlpRequests requests = new OtlpRequests();
        int stack = requests.stack(requests.location(0, 0, "", "f"));
        requests.add(
                "s",
                OtlpRequests.attributes(Map.of("service.name", "x")),
                requests.cpu(now, 1)
                        .setSampleType(requests.type("alloc_in_new_tlab_bytes", "bytes"))
                        .setPeriodType(requests.type("space", "bytes"))
                        .addSamples(OtlpRequests.sample(stack, 3)),
                requests.cpu(now, 1)
                        .setSampleType(requests.type("live", "count"))
                        .setPeriodType(requests.type("objects", "count"))
                        .addSamples(OtlpRequests.sample(stack, 3)),
                requests.cpu(now, 1)
                        .setSampleType(requests.type("delay", "nanoseconds"))
                        .setPeriodType(requests.type("block", "count"))
                        .addSamples(OtlpRequests.sample(stack, 3)),
                requests.cpu(now, 1)
                        .setSampleType(requests.type("wall", "nanoseconds"))
                        .setPeriodType(requests.type("wall", "nanoseconds"))
                        .addSamples(OtlpRequests.sample(stack, 5)));
        assertThat(post(requests.build()).statusCode()).isEqualTo(200);
        assertThat(store.profiles())
                .extracting(profile -> profile.type().id())
                .containsExactly(
                        "memory:alloc_in_new_tlab_bytes:bytes:space:bytes",
                        "memory:live:count:objects:count",
                        "block:delay:nanoseconds:block:count",
                        "wall:wall:nanoseconds:wall:nanoseconds");
    }

    @Test
    void oneBadProfileKeepsAllOfTheRequestOut() {
        assertRefused(r -> r.dictionary.addStackTable(Stack.newBuilder().addLocationIndices(99)));
        assertRefused(r -> r.dictionary.addStackTable(Stack.newBuilder().addLocationIndices(-1)));
        assertRefused(
                r -> r.dictionary.addLocationTable(Location.newBuilder().setMappingIndex(44)));
        assertRefused(r ->
                r.dictionary.addLocationTable(
                        Location.newBuilder().addLines(Line.newBuilder().setFunctionIndex(44))));
        assertRefused(
                r -> r.dictionary.addLocationTable(Location.newBuilder().addAttributeIndices(44)));
        assertRefused(r -> r.dictionary.getMappingTableBuilder(1).setFilenameStrindex(4_444));
        assertRefused(r -> r.dictionary.getFunctionTableBuilder(1).setNameStrindex(-4));
        assertRefused(r -> addProfile(r, r.cpu(now, 2).addSamples(OtlpRequests.sample(44, 1))));
        assertRefused(r ->
                addProfile(r, r.cpu(now, 2).addSamples(OtlpRequests.sample(1, 1).setLinkIndex(9))));
        assertRefused(r ->
                addProfile(r, r.cpu(now, 2).setPeriod(0).addSamples(OtlpRequests.sample(1, 1))));
        assertRefused(r ->
                addProfile(r, r.cpu(now, 2).addSamples(OtlpRequests.sample(1, Long.MAX_VALUE, 1))));
        assertRefused(r ->
                addProfile(
                        r,
                        r.cpu(now, 2)
                                .setProfileId(ByteString.copyFrom(new byte[65]))
                                .addSamples(OtlpRequests.sample(1, 1))));
        assertRefused(
                r -> r.add("s", OtlpRequests.attributes(Map.of("a\u0001b", "x")), r.cpu(now, 3)));
        assertThat(store.profiles()).isEmpty();
    }

    private static void addProfile(
            OtlpRequests requests,
            io.opentelemetry.proto.profiles.v1development.Profile.Builder profile) {
        requests.add("s", List.of(), profile);
    }

    private void assertRefused(Consumer<OtlpRequests> spoil) {
        OtlpRequests requests = OtlpRequests.golden(now);
        spoil.accept(requests);
        HttpResponse<String> answer = post(requests.build());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).contains("\"code\":\"invalid_argument\"");
    }

    @Test
    void whatIsNoRequestIsRefused() {
        assertThat(
                        server.post(
                                        "/v1development/profiles",
                                        "rubbish".getBytes(StandardCharsets.UTF_8),
                                        "Content-Type",
                                        "application/x-protobuf")
                                .statusCode())
                .isEqualTo(400);
        assertThat(
                        server.post(
                                        "/v1development/profiles",
                                        "{".getBytes(StandardCharsets.UTF_8),
                                        "Content-Type",
                                        "application/json")
                                .statusCode())
                .isEqualTo(400);
        assertThat(server.post("/v1development/profiles", new byte[0]).statusCode()).isEqualTo(415);
        assertThat(server.get("/v1development/profiles").statusCode()).isEqualTo(405);
    }

    @Test
    void bombOfTinyMessagesIsStoppedBeforeItIsBuilt() {
        byte[] samples = new byte[40 << 20];
        for (int i = 0; i < samples.length; i += 2) {
            samples[i] = 0x12;
        }
        byte[] scope = PprofWriter.message(o -> o.writeByteArray(2, samples));
        byte[] resource = PprofWriter.message(o -> o.writeByteArray(2, scope));
        byte[] request = PprofWriter.message(o -> o.writeByteArray(1, resource));
        HttpResponse<String> answer =
                server.post(
                        "/v1development/profiles",
                        PprofWriter.gzip(request),
                        "Content-Type",
                        "application/x-protobuf",
                        "Content-Encoding",
                        "gzip");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(413);
        assertThat(answer.body()).contains("memory");
    }
}
