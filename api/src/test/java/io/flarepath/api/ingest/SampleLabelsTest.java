package io.flarepath.api.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.SpanSelection;
import io.flarepath.store.query.SpanSelection.TraceId;
import io.opentelemetry.proto.collector.profiles.v1development.ExportProfilesServiceRequest;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labels and spans of single samples: which series they make, and what is kept of each span. */
class SampleLabelsTest {
    private static final ProfileType CPU = ProfileType.CPU;
    private static final ProfileType COUNT =
            new ProfileType("process_cpu", "samples", "count", "cpu", "nanoseconds");

    @TempDir private Path directory;
    private StoredUploads stored;
    private final long now = UploadClock.systemNanos();

    @BeforeEach
    void start() {
        stored = new StoredUploads(directory);
    }

    @AfterEach
    void stop() {
        stored.close();
        stored.store.close();
    }

    private PprofWriter pprof() {
        return new PprofWriter()
                .sampleType("samples", "count")
                .sampleType("cpu", "nanoseconds")
                .period("cpu", "nanoseconds", 10)
                .time(now, 10_000_000_000L)
                .location(1, 0, 0, 1)
                .location(2, 0, 0, 2)
                .location(3, 0, 0, 3)
                .function(1, "main", "")
                .function(2, "work", "")
                .function(3, "rest", "");
    }

    private void post(PprofWriter pprof) {
        assertThat(stored.server.post(TestServer.ingest("app"), pprof.bytes()).statusCode())
                .isEqualTo(200);
    }

    private FlameTree span(ProfileType type, long id) {
        return spans(type, new SpanSelection(Set.of(id), Set.of()));
    }

    private FlameTree spans(ProfileType type, SpanSelection which) {
        return stored.store.mergeSpans(
                new ProfileQuery("anonymous", type, Selector.ALL, StoredUploads.ALL), which, false);
    }

    private List<String> values(String label) {
        return stored.store.labelValues("anonymous", label, Selector.ALL, StoredUploads.ALL);
    }

    @Test
    void labelsOfPprofSamplesMakeSeriesAndAllSamplesCount() {
        post(
                pprof().sample(Map.of("route", "/a", "thread_id", "17"), new long[] {2, 1}, 6, 60)
                        .sample(Map.of("route", "/a", "thread_id", "18"), new long[] {2, 1}, 1, 10)
                        .sample(
                                Map.of("route", "/b", "service_name", "no"),
                                new long[] {3, 1},
                                2,
                                20)
                        .sample(new long[] {2, 1}, 1, 10));
        assertThat(stored.tree("app", CPU).total(0)).isEqualTo(100);
        assertThat(stored.tree("app", COUNT).total(0)).isEqualTo(10);
        assertThat(values("route")).containsExactly("/a", "/b");
        assertThat(values("service_name")).containsExactly("app");
        assertThat(values("thread_id")).isEmpty();
        assertThat(stored.labelled("app", CPU, "route=\"/a\"").total(0)).isEqualTo(70);
        assertThat(stored.labelled("app", CPU, "route=\"/b\"").total(0)).isEqualTo(20);
        assertThat(stored.labelled("app", CPU, "route=\"\"").total(0)).isEqualTo(10);
    }

    @Test
    void spansOfPprofSamplesCanBeHadOneByOneInEveryType() {
        String trace = "000102030405060708090a0b0c0d0e0f";
        post(
                pprof().sample(
                                Map.of("span_id", "00000bac2a5ab0c7", "trace_id", trace),
                                new long[] {2, 1},
                                6,
                                60)
                        .sample(
                                Map.of("profile_id", "00000bac2a5ab0c7", "span_name", "GET"),
                                new long[] {3, 1},
                                0,
                                5)
                        .sample(
                                Map.of("span_id", "not a number", "route", "/a"),
                                new long[] {2, 1},
                                1,
                                10)
                        .sample(new long[] {2, 1}, 3, 30));
        long id = 0x0bac2a5ab0c7L;
        assertThat(stored.tree("app", CPU).total(0)).isEqualTo(105);
        assertThat(span(CPU, id).total(0)).isEqualTo(65);
        assertThat(StoredUploads.all(span(CPU, id), "work")).isEqualTo(60);
        assertThat(span(COUNT, id).total(0)).isEqualTo(6);
        TraceId traceId = new TraceId(0x0001020304050607L, 0x08090a0b0c0d0e0fL);
        assertThat(spans(CPU, new SpanSelection(Set.of(), Set.of(traceId))).total(0)).isEqualTo(60);
        assertThat(values("span_name")).isEmpty();
    }

    @Test
    void aLabelWithManyValuesMakesNoSeriesAndIsCounted() {
        PprofWriter pprof = pprof();
        for (int user = 0; user < 300; user++) {
            pprof.sample(Map.of("user", "u" + user, "route", "/a"), new long[] {2, 1}, 1, 10);
        }
        post(pprof);
        assertThat(values("user")).isEmpty();
        assertThat(stored.labelled("app", CPU, "route=\"/a\"").total(0)).isEqualTo(3000);
        assertThat(stored.server.get("/metrics").body())
                .contains("reason=\"sample-labels\"} 300.0");
    }

    @Test
    void anyLabelsAndSpansAddUpToWhatALedgerSays() {
        Random random = new Random(11);
        Map<String, Long> routes = new TreeMap<>();
        Map<Long, Long> spans = new TreeMap<>();
        long total = 0;
        PprofWriter pprof = pprof();
        for (int i = 0; i < 400; i++) {
            String route = "/r" + random.nextInt(5);
            long span = random.nextInt(9);
            long value = 1L + random.nextInt(1000);
            long leaf = 2L + random.nextInt(2);
            Map<String, String> labels = new TreeMap<>(Map.of("route", route));
            if (span > 0) {
                labels.put("span_id", HexFormat.of().toHexDigits(span));
                spans.merge(span, value, Long::sum);
            }
            pprof.sample(labels, new long[] {leaf, 1}, 1, value);
            routes.merge(route, value, Long::sum);
            total += value;
        }
        post(pprof);
        assertThat(stored.tree("app", CPU).total(0)).isEqualTo(total);
        routes.forEach((route, value) ->
                assertThat(stored.labelled("app", CPU, "route=\"" + route + "\"").total(0))
                        .isEqualTo(value));
        spans.forEach((id, value) -> assertThat(span(CPU, id).total(0)).isEqualTo(value));
    }

    @Test
    void attributesAndLinksOfOtlpSamplesDoTheSameAndARetryCountsOnce() {
        OtlpRequests requests = new OtlpRequests();
        int stack = requests.stack(requests.location(0, 0, "native", "main"));
        int route = requests.attribute("http.route", "/a");
        int thread = requests.attribute("thread.id", "7");
        int pod = requests.attribute("k8s.pod.name", "p1");
        ExportProfilesServiceRequest request =
                requests.add(
                                "otel",
                                OtlpRequests.attributes(Map.of("service.name", "shop")),
                                requests.cpu(now, 1)
                                        .addSamples(
                                                OtlpRequests.sample(stack, 5)
                                                        .addAttributeIndices(route)
                                                        .addAttributeIndices(thread)
                                                        .setLinkIndex(requests.link(1, 2)))
                                        .addSamples(
                                                OtlpRequests.sample(stack, 3)
                                                        .addAttributeIndices(pod)
                                                        .setLinkIndex(requests.link(0, 0)))
                                        .addSamples(OtlpRequests.sample(stack, 2)))
                        .build();
        for (int sent = 0; sent < 2; sent++) {
            assertThat(
                            stored.server
                                    .post(
                                            "/v1development/profiles",
                                            request.toByteArray(),
                                            "Content-Type",
                                            "application/x-protobuf")
                                    .statusCode())
                    .isEqualTo(200);
        }
        long one = 10_309_278;
        assertThat(stored.tree("shop", CPU).total(0)).isEqualTo(10 * one);
        assertThat(values("http.route")).containsExactly("/a");
        assertThat(values("pod")).containsExactly("p1");
        assertThat(values("thread.id")).isEmpty();
        assertThat(stored.labelled("shop", CPU, "pod=\"p1\"").total(0)).isEqualTo(3 * one);
        assertThat(span(CPU, 0x0101010101010101L).total(0)).isEqualTo(5 * one);
        TraceId trace = new TraceId(0x0202020202020202L, 0x0202020202020202L);
        assertThat(spans(CPU, new SpanSelection(Set.of(), Set.of(trace))).total(0))
                .isEqualTo(5 * one);
    }
}
