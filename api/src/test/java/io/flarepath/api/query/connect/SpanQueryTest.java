package io.flarepath.api.query.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.flarepath.api.contract.Answer;
import io.flarepath.api.query.ServedStore;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.profile.SpanSamples;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Flame graphs, exemplars and heatmaps of spans. */
class SpanQueryTest {
    private static final long T = 1_700_000_000_000L;
    private static final long LARGE = 0x0bac2a5ab0c7L;
    private static final long SMALL = 0xfedcba9876543210L;
    private static final String TRACE = "0000000000000000000000000000002a";

    @TempDir static Path directory;
    private static ServedStore served;

    @BeforeAll
    static void serve() {
        served = new ServedStore(directory);
        served.write(
                profile("a", T, part(LARGE, 0, 0, 70), part(SMALL, 42, 1, 20)),
                profile("b", T + 10_000, part(LARGE, 0, 1, 5)));
    }

    /** Stacks {@code main;work} and {@code main;rest}, each worth 100. */
    private static Profile profile(String pod, long millis, SpanSamples... spans) {
        Labels labels = Labels.of(Map.of("service_name", "shop", "pod", pod, "profiler", "p"));
        Profile.Builder profile =
                Profile.builder(labels, ProfileType.CPU).time(millis * 1_000_000, 10_000_000_000L);
        int main = profile.frame(Frame.named("main"));
        profile.stack(new int[] {profile.frame(Frame.named("work")), main}, 2, 100);
        profile.stack(new int[] {profile.frame(Frame.named("rest")), main}, 2, 100);
        for (SpanSamples span : spans) {
            profile.span(span);
        }
        return profile.build();
    }

    private static SpanSamples part(long id, long trace, int stack, long value) {
        return new SpanSamples(id, 0, trace, new int[] {stack}, new long[] {value});
    }

    @AfterAll
    static void stop() {
        served.close();
    }

    private static JsonNode ask(String method, String more) {
        Answer answer =
                served.http()
                        .postJson(
                                "/querier.v1.QuerierService/" + method,
                                """
                                {"profileTypeID":"process_cpu:cpu:nanoseconds:cpu:nanoseconds",
                                 "labelSelector":"{}","start":"%d","end":"%d"%s}\
                                """
                                        .formatted(T, T + 30_000, more.replace('\'', '"')));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    private static String total(String method, String more) {
        return ask(method, more).path("flamegraph").path("total").asText("0");
    }

    @Test
    void aSpanHasAFlameGraphOfItsOwn() {
        String large = ",'spanSelector':['00000bac2a5ab0c7']";
        JsonNode graph = ask("SelectMergeSpanProfile", large).path("flamegraph");
        assertThat(graph.path("total").textValue()).isEqualTo("75");
        assertThat(graph.path("names").toString()).contains("work", "rest");
        assertThat(total("SelectMergeStacktraces", large)).isEqualTo("75");
        assertThat(
                        total(
                                "SelectMergeStacktraces",
                                ",'spanSelector':['00000bac2a5ab0c7','FEDCBA9876543210']"))
                .isEqualTo("95");
        assertThat(total("SelectMergeStacktraces", ",'traceIdSelector':['" + TRACE + "']"))
                .isEqualTo("20");
        assertThat(total("SelectMergeStacktraces", ",'spanSelector':['0000000000000001']"))
                .isEqualTo("0");
        JsonNode pprof = ask("SelectMergeProfile", ",'traceIdSelector':['" + TRACE + "']");
        assertThat(pprof.path("sample")).hasSize(1);
        assertThat(pprof.path("sample").get(0).path("value").get(0).asText()).isEqualTo("20");
    }

    @Test
    void theLargestSpanOfAPointIsItsExemplarAndLeadsToItsStacks() {
        JsonNode points =
                ask("SelectSeries", ",'step':10.0,'exemplarType':'EXEMPLAR_TYPE_SPAN'")
                        .path("series")
                        .get(0)
                        .path("points");
        JsonNode first = points.get(0).path("exemplars").get(0);
        assertThat(first.path("spanId").textValue()).isEqualTo("00000bac2a5ab0c7");
        assertThat(first.path("value").asText()).isEqualTo("70");
        assertThat(first.has("traceId")).isFalse();
        String profile = ",'profileIdSelector':['" + first.path("profileId").textValue() + "']";
        assertThat(total("SelectMergeStacktraces", profile)).isEqualTo("200");
        assertThat(
                        total(
                                "SelectMergeStacktraces",
                                profile + ",'spanSelector':['00000bac2a5ab0c7']"))
                .isEqualTo("70");
        assertThat(points.get(1).path("exemplars").get(0).path("value").asText()).isEqualTo("5");
    }

    @Test
    void aHeatmapCountsSpans() {
        JsonNode slots =
                ask(
                                "SelectHeatmap",
                                ",'step':30.0,'queryType':'HEATMAP_QUERY_TYPE_SPAN',"
                                        + "'exemplarType':'EXEMPLAR_TYPE_SPAN'")
                        .path("series")
                        .get(0)
                        .path("slots");
        int counted = 0;
        int exemplars = 0;
        boolean traced = false;
        for (JsonNode slot : slots) {
            for (JsonNode count : slot.path("counts")) {
                counted += count.intValue();
            }
            for (JsonNode exemplar : slot.path("exemplars")) {
                exemplars++;
                traced |= exemplar.path("traceId").asText().equals(TRACE);
            }
        }
        assertThat(counted).isEqualTo(3);
        assertThat(exemplars).isEqualTo(3);
        assertThat(traced).isTrue();
    }
}
