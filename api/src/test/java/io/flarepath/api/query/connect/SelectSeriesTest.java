package io.flarepath.api.query.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.flarepath.api.contract.Answer;
import io.flarepath.api.query.ServedStore;
import io.flarepath.api.query.Stacks;
import io.flarepath.store.profile.ProfileType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Steps by their right edges, sums and averages, groups, exemplars, heatmaps. */
class SelectSeriesTest {
    private static final long T = 1_700_000_000_000L;

    @TempDir static Path directory;
    private static ServedStore served;

    @BeforeAll
    static void serve() {
        served = new ServedStore(directory);
        store("shop", "a", T - 5_000, 1);
        store("shop", "a", T, 2);
        store("shop", "a", T + 1, 4);
        store("shop", "a", T + 10_000, 8);
        store("shop", "b", T + 10_001, 16);
        store("bank", "c", T + 20_000, 32);
        store("bank", "c", T + 25_000, 64);
        store("bank", "c", T + 30_000, 128);
    }

    private static void store(String service, String pod, long millis, long value) {
        served.write(
                Stacks.profile(
                        Stacks.labels("service_name", service, "pod", pod, "profiler", "p"),
                        ProfileType.CPU,
                        millis,
                        Map.of("main;work", value, "main;rest;work", value)));
    }

    @AfterAll
    static void stop() {
        served.close();
    }

    private static JsonNode series(String more, long start, long end, double step) {
        Answer answer = ask("SelectSeries", more, start, end, step);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json().path("series");
    }

    private static Answer ask(String method, String more, long start, long end, double step) {
        return served.http()
                .postJson(
                        "/querier.v1.QuerierService/" + method,
                        """
                        {"profileTypeID":"process_cpu:cpu:nanoseconds:cpu:nanoseconds",
                         "labelSelector":"{}","start":"%d","end":"%d","step":%s%s}\
                        """
                                .formatted(start, end, step, more.replace('\'', '"')));
    }

    private static String points(JsonNode series) {
        List<String> points = new ArrayList<>();
        for (JsonNode point : series.path("points")) {
            points.add(
                    Long.parseLong(point.path("timestamp").textValue())
                            - T
                            + "="
                            + Math.round(point.path("value").doubleValue() * 10) / 10.0);
        }
        return String.join(" ", points);
    }

    /** Each value counts twice, once a stack. The range holds no profile at its end. */
    @ParameterizedTest(name = "from {0} until {1} by {2} s")
    @CsvSource({
        "0, 30000, 10, 0=6.0 10000=24.0 20000=96.0 30000=128.0",
        "0, 30001, 10, 0=6.0 10000=24.0 20000=96.0 30000=384.0",
        "0, 25000, 10, 0=6.0 10000=24.0 20000=96.0",
        "0, 30001, 30, 0=6.0 30000=504.0",
        "1, 30001, 10, 1=14.0 10001=48.0 20001=64.0 30001=384.0",
        "10000, 10001, 0.001, 10000=16.0",
        "0, 0, 5, none",
    })
    void stepsEndAtTheirTimestamps(long from, long until, double step, String expected) {
        JsonNode series = series("", T + from, T + until, step);
        if (from == until) {
            // What would be in its only step started too early, or at its end.
            assertThat(series).isEmpty();
            return;
        }
        assertThat(series).hasSize(1);
        assertThat(series.get(0).has("labels")).isFalse();
        assertThat(points(series.get(0))).isEqualTo(expected);
    }

    @Test
    void groupsComeByTotalAndCanBeLimited() {
        JsonNode all = series(",'groupBy':['service_name']", T, T + 30_001, 30);
        assertThat(all.findValuesAsText("value")).contains("bank", "shop");
        assertThat(all.at("/0/labels/0/value").textValue()).isEqualTo("bank");
        assertThat(all).hasSize(2);
        JsonNode one = series(",'group_by':['service_name'],'limit':'1'", T, T + 30_001, 30);
        assertThat(one).hasSize(1);
        assertThat(one.at("/0/labels/0/value").textValue()).isEqualTo("bank");
        JsonNode types = series(",'groupBy':['__profile_type__']", T, T + 30_001, 30);
        assertThat(types.at("/0/labels/0/value").textValue()).startsWith("process_cpu:");
    }

    @Test
    void averagesAreOfTheProfilesOfAStep() {
        String average = ",'aggregation':'TIME_SERIES_AGGREGATION_TYPE_AVERAGE'";
        JsonNode all = series(average, T, T + 30_001, 10);
        assertThat(points(all.get(0))).isEqualTo("0=3.0 10000=12.0 20000=48.0 30000=192.0");
        JsonNode byType = series(average + ",'groupBy':['__type__']", T, T + 30_001, 10);
        assertThat(points(byType.get(0))).isEqualTo(points(all.get(0)));
    }

    @Test
    void aCallSiteIsFollowed() {
        String site = ",'stackTraceSelector':{'callSite':[{'name':'main'},{'name':'rest'}]}";
        assertThat(points(series(site, T, T + 30_001, 30).get(0))).isEqualTo("0=3.0 30000=252.0");
    }

    @Test
    void exemplarsNameProfilesThatCanBeAskedFor() {
        JsonNode all = series(",'exemplarType':2,'groupBy':['service_name']", T, T + 30_001, 30);
        JsonNode exemplar = all.at("/0/points/0/exemplars/0");
        assertThat(exemplar.path("value").textValue()).isEqualTo("256");
        assertThat(exemplar.path("timestamp").textValue()).isEqualTo(Long.toString(T + 30_000));
        assertThat(exemplar.path("labels").findValuesAsText("name"))
                .containsExactly("pod", "profiler");
        Answer graph =
                ask(
                        "SelectMergeStacktraces",
                        ",'profileIdSelector':['" + exemplar.path("profileId").textValue() + "']",
                        T,
                        T + 30_001,
                        1);
        assertThat(graph.json().at("/flamegraph/total").textValue()).isEqualTo("256");
    }

    @Test
    void heatmapsCountProfilesByValue() {
        Answer answer = ask("SelectHeatmap", ",'queryType':1,'exemplarType':2", T, T + 30_001, 30);
        JsonNode slots = answer.json().at("/series/0/slots");
        assertThat(slots).hasSize(2);
        JsonNode last = slots.get(1);
        assertThat(last.path("timestamp").textValue()).isEqualTo(Long.toString(T + 30_000));
        assertThat(last.path("yMin")).hasSize(20);
        assertThat(last.at("/yMin/0").doubleValue()).isEqualTo(2);
        int count = 0;
        for (JsonNode each : last.path("counts")) {
            count += each.intValue();
        }
        assertThat(count).isEqualTo(6);
        assertThat(last.at("/counts/19").intValue()).isEqualTo(1);
        assertThat(last.path("exemplars").findValuesAsText("value")).contains("256");
    }
}
