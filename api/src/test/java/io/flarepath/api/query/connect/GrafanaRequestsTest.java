package io.flarepath.api.query.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.api.contract.Answer;
import io.flarepath.api.contract.CheckedHttp;
import io.flarepath.api.ingest.PprofWriter;
import io.flarepath.api.query.ServedStore;
import io.flarepath.api.query.Stacks;
import io.flarepath.store.profile.ProfileType;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The requests of Grafana's Pyroscope data source (Connect in protobuf) and of Profiles Drilldown
 * (JSON and GET, through the data source's proxy), in the form in which they send them.
 */
class GrafanaRequestsTest {
    private static final long T = 1_700_000_000_000L;
    private static final long END = T + 60_000;
    private static final String CPU = ProfileType.CPU.id();

    @TempDir static Path directory;
    private static ServedStore served;

    @BeforeAll
    static void serve() {
        served = new ServedStore(directory);
        served.write(
                Stacks.profile(
                        Stacks.labels(
                                "service_name",
                                "shop",
                                "pod",
                                "a",
                                "tier.name",
                                "x",
                                "profiler",
                                "p"),
                        ProfileType.CPU,
                        T,
                        1,
                        Map.of("main;work", 10L)));
    }

    @AfterAll
    static void stop() {
        served.close();
    }

    private static byte[] call(String method, PprofWriter.Fields request) {
        Answer answer =
                served.http()
                        .send(
                                served.http()
                                        .request("/querier.v1.QuerierService/" + method)
                                        .header("Content-Type", "application/proto")
                                        .header("Connect-Protocol-Version", "1")
                                        .header("Accept", "*/*;allow-utf8-labelnames=true")
                                        .POST(
                                                BodyPublishers.ofByteArray(
                                                        PprofWriter.message(request))));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.body();
    }

    @Test
    void theDataSourceListsTypesAndLabels() {
        byte[] types =
                call(
                        "ProfileTypes",
                        out -> {
                            out.writeInt64(1, T);
                            out.writeInt64(2, END);
                        });
        assertThat(types)
                .isEqualTo(
                        PprofWriter.message(out ->
                                out.writeByteArray(
                                        1,
                                        PprofWriter.message(type -> {
                                            type.writeString(1, CPU);
                                            type.writeString(2, "process_cpu");
                                            type.writeString(4, "cpu");
                                            type.writeString(5, "nanoseconds");
                                            type.writeString(6, "cpu");
                                            type.writeString(7, "nanoseconds");
                                        }))));
        byte[] names =
                call(
                        "LabelNames",
                        out -> {
                            out.writeString(1, "{service_name=\"shop\"}");
                            out.writeInt64(2, T);
                            out.writeInt64(3, END);
                        });
        assertThat(names)
                .isEqualTo(
                        PprofWriter.message(out -> {
                            for (String name :
                                    new String[] {
                                        "__name__",
                                        "__period_type__",
                                        "__period_unit__",
                                        "__profile_type__",
                                        "__service_name__",
                                        "__type__",
                                        "__unit__",
                                        "pod",
                                        "profiler",
                                        "service_name",
                                        "tier.name"
                                    }) {
                                out.writeString(1, name);
                            }
                        }));
        byte[] values =
                call(
                        "LabelValues",
                        out -> {
                            out.writeString(1, "pod");
                            out.writeString(2, "{}");
                            out.writeInt64(3, T);
                            out.writeInt64(4, END);
                        });
        assertThat(values).isEqualTo(PprofWriter.message(out -> out.writeString(1, "a")));
    }

    /** An unset filter of Drilldown leaves a comma before the brace. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '^',
            value = {
                "{service_name=\"shop\",}",
                "{service_name=\"shop\", pod=~\"a|b\",}",
                "{__service_name__=\"shop\",tier.name=\"x\"}"
            },
            quoteCharacter = '`')
    void theDataSourceAsksForFlameGraphs(String selector) {
        byte[] graph =
                call(
                        "SelectMergeStacktraces",
                        out -> {
                            out.writeString(1, CPU);
                            out.writeString(2, selector);
                            out.writeInt64(3, T);
                            out.writeInt64(4, END);
                            out.writeInt64(5, 16_384);
                        });
        assertThat(graph)
                .isEqualTo(
                        PprofWriter.message(out ->
                                out.writeByteArray(
                                        1,
                                        PprofWriter.message(inner -> {
                                            inner.writeString(1, "total");
                                            inner.writeString(1, "main");
                                            inner.writeString(1, "work");
                                            inner.writeByteArray(2, level(0, 10, 0, 0));
                                            inner.writeByteArray(2, level(0, 10, 0, 1));
                                            inner.writeByteArray(2, level(0, 10, 10, 2));
                                            inner.writeInt64(3, 10);
                                            inner.writeInt64(4, 10);
                                        }))));
    }

    private static byte[] level(long... values) {
        return PprofWriter.message(out ->
                out.writeByteArray(
                        1,
                        PprofWriter.message(packed -> {
                            for (long value : values) {
                                packed.writeInt64NoTag(value);
                            }
                        })));
    }

    @Test
    void theDataSourceAsksForSeriesByLabel() {
        byte[] series =
                call(
                        "SelectSeries",
                        out -> {
                            out.writeString(1, CPU);
                            out.writeString(2, "{service_name=\"shop\"}");
                            out.writeInt64(3, T);
                            out.writeInt64(4, END);
                            out.writeString(5, "pod");
                            out.writeDouble(6, 60);
                            out.writeInt64(9, 20);
                            out.writeEnum(10, 1);
                        });
        assertThat(series)
                .isEqualTo(
                        PprofWriter.message(out ->
                                out.writeByteArray(
                                        1,
                                        PprofWriter.message(inner -> {
                                            inner.writeByteArray(
                                                    1,
                                                    PprofWriter.message(label -> {
                                                        label.writeString(1, "pod");
                                                        label.writeString(2, "a");
                                                    }));
                                            inner.writeByteArray(
                                                    2,
                                                    PprofWriter.message(point -> {
                                                        point.writeDouble(1, 10);
                                                        point.writeInt64(2, T);
                                                    }));
                                        }))));
    }

    /**
     * T and E stand for the range, C for the type; what comes back must contain the last column.
     */
    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '^',
            quoteCharacter = '`',
            textBlock =
                    """
                    querier.v1.QuerierService/Series ^ {'start':T,'end':E,'labelNames':['service_name','__profile_type__'],'matchers':[]} ^ {'name':'service_name','value':'shop'}
                    querier.v1.QuerierService/Series ^ {'start':T,'end':E,'matchers':[]} ^ {'name':'__service_name__','value':'shop'}
                    querier.v1.QuerierService/LabelNames ^ {'matchers':['{__profile_type__=\\'C\\', service_name=\\'shop\\'}'],'start':T,'end':E} ^ 'pod'
                    querier.v1.QuerierService/LabelNames ^ {'matchers':['{__profile_type__=\\'C\\', }'],'start':T,'end':E} ^ 'pod'
                    querier.v1.QuerierService/LabelValues ^ {'name':'pod','matchers':['{__profile_type__=\\'C\\', }'],'start':T,'end':E} ^ {'names':['a']}
                    querier.v1.QuerierService/GetProfileStats ^ {} ^ 'dataIngested':true
                    querier.v1.QuerierService/AnalyzeQuery ^ {'start':T,'end':E,'query':'C{service_name=\\'shop\\'}'} ^ 'totalQueriedSeries':'1'
                    querier.v1.QuerierService/SelectMergeProfile ^ {'profile_typeID':'C','label_selector':'{service_name=\\'shop\\'}','start':T,'end':E,'stackTraceSelector':{'call_site':[{'name':'main'}]},'maxNodes':500} ^ 'value':['10']
                    settings.v1.SettingsService/Get ^ {} ^ {}
                    settings.v1.RecordingRulesService/ListRecordingRules ^ {} ^ {}
                    capabilities.v1.FeatureFlagsService/GetFeatureFlags ^ {} ^ {}
                    """)
    void drilldownPosts(String path, String body, String expected) {
        Answer answer = served.http().postJson("/" + path, filled(body));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.text()).contains(filled(expected));
    }

    private static String filled(String text) {
        return text.replace("'C", "'" + CPU)
                .replace(":T,", ":" + T + ",")
                .replace(":E,", ":" + END + ",")
                .replace(":E}", ":" + END + "}")
                .replace('\'', '"');
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '^',
            quoteCharacter = '`',
            textBlock =
                    """
                    render ^ query=Q&from=T&until=E&format=json&max-nodes=16384 ^ "names":["total","main","work"]
                    render ^ query=Q&from=T&until=E&format=dot&max-nodes=100 ^ digraph
                    render-diff ^ leftQuery=Q&leftFrom=T&leftUntil=E&rightQuery=Q&rightFrom=T&rightUntil=E&max-nodes=16384 ^ "format":"double"
                    """)
    void drilldownGets(String route, String parameters, String expected) {
        String query = CheckedHttp.encoded(CPU + "{service_name=\"shop\",}");
        Answer answer =
                served.get(
                        "/pyroscope/"
                                + route
                                + "?"
                                + parameters
                                        .replace("=Q", "=" + query)
                                        .replace("=T", "=" + T)
                                        .replace("=E", "=" + END));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.text()).contains(expected);
    }
}
