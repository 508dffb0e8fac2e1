package io.flarepath.api.query.pyroscope;

import static io.flarepath.api.contract.CheckedHttp.encoded;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.flarepath.api.contract.Answer;
import io.flarepath.api.query.ServedStore;
import io.flarepath.api.query.Stacks;
import io.flarepath.api.query.flamebearer.DecodedFlamebearer;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.ProfileType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PyroscopeRoutesTest {
    private static final String CPU = ProfileType.CPU.id();

    /** A multiple of 15 s. */
    private static final long START = 1_699_999_995_000L;

    private static final ProfileType ALLOC =
            new ProfileType("memory", "alloc_space", "bytes", "space", "bytes");

    @TempDir static Path directory;
    private static ServedStore served;

    @BeforeAll
    static void serve() {
        served = new ServedStore(directory);
        Labels a = labels("shop", "a");
        Labels b = labels("shop", "b");
        served.write(
                Stacks.profile(
                        a, ProfileType.CPU, START + 1_000, Map.of("main;work", 60L, "main", 10L)),
                Stacks.profile(a, ProfileType.CPU, START + 16_000, Map.of("main;work", 5L)),
                Stacks.profile(b, ProfileType.CPU, START + 31_000, Map.of("main;idle", 25L)),
                Stacks.profile(a, ALLOC, START + 1_000, Map.of("main;new", 4_096L)),
                Stacks.profile(labels("dotted", "c"), ProfileType.CPU, START, Map.of("main", 7L)));
    }

    private static Labels labels(String service, String pod) {
        return Stacks.labels(
                "service_name", service, "pod", pod, "profiler", "flarepath", "tier.name", "x");
    }

    @AfterAll
    static void stop() {
        served.close();
    }

    @Test
    void rendersATree() {
        JsonNode answer = render(CPU + "{service_name=\"shop\"}", "");
        assertThat(decoded(answer))
                .isEqualTo(
                        Map.of(
                                "total", List.of(100L, 0L),
                                "total;main", List.of(100L, 10L),
                                "total;main;work", List.of(65L, 65L),
                                "total;main;idle", List.of(25L, 25L)));
        assertThat(answer.get("flamebearer").get("levels").get(2).toString())
                .as("self on the left, then children by name, deltas from the bar before")
                .isEqualTo("[10,25,25,2,0,65,65,3]");
        assertThat(answer.get("version").intValue()).isEqualTo(1);
        assertThat(answer.get("metadata").toString())
                .isEqualTo(
                        "{\"format\":\"single\",\"spyName\":\"\",\"sampleRate\":1000000000,"
                                + "\"units\":\"samples\",\"name\":\"cpu\"}");
    }

    @Test
    void theTimelineAddsUpToTheTotal() {
        JsonNode timeline = render(CPU + "{service_name=\"shop\"}", "").get("timeline");
        assertThat(timeline.get("startTime").longValue()).isEqualTo(START / 1_000);
        assertThat(timeline.get("durationDelta").longValue()).isEqualTo(15);
        assertThat(timeline.get("samples").toString()).isEqualTo("[70,5,25,0]");
    }

    @Test
    void aTimelineThatStartsBetweenStepsCountsNothingFromBefore() {
        String url =
                "/pyroscope/render?query="
                        + encoded(CPU + "{service_name=\"shop\"}")
                        + "&from="
                        + (START + 2_000)
                        + "&until="
                        + (START + 60_000);
        JsonNode answer = served.get(url).json();
        assertThat(answer.at("/flamebearer/numTicks").longValue()).isEqualTo(30);
        assertThat(answer.at("/timeline/startTime").longValue()).isEqualTo(START / 1_000);
        assertThat(answer.at("/timeline/samples").toString()).isEqualTo("[0,5,25,0]");
    }

    @Test
    void groupsTheTimeline() {
        JsonNode answer = render(CPU + "{service_name=\"shop\"}", "&groupBy=pod&groupBy=other");
        assertThat(answer.get("timeline").isNull()).isTrue();
        assertThat(answer.at("/groups/a/samples").toString()).isEqualTo("[70,5,0,0]");
        assertThat(answer.at("/groups/b/samples").toString()).isEqualTo("[0,0,25,0]");
        JsonNode absent = render(CPU + "{service_name=\"shop\"}", "&groupBy=absent");
        assertThat(absent.at("/groups/*/samples").toString()).isEqualTo("[70,5,25,0]");
        assertThat(absent.get("timeline").isNull()).isFalse();
    }

    @Test
    void understandsEverySelector() {
        assertThat(ticks("{__name__=\"" + CPU + "\",service_name=\"shop\"}")).isEqualTo(100);
        assertThat(ticks(CPU + "{service.name=\"shop\"}")).isEqualTo(100);
        assertThat(ticks(CPU + "{service_name=\"shop\",pod=~\"a|z\"}")).isEqualTo(75);
        assertThat(ticks(CPU + "{service_name=\"shop\",pod!~\"a|z\"}")).isEqualTo(25);
        assertThat(ticks(CPU + "{service_name=\"shop\",pod!=\"b\"}")).isEqualTo(75);
        assertThat(ticks(CPU + "{service_name=\"shop\",k8s.pod.name=\"b\"}")).isEqualTo(25);
        assertThat(ticks(CPU + "{tier.name=\"x\",service_name=~\"s.*\"}")).isEqualTo(100);
    }

    @Test
    void whatIsNotThereIsAnEmptyTree() {
        JsonNode answer = render("a:b:c:d:e{}", "");
        assertThat(answer.at("/flamebearer/levels").toString()).isEqualTo("[[0,0,0,0]]");
        assertThat(answer.at("/flamebearer/names").toString()).isEqualTo("[\"total\"]");
    }

    @Test
    void otherTypesHaveTheirOwnUnits() {
        JsonNode answer = render(ALLOC.id() + "{}", "");
        assertThat(answer.at("/metadata/units").textValue()).isEqualTo("bytes");
        assertThat(answer.at("/metadata/sampleRate").intValue()).isEqualTo(100);
        assertThat(answer.at("/flamebearer/numTicks").longValue()).isEqualTo(4_096);
    }

    @Test
    void truncates() {
        JsonNode answer = render(CPU + "{service_name=\"shop\"}", "&max-nodes=2");
        assertThat(decoded(answer))
                .isEqualTo(
                        Map.of(
                                "total", List.of(100L, 0L),
                                "total;main", List.of(100L, 10L),
                                "total;main;work", List.of(65L, 65L),
                                "total;main;other", List.of(25L, 25L)));
        JsonNode both = render(CPU + "{service_name=\"shop\"}", "&max-nodes=2&maxNodes=undefined");
        assertThat(decoded(both)).hasSize(4);
        assertThat(render(CPU + "{service_name=\"shop\"}", "&max-nodes=0").at("/flamebearer/names"))
                .hasSize(4);
    }

    @Test
    void rendersADiff() {
        JsonNode answer = served.get(diff(CPU, CPU)).json();
        assertThat(DecodedFlamebearer.of(answer.get("flamebearer"), 2).values())
                .isEqualTo(
                        Map.of(
                                "total", List.of(75L, 0L, 25L, 0L),
                                "total;main", List.of(75L, 10L, 25L, 0L),
                                "total;main;work", List.of(65L, 65L, 0L, 0L),
                                "total;main;idle", List.of(0L, 0L, 25L, 25L)));
        assertThat(answer.get("leftTicks").longValue()).isEqualTo(75);
        assertThat(answer.get("rightTicks").longValue()).isEqualTo(25);
        assertThat(answer.at("/flamebearer/numTicks").longValue()).isEqualTo(100);
        assertThat(answer.at("/metadata/format").textValue()).isEqualTo("double");
    }

    @Test
    void listsLabelValues() {
        assertThat(served.get("/pyroscope/label-values?label=pod").text())
                .isEqualTo("[\"a\",\"b\",\"c\"]");
        assertThat(served.get("/pyroscope/label-values?label=service.name").text())
                .isEqualTo("[\"dotted\",\"shop\"]");
        assertThat(served.get("/pyroscope/label-values?label=__name__").text())
                .isEqualTo("[\"" + ALLOC.id() + "\",\"" + CPU + "\"]");
        refuses("/pyroscope/label-values", 400, "label is missing");
    }

    @Test
    void refusalsSayWhy() {
        String range = "&from=" + START + "&until=" + (START + 60_000);
        refuses("/pyroscope/render?query=" + encoded("{pod=\"a\"}") + range, 400, "profile-type");
        refuses("/pyroscope/render?query=" + encoded(CPU + "{pod=a}") + range, 400, "character 6");
        refuses(
                "/pyroscope/render?query=" + encoded(CPU + "{pod=~\"(\"}") + range,
                400,
                "regular expression");
        refuses("/pyroscope/render?from=now-1h", 400, "query is missing");
        refuses("/pyroscope/render?query=" + encoded(CPU + "{}"), 400, "from must be before until");
        refuses(
                "/pyroscope/render?query=" + encoded(CPU + "{}") + range + "&maxNodes=9999999",
                400,
                "limits.query-nodes=65536");
        refuses(diff(CPU, ALLOC.id()), 400, "profile types must match");
        refuses("/pyroscope/nothing/here", 404, "there is no");
        assertThat(served.http().postJson("/pyroscope/render", "{}").status()).isEqualTo(405);
    }

    private static void refuses(String url, int status, String why) {
        Answer answer = served.get(url);
        assertThat(answer.status()).as(url).isEqualTo(status);
        assertThat(answer.message()).as(url).contains(why);
    }

    private static String diff(String leftType, String rightType) {
        return "/pyroscope/render-diff?leftQuery="
                + encoded(leftType + "{service_name=\"shop\",pod=\"a\"}")
                + "&leftFrom="
                + START
                + "&leftUntil="
                + (START + 60_000)
                + "&rightQuery="
                + encoded(rightType + "{service_name=\"shop\",pod=\"b\"}")
                + "&rightFrom="
                + START
                + "&rightUntil="
                + (START + 60_000);
    }

    private static JsonNode render(String query, String more) {
        Answer answer =
                served.get(
                        "/pyroscope/render?query="
                                + encoded(query)
                                + "&from="
                                + START
                                + "&until="
                                + (START + 60_000)
                                + more);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    private static long ticks(String query) {
        return render(query, "").at("/flamebearer/numTicks").longValue();
    }

    private static Map<String, List<Long>> decoded(JsonNode answer) {
        return DecodedFlamebearer.of(answer.get("flamebearer"), 1).values();
    }
}
