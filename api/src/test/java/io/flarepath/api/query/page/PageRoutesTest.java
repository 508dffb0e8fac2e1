package io.flarepath.api.query.page;

import static io.flarepath.api.contract.CheckedHttp.encoded;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.flarepath.api.contract.Answer;
import io.flarepath.api.query.ServedStore;
import io.flarepath.api.query.Stacks;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.ProfileType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageRoutesTest {
    private static final long MS = 1_000_000;

    /** A multiple of 10 s. */
    private static final long START = 1_700_000_000_000L;

    private static final String RANGE = "from=" + START + "&until=" + (START + 600_000);
    private static final ProfileType ALLOC =
            new ProfileType("memory", "alloc_space", "bytes", "space", "bytes");

    @TempDir static Path directory;
    private static ServedStore served;

    @BeforeAll
    static void serve() {
        served = new ServedStore(directory);
        served.write(
                Stacks.profile(
                        labels("shop", "a", "n1", "flarepath"),
                        ProfileType.CPU,
                        START + 5_000,
                        Map.of(
                                "main;work",
                                60 * MS,
                                "main;inlined",
                                30 * MS,
                                "[truncated];work",
                                10 * MS)),
                Stacks.profile(
                        labels("shop", "b", "n2", "flarepath"),
                        ProfileType.CPU,
                        START + 65_000,
                        Map.of("main;work", 40 * MS)),
                Stacks.profile(
                        labels("shop", "a", "n1", "javaspy"),
                        ProfileType.CPU,
                        START + 5_000,
                        Map.of("run;work", 90 * MS)),
                Stacks.profile(
                        labels("kernel", "", "n1", "flarepath"),
                        ProfileType.CPU,
                        START + 5_000,
                        Map.of("idle", 500 * MS)),
                Stacks.profile(
                        labels("kernel", "", "n2", "flarepath"),
                        ProfileType.CPU,
                        START + 5_000,
                        Map.of("idle", 5 * MS)),
                Stacks.profile(
                        labels("shop", "a", "n1", "javaspy"),
                        ALLOC,
                        START + 5_000,
                        Map.of("new", 4_096L)),
                Stacks.profile(
                        labels("later", "z", "n1", "flarepath"),
                        ProfileType.CPU,
                        START + 3_600_000,
                        Map.of("main", 1 * MS)));
    }

    private static Labels labels(String service, String pod, String node, String profiler) {
        return Stacks.labels(
                "service_name",
                service,
                "pod",
                pod,
                "namespace",
                pod.isEmpty() ? "" : "prod",
                "node",
                node,
                "profiler",
                profiler);
    }

    @AfterAll
    static void stop() {
        served.close();
    }

    @Test
    void tellsWhatLiesWhere() {
        JsonNode contents = ok("/api/v1/store");
        assertThat(texts(contents.get("families"), "name"))
                .contains("profiles", "members", "detail", "rollup", "dictionary");
        assertThat(texts(contents.get("levels"), "name"))
                .containsExactly("profiles", "10 minutes", "2 hours", "day", "calls");
        JsonNode shop = contents;
        for (JsonNode service : contents.get("services")) {
            shop = service.get("name").textValue().equals("shop") ? service : shop;
        }
        assertThat(shop.path("name").textValue()).isEqualTo("shop");
        assertThat(shop.get("series").intValue()).isEqualTo(3);
        assertThat(shop.get("rows").intValue()).isPositive();
        assertThat(shop.get("bytes").intValue()).isPositive();
        assertThat(shop.get("dictionaryBytes").intValue()).isPositive();
        assertThat(shop.get("stacks").intValue()).isPositive();
    }

    /** One profiler weighs more in all, the other took more samples. */
    @Test
    void showsTheProfilerWithMoreSamples() {
        long start = START + 7_200_000;
        served.write(
                Stacks.profile(
                        labels("two", "", "n1", "coarse"),
                        ProfileType.CPU,
                        start,
                        100 * MS,
                        Map.of("main", 200 * MS)),
                Stacks.profile(
                        labels("two", "", "n1", "fine"),
                        ProfileType.CPU,
                        start,
                        Map.of("main", 190 * MS)));
        String range = "from=" + start + "&until=" + (start + 60_000);
        String query = "?" + range + "&query=" + encoded("{service_name=\"two\"}");

        JsonNode service = ok("/api/v1/services?" + range).get("services").get(0);
        assertThat(service.get("profiler").textValue()).isEqualTo("fine");
        assertThat(service.get("total").longValue()).isEqualTo(190 * MS);
        assertThat(texts(service.get("profilers"), "name")).containsExactly("fine", "coarse");
        for (String answer :
                List.of("flamegraph" + query, "series" + query, "pods?service=two&" + range)) {
            JsonNode shown = ok("/api/v1/" + answer);
            assertThat(shown.get("profiler").textValue()).as(answer).isEqualTo("fine");
            assertThat(shown.get("profilers").toString())
                    .as(answer)
                    .isEqualTo(
                            "[{\"name\":\"fine\",\"total\":190000000,\"samples\":19},"
                                    + "{\"name\":\"coarse\",\"total\":200000000,\"samples\":2}]");
        }
    }

    @Test
    void listsServicesByTheirLargestProfiler() {
        JsonNode services = ok("/api/v1/services?" + RANGE + "&points=10");
        assertThat(services.get("startMillis").longValue()).isEqualTo(START - START % 60_000);
        assertThat(services.get("stepMillis").longValue()).isEqualTo(60_000);
        assertThat(services.get("unit").textValue()).isEqualTo("nanoseconds");
        assertThat(texts(services.get("services"), "service")).containsExactly("kernel", "shop");
        JsonNode shop = services.get("services").get(1);
        assertThat(shop.get("profiler").textValue()).isEqualTo("flarepath");
        assertThat(shop.get("total").longValue()).isEqualTo(140 * MS);
        assertThat(shop.get("pods").intValue()).isEqualTo(2);
        assertThat(shop.get("profilers").toString())
                .isEqualTo(
                        "[{\"name\":\"flarepath\",\"total\":140000000,\"samples\":14},"
                                + "{\"name\":\"javaspy\",\"total\":90000000,\"samples\":9}]");
        long sum = 0;
        for (JsonNode value : shop.get("values")) {
            sum += value.longValue();
        }
        assertThat(sum).isEqualTo(140 * MS);
        assertThat(services.get("services").get(0).get("pods").intValue()).isZero();
    }

    @Test
    void listsPods() {
        JsonNode pods = ok("/api/v1/pods?" + RANGE + "&service=shop");
        assertThat(pods.get("profiler").textValue()).isEqualTo("flarepath");
        assertThat(texts(pods.get("pods"), "pod")).containsExactly("a", "b");
        assertThat(texts(pods.get("pods"), "node")).containsExactly("n1", "n2");
        assertThat(texts(pods.get("pods"), "namespace")).containsExactly("prod", "prod");
        assertThat(pods.get("pods").get(0).get("total").longValue()).isEqualTo(100 * MS);
        JsonNode kernel = ok("/api/v1/pods?" + RANGE + "&service=kernel").get("pods");
        assertThat(kernel).hasSize(1);
        assertThat(kernel.get(0).get("pod").textValue()).isEmpty();
        assertThat(kernel.get(0).get("node").textValue()).as("there are two").isEmpty();
        assertThat(kernel.get(0).get("total").longValue()).isEqualTo(505 * MS);
    }

    @Test
    void neverAddsUpTwoProfilers() {
        JsonNode graph = flamegraph("{service_name=\"shop\"}", "");
        assertThat(graph.get("total").longValue()).isEqualTo(140 * MS);
        assertThat(graph.get("profiler").textValue()).isEqualTo("flarepath");
        assertThat(texts(graph.get("profilers"), "name")).containsExactly("flarepath", "javaspy");
        JsonNode other = flamegraph("{service_name=\"shop\",profiler=\"javaspy\"}", "");
        assertThat(other.get("total").longValue()).isEqualTo(90 * MS);
        assertThat(other.get("profiler").textValue()).isEqualTo("javaspy");
        JsonNode any = flamegraph("{service_name=\"shop\",profiler=~\".+\"}", "");
        assertThat(any.get("total").longValue()).isEqualTo(140 * MS);
        JsonNode series =
                ok("/api/v1/series?" + RANGE + "&query=" + encoded("{service_name=\"shop\"}"));
        assertThat(series.get("series").get(0).get("total").longValue()).isEqualTo(140 * MS);
        JsonNode apart =
                ok(
                        "/api/v1/series?"
                                + RANGE
                                + "&groupBy=profiler&query="
                                + encoded("{service_name=\"shop\"}"));
        assertThat(apart.get("series")).hasSize(2);
        assertThat(apart.get("profiler").textValue()).isEmpty();
        assertThat(apart.get("series").get(1).at("/labels/profiler").textValue())
                .isEqualTo("javaspy");
    }

    @Test
    void drawsAFlameGraphInColumns() {
        JsonNode graph = flamegraph("{service_name=\"shop\"}", "");
        assertThat(paths(graph, "total"))
                .containsExactlyInAnyOrder(
                        "total 140000000",
                        "total;main 130000000",
                        "total;main;work 100000000",
                        "total;main;inlined 30000000",
                        "total;[truncated] 10000000",
                        "total;[truncated];work 10000000");
        assertThat(graph.get("incomplete").longValue()).isEqualTo(10 * MS);
        assertThat(graph.get("incompleteReasons").toString())
                .isEqualTo("[{\"reason\":\"[truncated]\",\"total\":10000000}]");
        assertThat(graph.get("samples").longValue()).isEqualTo(14);
        assertThat(graph.get("seconds").doubleValue()).isEqualTo(600);
        assertThat(graph.get("hiddenNodes").intValue()).isZero();
        assertThat(graph.get("empty").isNull()).isTrue();
        int inlined = indexOf(graph, "inlined");
        JsonNode nodes = graph.get("nodes");
        assertThat(nodes.get("flags").get(inlined).intValue()).isEqualTo(1);
        assertThat(graph.get("mappings").get(nodes.get("mapping").get(inlined).intValue()))
                .hasToString("\"app\"");
        assertThat(graph.get("kinds").get(nodes.get("kind").get(inlined).intValue()))
                .hasToString("\"native\"");
        assertThat(nodes.get("parent").get(0).intValue()).isEqualTo(-1);
    }

    @Test
    void splitsWhatIsIncompleteByReasonAndTellsTheBuild() {
        long start = START + 1_200_000;
        served.write(
                Stacks.profile(
                        labels("cut", "", "n1", "flarepath"),
                        ProfileType.CPU,
                        start,
                        Map.of(
                                "[short];work@b1", 10 * MS,
                                "[short];work@b2", 20 * MS,
                                "[deep];rest@b1", 40 * MS,
                                "main@b1;[not at the root]", 80 * MS)));
        String range = "from=" + start + "&until=" + (start + 60_000);
        String query = "&query=" + encoded("{service_name=\"cut\"}") + "&focus=main";
        JsonNode graph = ok("/api/v1/flamegraph?" + range + query);
        assertThat(graph.get("incomplete").longValue()).isEqualTo(70 * MS);
        assertThat(graph.get("incompleteReasons").toString())
                .isEqualTo(
                        "[{\"reason\":\"[deep]\",\"total\":40000000},"
                                + "{\"reason\":\"[short]\",\"total\":30000000}]");
        String selector = encoded("{service_name=\"cut\"}");
        JsonNode whole = ok("/api/v1/flamegraph?" + range + "&query=" + selector);
        assertThat(buildOf(whole, "main")).isEqualTo("b1");
        assertThat(buildOf(whole, "rest")).isEqualTo("b1");
        assertThat(buildOf(whole, "work")).as("two builds are one function").isEmpty();
        JsonNode diff =
                ok(
                        "/api/v1/diff?queryA="
                                + selector
                                + "&queryB="
                                + selector
                                + "&fromA="
                                + start
                                + "&untilA="
                                + (start + 60_000)
                                + "&fromB="
                                + start
                                + "&untilB="
                                + (start + 60_000));
        assertThat(buildOf(diff, "main")).isEqualTo("b1");
        assertThat(diff.at("/a/incompleteReasons").size()).isEqualTo(2);
    }

    private static String buildOf(JsonNode graph, String function) {
        int mapping = graph.get("nodes").get("mapping").get(indexOf(graph, function)).intValue();
        assertThat(graph.get("mappings").size()).isEqualTo(graph.get("buildIds").size());
        return graph.get("buildIds").get(mapping).textValue();
    }

    @Test
    void truncatesAndKeepsTotals() {
        JsonNode graph = flamegraph("{service_name=\"shop\"}", "&maxNodes=3");
        JsonNode nodes = graph.get("nodes");
        assertThat(nodes.get("self").size()).isLessThan(6);
        assertThat(graph.get("hiddenNodes").intValue()).isPositive();
        assertThat(nodes.get("total").get(0).longValue()).isEqualTo(140 * MS);
        long self = 0;
        for (JsonNode value : nodes.get("self")) {
            self += value.longValue();
        }
        assertThat(self).isEqualTo(140 * MS);
        assertThat(nodes.get("flags").toString()).contains("2");
        assertThat(graph.get("incomplete").longValue()).isEqualTo(10 * MS);
    }

    @Test
    void focuses() {
        JsonNode graph = flamegraph("{service_name=\"shop\"}", "&focus=main&focus=work");
        assertThat(paths(graph, "total"))
                .containsExactlyInAnyOrder(
                        "total 100000000", "total;main 100000000", "total;main;work 100000000");
        assertThat(graph.get("total").longValue()).as("of the whole").isEqualTo(140 * MS);
        JsonNode nothing = flamegraph("{service_name=\"shop\"}", "&focus=absent");
        assertThat(nothing.get("nodes").get("total").toString()).isEqualTo("[0]");
    }

    @Test
    void comparesTwoSides() {
        JsonNode diff =
                ok(
                        "/api/v1/diff?queryA="
                                + encoded("{service_name=\"shop\",pod=\"a\"}")
                                + "&fromA="
                                + START
                                + "&untilA="
                                + (START + 600_000)
                                + "&queryB="
                                + encoded("{service_name=\"shop\",pod=\"b\"}")
                                + "&fromB="
                                + START
                                + "&untilB="
                                + (START + 300_000));
        assertThat(diff.at("/a/total").longValue()).isEqualTo(100 * MS);
        assertThat(diff.at("/b/total").longValue()).isEqualTo(40 * MS);
        assertThat(diff.at("/b/seconds").doubleValue()).isEqualTo(300);
        assertThat(diff.at("/a/profiler").textValue()).isEqualTo("flarepath");
        assertThat(texts(diff.at("/a/profilers"), "name")).containsExactly("flarepath", "javaspy");
        assertThat(diff.get("empty").isNull()).isTrue();
        assertThat(paths(diff, "totalA"))
                .contains("total 100000000", "total;main 90000000", "total;main;work 60000000");
        assertThat(paths(diff, "totalB"))
                .contains("total 40000000", "total;main;work 40000000", "total;main;inlined 0");
        JsonNode none =
                ok(
                        "/api/v1/diff?queryA="
                                + encoded("{pod=\"x\"}")
                                + "&queryB="
                                + encoded("{pod=\"y\"}"));
        assertThat(none.at("/empty/reason").textValue()).isEqualTo("no-series");
        assertThat(none.at("/nodes/totalA").toString()).isEqualTo("[0]");
    }

    @Test
    void saysWhyThereIsNothing() {
        assertThat(reason("{service_name=\"nobody\"}", "", RANGE)).isEqualTo("no-series");
        assertThat(reason("{service_name=\"later\"}", "", RANGE)).isEqualTo("no-profiles-in-range");
        assertThat(reason("{pod=\"b\"}", "&type=" + ALLOC.id(), RANGE))
                .isEqualTo("type-not-present");
        assertThat(reason("{}", "&type=a:b:c:d:e", RANGE)).isEqualTo("type-not-present");
    }

    private static String reason(String query, String more, String range) {
        JsonNode graph = ok("/api/v1/flamegraph?" + range + "&query=" + encoded(query) + more);
        assertThat(graph.get("total").longValue()).isZero();
        assertThat(graph.at("/empty/message").textValue()).isNotEmpty();
        return graph.at("/empty/reason").textValue();
    }

    @Test
    void seriesAddUpToTheTotalWhereverTheRangeStarts() {
        for (long from = START - 3_000; from < START + 90_000; from += 7_777) {
            String range = "from=" + from + "&until=" + (START + 123_456);
            String query = "&query=" + encoded("{service_name=\"shop\"}");
            long total = ok("/api/v1/flamegraph?" + range + query).get("total").longValue();
            JsonNode series = ok("/api/v1/series?" + range + query + "&points=7&groupBy=pod");
            long sum = 0;
            for (JsonNode each : series.get("series")) {
                for (JsonNode value : each.get("values")) {
                    sum += value.longValue();
                }
            }
            assertThat(sum).as(range).isEqualTo(total);
            assertThat(series.get("startMillis").longValue() % series.get("stepMillis").longValue())
                    .isZero();
        }
    }

    @Test
    void listsTypesAndLabels() {
        assertThat(texts(ok("/api/v1/profile-types?" + RANGE).get("profileTypes"), "id"))
                .containsExactly(ALLOC.id(), ProfileType.CPU.id());
        assertThat(strings(ok("/api/v1/labels?" + RANGE).get("names")))
                .contains("service_name", "pod", "profiler");
        assertThat(strings(ok("/api/v1/labels/pod/values?" + RANGE).get("values")))
                .containsExactly("a", "b");
        assertThat(strings(ok("/api/v1/labels/service.name/values?" + RANGE).get("values")))
                .containsExactly("kernel", "shop");
        assertThat(
                        strings(
                                ok("/api/v1/labels/pod/values?"
                                                + RANGE
                                                + "&query="
                                                + encoded("{node=~\"n2\"}"))
                                        .get("values")))
                .containsExactly("b");
    }

    @Test
    void tellsItsState() {
        JsonNode status = ok("/api/v1/status");
        assertThat(status.get("oldestMillis").longValue())
                .as("to the chunk of ten minutes")
                .isBetween(START - 600_000, START + 5_000);
        assertThat(status.get("newestMillis").longValue())
                .isBetween(START + 3_600_000, START + 4_200_000);
        assertThat(status.get("series").longValue()).isPositive();
    }

    @Test
    void compressesForThoseWhoAskForIt() {
        String url = "/api/v1/services?" + RANGE + "&points=2000";
        Answer gzip =
                served.http()
                        .send(
                                served.http()
                                        .request(url)
                                        .header("Accept-Encoding", "br, gzip;q=0.5"));
        assertThat(gzip.header("Content-Encoding")).isEqualTo("gzip");
        Answer plain = served.get(url);
        assertThat(plain.header("Content-Encoding")).isEmpty();
        assertThat(gzip.json()).isEqualTo(plain.json());
        Answer refused =
                served.http()
                        .send(served.http().request(url).header("Accept-Encoding", "gzip;q=0"));
        assertThat(refused.header("Content-Encoding")).isEmpty();
    }

    @Test
    void refusalsNameTheRule() {
        refuses("/api/v1/flamegraph?maxNodes=65537", "limits.query-nodes=65536");
        refuses("/api/v1/flamegraph?maxNodes=99999999999999999999", "whole number");
        refuses("/api/v1/flamegraph?maxNodes=0", "at least 1");
        refuses("/api/v1/series?points=2001", "above the limit of 2000");
        refuses("/api/v1/series?from=5&until=5", "from must be before until");
        refuses("/api/v1/series?from=yesterday", "now-15m");
        refuses("/api/v1/series?from=now-", "now-15m");
        refuses("/api/v1/series?from=9999999999999", "outside of what can be stored");
        refuses("/api/v1/series?type=cpu", "a profile type is");
        refuses("/api/v1/series?query=" + encoded("{a=b}"), "at character 4");
        refuses("/api/v1/pods?" + RANGE, "service is missing");
        refuses("/api/v1/series?from=1&from=2", "2 times");
        refuses("/api/v1/series?" + "groupBy=a&".repeat(17), "the limit is 16");
        assertThat(served.get("/api/v1/nothing").status()).isEqualTo(404);
        assertThat(served.get("/api/v1").status()).isEqualTo(404);
        assertThat(served.http().postJson("/api/v1/series", "{}").status()).isEqualTo(405);
    }

    private static void refuses(String url, String why) {
        Answer answer = served.get(url);
        assertThat(answer.status()).as(url).isEqualTo(400);
        assertThat(answer.message()).as(url).contains(why);
    }

    private static JsonNode flamegraph(String query, String more) {
        return ok("/api/v1/flamegraph?" + RANGE + "&query=" + encoded(query) + more);
    }

    private static JsonNode ok(String url) {
        Answer answer = served.get(url);
        assertThat(answer.status()).as(url + " → " + answer.text()).isEqualTo(200);
        return answer.json();
    }

    private static int indexOf(JsonNode graph, String name) {
        for (int node = 0; node < graph.at("/nodes/name").size(); node++) {
            if (name(graph, node).equals(name)) {
                return node;
            }
        }
        throw new AssertionError("no node " + name);
    }

    private static String name(JsonNode graph, int node) {
        return graph.get("names").get(graph.at("/nodes/name").get(node).intValue()).textValue();
    }

    private static List<String> paths(JsonNode graph, String column) {
        List<String> paths = new ArrayList<>();
        List<String> values = new ArrayList<>();
        JsonNode nodes = graph.get("nodes");
        for (int node = 0; node < nodes.get("parent").size(); node++) {
            int parent = nodes.get("parent").get(node).intValue();
            String above = parent < 0 ? "" : paths.get(parent) + ";";
            paths.add(above + name(graph, node));
            values.add(paths.get(node) + " " + nodes.get(column).get(node));
        }
        return values;
    }

    private static List<String> texts(JsonNode array, String field) {
        List<String> texts = new ArrayList<>();
        array.forEach(element -> texts.add(element.get(field).textValue()));
        return texts;
    }

    private static List<String> strings(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(element -> texts.add(element.textValue()));
        return texts;
    }
}
