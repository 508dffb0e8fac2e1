package io.flarepath.api.query.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.api.contract.Answer;
import io.flarepath.api.contract.CheckedHttp;
import io.flarepath.api.query.ServedStore;
import io.flarepath.api.query.Stacks;
import io.flarepath.store.profile.ProfileType;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The status codes that Pyroscope's clients expect, request by request. */
class StatusCodesTest {
    private static final String CPU = "process_cpu:cpu:nanoseconds:cpu:nanoseconds";
    private static final List<String> METHODS =
            List.of(
                    "ProfileTypes",
                    "LabelNames",
                    "LabelValues",
                    "Series",
                    "SelectMergeStacktraces",
                    "SelectMergeProfile",
                    "SelectMergeSpanProfile",
                    "SelectSeries",
                    "SelectHeatmap",
                    "Diff");

    @TempDir static Path directory;
    private static ServedStore served;
    private static long now;

    @BeforeAll
    static void serve() {
        served = new ServedStore(directory);
        now = System.currentTimeMillis();
        served.write(
                Stacks.profile(
                        Stacks.labels("service_name", "shop", "profiler", "p"),
                        ProfileType.CPU,
                        now - 1_000,
                        Map.of("foo;bar", 1L)));
    }

    @AfterAll
    static void stop() {
        served.close();
    }

    /** START, END and RANGE stand for the last hour, TYPE and ALL for the usual two fields. */
    private static String filled(String body) {
        return body.replace("RANGE", "'start':START,'end':END")
                .replace("{TYPE,", "{'profileTypeID':'" + CPU + "',")
                .replace("ALL", "'labelSelector':'{}'")
                .replace("START", Long.toString(now - 3_600_000))
                .replace("END", Long.toString(now))
                .replace('\'', '"');
    }

    @ParameterizedTest(name = "{0} {2} {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    ProfileTypes | 200 | {RANGE}
                    ProfileTypes | 200 | {'start':0,'end':0}
                    ProfileTypes | 200 | {'start':-1,'end':END}
                    ProfileTypes | 200 | {'start':-2,'end':-1}
                    ProfileTypes | 200 | {'start':'1','end':'2','unknown':{'a':[1]}}
                    ProfileTypes | 400 | {'start':END,'end':START}
                    ProfileTypes | 400 | {'start':'now-1h','end':0}
                    ProfileTypes | 400 | {'start':0,'end':'now'}
                    LabelValues | 200 | {'name':'service_name',RANGE}
                    LabelValues | 200 | {'name':'service_name','matchers':['{a=\\'b\\'}','{c=\\'d\\'}'],RANGE}
                    LabelValues | 400 | {'name':'service_name'}
                    LabelValues | 400 | {'name':'service_name','matchers':['!bad_syntax!'],RANGE}
                    LabelValues | 400 | {'name':'service_name','start':END,'end':START}
                    LabelValues | 400 | {'name':'',RANGE}
                    LabelValues | 400 | {RANGE}
                    LabelNames | 200 | {RANGE}
                    LabelNames | 200 | {'matchers':['{namespace=\\'default\\'}'],RANGE}
                    LabelNames | 400 | {}
                    LabelNames | 400 | {'start':END,'end':START}
                    LabelNames | 400 | {'matchers':['!bad_syntax!'],RANGE}
                    Series | 200 | {'matchers':['{service_name=\\'test\\'}'],RANGE}
                    Series | 200 | {'labelNames':['service_name','namespace'],RANGE}
                    Series | 200 | {RANGE}
                    Series | 400 | {'matchers':['{service_name=\\'test\\'}']}
                    Series | 400 | {'start':END,'end':START}
                    Series | 400 | {'matchers':['!bad_syntax!'],RANGE}
                    SelectMergeStacktraces | 200 | {TYPE,ALL,RANGE}
                    SelectMergeStacktraces | 200 | {'profile_typeID':'a:b:c:d:e','label_selector':'{}',RANGE}
                    SelectMergeStacktraces | 200 | {TYPE,ALL,RANGE,'maxNodes':1024}
                    SelectMergeStacktraces | 200 | {TYPE,ALL,RANGE,'maxNodes':'1024','format':2}
                    SelectMergeStacktraces | 200 | {TYPE,ALL,RANGE,'format':'PROFILE_FORMAT_DOT'}
                    SelectMergeStacktraces | 200 | {TYPE,ALL,RANGE,'format':'PROFILE_FORMAT_PPROF'}
                    SelectMergeStacktraces | 200 | {TYPE,ALL,RANGE,'profileIdSelector':['7c9e6679-7425-40de-944b-e07fc1f90ae7']}
                    SelectMergeStacktraces | 200 | {TYPE,ALL,RANGE,'spanSelector':['9a517183f26a089d']}
                    SelectMergeStacktraces | 200 | {TYPE,ALL,RANGE,'traceIdSelector':['7c9e66797425440de944be07fc1f90ae']}
                    SelectMergeStacktraces | 400 | {TYPE,ALL,RANGE,'spanSelector':['9a517183f26a089d'],'traceIdSelector':['7c9e66797425440de944be07fc1f90ae']}
                    SelectMergeStacktraces | 400 | {TYPE,ALL,RANGE,'profileIdSelector':['x']}
                    SelectMergeStacktraces | 400 | {TYPE,ALL,RANGE,'spanSelector':['x']}
                    SelectMergeStacktraces | 400 | {TYPE,ALL,RANGE,'maxNodes':1048577}
                    SelectMergeStacktraces | 400 | {TYPE,ALL,RANGE,'maxNodes':-1}
                    SelectMergeStacktraces | 400 | {TYPE,ALL,RANGE,'format':'NO_SUCH'}
                    SelectMergeStacktraces | 501 | {TYPE,ALL,RANGE,'format':77}
                    SelectMergeStacktraces | 400 | {ALL,RANGE}
                    SelectMergeStacktraces | 400 | {'profileTypeID':'',ALL,RANGE}
                    SelectMergeStacktraces | 400 | {'profileTypeID':'invalid_format',ALL,RANGE}
                    SelectMergeStacktraces | 400 | {TYPE,RANGE}
                    SelectMergeStacktraces | 400 | {TYPE,'labelSelector':'!bad_syntax!',RANGE}
                    SelectMergeStacktraces | 400 | {TYPE,ALL,'start':END,'end':START}
                    SelectMergeStacktraces | 400 | {TYPE,ALL}
                    SelectMergeProfile | 200 | {TYPE,ALL,RANGE}
                    SelectMergeProfile | 200 | {TYPE,ALL,RANGE,'maxNodes':1024}
                    SelectMergeProfile | 400 | {ALL,RANGE}
                    SelectMergeProfile | 400 | {'profileTypeID':'invalid_format',ALL,RANGE}
                    SelectMergeProfile | 400 | {TYPE,RANGE}
                    SelectMergeProfile | 400 | {TYPE,'labelSelector':'!bad_syntax!',RANGE}
                    SelectMergeProfile | 400 | {TYPE,ALL,'start':END,'end':START}
                    SelectMergeProfile | 400 | {TYPE,ALL}
                    SelectMergeSpanProfile | 200 | {TYPE,ALL,RANGE,'spanSelector':['0123456789012345']}
                    SelectMergeSpanProfile | 200 | {TYPE,ALL,RANGE,'spanSelector':['0123456789012345'],'format':2}
                    SelectMergeSpanProfile | 400 | {ALL,RANGE,'spanSelector':['0123456789012345']}
                    SelectMergeSpanProfile | 400 | {TYPE,RANGE,'spanSelector':['0123456789012345']}
                    SelectMergeSpanProfile | 400 | {TYPE,ALL,'spanSelector':['0123456789012345']}
                    SelectSeries | 200 | {TYPE,ALL,RANGE,'step':15.0}
                    SelectSeries | 200 | {TYPE,ALL,RANGE,'step':15.0,'groupBy':['service_name']}
                    SelectSeries | 200 | {TYPE,ALL,RANGE,'step':15.0,'limit':10}
                    SelectSeries | 200 | {TYPE,ALL,RANGE,'step':15.0,'aggregation':'TIME_SERIES_AGGREGATION_TYPE_AVERAGE'}
                    SelectSeries | 200 | {TYPE,ALL,RANGE,'step':15.0,'exemplarType':2}
                    SelectSeries | 200 | {TYPE,ALL,RANGE,'step':15.0,'exemplarType':'EXEMPLAR_TYPE_SPAN'}
                    SelectSeries | 400 | {ALL,RANGE,'step':15.0}
                    SelectSeries | 400 | {'profileTypeID':'',ALL,RANGE,'step':15.0}
                    SelectSeries | 400 | {'profileTypeID':'invalid_format',ALL,RANGE,'step':15.0}
                    SelectSeries | 400 | {TYPE,RANGE,'step':15.0}
                    SelectSeries | 400 | {TYPE,'labelSelector':'!bad_syntax!',RANGE,'step':15.0}
                    SelectSeries | 400 | {TYPE,ALL,RANGE}
                    SelectSeries | 400 | {TYPE,ALL,RANGE,'step':0.0001}
                    SelectSeries | 400 | {TYPE,ALL,'start':1,'end':END,'step':0.001}
                    SelectSeries | 400 | {TYPE,ALL,'start':END,'end':START,'step':15.0}
                    SelectSeries | 400 | {TYPE,ALL,'step':15.0}
                    SelectHeatmap | 200 | {TYPE,ALL,RANGE,'step':15.0,'queryType':1}
                    SelectHeatmap | 200 | {TYPE,ALL,RANGE,'step':15.0,'queryType':'HEATMAP_QUERY_TYPE_SPAN'}
                    SelectHeatmap | 400 | {TYPE,ALL,RANGE,'step':15.0}
                    Diff | 200 | {'left':{TYPE,ALL,RANGE},'right':{TYPE,ALL,RANGE,'maxNodes':10}}
                    Diff | 400 | {'right':{TYPE,ALL,RANGE}}
                    Diff | 400 | {'left':{TYPE,ALL,RANGE}}
                    Diff | 400 | {'left':{ALL,RANGE},'right':{TYPE,ALL,RANGE}}
                    Diff | 400 | {'left':{TYPE,ALL,RANGE},'right':{ALL,RANGE}}
                    Diff | 400 | {'left':{TYPE,ALL,RANGE},'right':{'profileTypeID':'invalid_format',ALL,RANGE}}
                    Diff | 400 | {'left':{TYPE,RANGE},'right':{TYPE,ALL,RANGE}}
                    Diff | 400 | {'left':{TYPE,ALL,RANGE},'right':{'profileTypeID':'a:b:c:d:e',ALL,RANGE}}
                    GetProfileStats | 200 | {}
                    AnalyzeQuery | 200 | {'query':'process_cpu:cpu:nanoseconds:cpu:nanoseconds{}',RANGE}
                    SelectFunctions | 501 | {}
                    """)
    void ofConnect(String method, int status, String body) {
        Answer answer =
                served.http()
                        .postJson(
                                "/querier.v1.QuerierService/" + method,
                                filled(body.replace("\\'", "\\\"")));
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    }

    @Test
    void whatIsNoMessage() {
        for (String method : METHODS) {
            String path = "/querier.v1.QuerierService/" + method;
            for (String body : List.of("", "{\"invalid json\"", "[]")) {
                assertThat(served.http().postJson(path, body).status())
                        .as("%s %s", method, body)
                        .isEqualTo(400);
            }
            for (String verb : List.of("GET", "PUT", "DELETE", "PATCH")) {
                assertThat(send(path, verb, "application/json").status())
                        .as("%s %s", verb, method)
                        .isEqualTo(405);
            }
            assertThat(send(path, "POST", "text/plain").status()).as(method).isEqualTo(415);
        }
    }

    private static Answer send(String path, String verb, String type) {
        return served.http()
                .send(
                        served.http()
                                .request(path)
                                .header("Content-Type", type)
                                .method(verb, HttpRequest.BodyPublishers.ofString("{}")));
    }

    @ParameterizedTest(name = "{1} {0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    query=Q&from=now-15m&until=now | 200
                    query=Q&from=now-15m&until=now&format=dot | 200
                    query=Q&from=now-15m&until=now&format=dot&maxNodes=50 | 200
                    query=Q&from=now-15m&until=now&format=dot&max-nodes=50 | 200
                    query=Q&from=now-15m&until=now&format=pprof | 200
                    query=Q&from=now-15m&until=now&format=collapsed | 200
                    query=Q&from=now-15m&until=now&format=speedscope | 200
                    query=Q&from=now-15m&until=now&format=html | 200
                    query=Q&from=now-15m&until=now&groupBy=service_name&groupBy=region | 200
                    query=Q&from=now-15m&until=now&aggregation=avg | 200
                    query=Q&from=now-15m&until=now&aggregation=invalid | 200
                    query=Q&from=now-15m&until=now&maxNodes=0 | 200
                    query=Q&from=now-15m&until=now&maxNodes=invalid | 200
                    query=Q&from=0&until=0 | 400
                    query=Q&from=0&until=now | 400
                    query=Q&from=now-15m&until=0 | 400
                    query=Q&from=0&until=0&format=dot | 400
                    from=now-15m&until=now | 400
                    query=&from=now-15m&until=now | 400
                    query=bad_query&from=now-15m&until=now | 400
                    query=%7Bservice_name%3D%22test%22%7D&from=now-15m&until=now | 400
                    query=invalid_format%7B%7D&from=now-15m&until=now | 400
                    """)
    void ofRender(String parameters, int status) {
        Answer answer = served.get("/pyroscope/render?" + parameters.replace("Q", query(CPU)));
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    }

    @ParameterizedTest(name = "{1} {0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    leftQuery=Q&leftFrom=now-30m&leftUntil=now-15m&rightQuery=Q&rightFrom=now-15m&rightUntil=now | 200
                    leftQuery=Q&leftFrom=now-15m&leftUntil=now&rightQuery=Q&rightFrom=now-15m&rightUntil=now&format=collapsed | 200
                    leftFrom=now-30m&leftUntil=now-15m&rightQuery=Q&rightFrom=now-15m&rightUntil=now | 400
                    leftQuery=Q&leftFrom=now-30m&leftUntil=now-15m&rightFrom=now-15m&rightUntil=now | 400
                    leftQuery=bad&leftFrom=now-30m&leftUntil=now-15m&rightQuery=Q&rightFrom=now-15m&rightUntil=now | 400
                    leftQuery=Q&leftFrom=0&leftUntil=now-15m&rightQuery=Q&rightFrom=now-15m&rightUntil=now | 400
                    leftQuery=Q&leftFrom=now-30m&leftUntil=0&rightQuery=Q&rightFrom=now-15m&rightUntil=now | 400
                    leftQuery=Q&leftFrom=now-30m&leftUntil=now-15m&rightQuery=Q&rightFrom=0&rightUntil=now | 400
                    leftQuery=Q&leftFrom=now-30m&leftUntil=now-15m&rightQuery=Q&rightFrom=now-15m&rightUntil=0 | 400
                    leftQuery=Q&leftFrom=now-30m&leftUntil=now-15m&rightQuery=M&rightFrom=now-15m&rightUntil=now | 400
                    """)
    void ofRenderDiff(String parameters, int status) {
        String filled =
                parameters
                        .replace("=Q", "=" + query(CPU))
                        .replace("=M", "=" + query("memory:alloc_objects:count:space:bytes"));
        Answer answer = served.get("/pyroscope/render-diff?" + filled);
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    }

    @Test
    void ofOtherVerbs() {
        for (String path : List.of("/pyroscope/render", "/pyroscope/render-diff")) {
            for (String verb : List.of("POST", "PUT", "DELETE", "PATCH")) {
                assertThat(send(path, verb, "application/json").status())
                        .as("%s %s", verb, path)
                        .isEqualTo(405);
            }
        }
    }

    private static String query(String type) {
        return CheckedHttp.encoded(type + "{service_name=\"shop\"}");
    }
}
