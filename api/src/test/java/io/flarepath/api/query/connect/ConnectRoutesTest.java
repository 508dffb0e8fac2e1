package io.flarepath.api.query.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.api.contract.Answer;
import io.flarepath.api.query.ServedStore;
import io.flarepath.api.query.Stacks;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.store.profile.ProfileType;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectRoutesTest {
    private static final long START = 1_700_000_000_000L;
    private static final String RANGE =
            "\"start\":" + START + ",\"end\":\"" + (START + 60_000) + "\"";
    private static final ProfileType EXCEPTIONS =
            new ProfileType("exceptions", "samples", "count", "", "");

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
                        START,
                        Map.of("main", 1L)),
                Stacks.profile(
                        Stacks.labels("service_name", "bank", "pod", "b", "profiler", "p"),
                        EXCEPTIONS,
                        START + 1_000,
                        Map.of("main", 1L)));
    }

    @AfterAll
    static void stop() {
        served.close();
    }

    @Test
    void listsProfileTypes() {
        String all =
                "{\"profileTypes\":[{\"ID\":\"exceptions:samples:count::\",\"name\":\"exceptions\","
                        + "\"sampleType\":\"samples\",\"sampleUnit\":\"count\"},"
                        + "{\"ID\":\"process_cpu:cpu:nanoseconds:cpu:nanoseconds\",\"name\":\"process_cpu\","
                        + "\"sampleType\":\"cpu\",\"sampleUnit\":\"nanoseconds\",\"periodType\":\"cpu\","
                        + "\"periodUnit\":\"nanoseconds\"}]}";
        assertThat(ok("ProfileTypes", "{}")).isEqualTo(all);
        assertThat(ok("ProfileTypes", "{" + RANGE + "}")).isEqualTo(all);
        assertThat(ok("ProfileTypes", "{\"start\":\"1\",\"end\":\"2\"}")).isEqualTo("{}");
        assertThat(ok("ProfileTypes", "{\"start\":-2,\"end\":-1}")).isEqualTo("{}");
    }

    @Test
    void listsLabelNames() {
        String body = "{\"matchers\":[\"{service_name=\\\"shop\\\"}\"]," + RANGE + "}";
        assertThat(ok("LabelNames", body)).contains("\"pod\"").doesNotContain("tier.name");
        Answer utf8 =
                served.http()
                        .send(
                                request("LabelNames", body)
                                        .header("Accept", "*/*;allow-utf8-labelnames=true"));
        assertThat(utf8.text()).contains("\"tier.name\"");
    }

    @Test
    void listsLabelValues() {
        assertThat(ok("LabelValues", "{\"name\":\"service_name\"," + RANGE + "}"))
                .isEqualTo("{\"names\":[\"bank\",\"shop\"]}");
        assertThat(
                        ok(
                                "LabelValues",
                                "{\"name\":\"service.name\",\"matchers\":[\"{pod=~\\\"a\\\"}\"],"
                                        + RANGE
                                        + "}"))
                .isEqualTo("{\"names\":[\"shop\"]}");
        assertThat(ok("LabelValues", "{\"name\":\"absent\",\"matchers\":null," + RANGE + "}"))
                .isEqualTo("{}");
        refuses("LabelValues", "{}", 400, "invalid_argument", "name is required");
    }

    @Test
    void listsSeries() {
        assertThat(
                        ok(
                                "Series",
                                "{\"labelNames\":[\"__profile_type__\",\"service_name\"],"
                                        + RANGE
                                        + "}"))
                .isEqualTo(
                        "{\"labelsSet\":[{\"labels\":[{\"name\":\"__profile_type__\",\"value\":"
                                + "\"exceptions:samples:count::\"},{\"name\":\"service_name\",\"value\":\"bank\"}]},"
                                + "{\"labels\":[{\"name\":\"__profile_type__\",\"value\":"
                                + "\"process_cpu:cpu:nanoseconds:cpu:nanoseconds\"},"
                                + "{\"name\":\"service_name\",\"value\":\"shop\"}]}]}");
        assertThat(
                        ok(
                                "Series",
                                "{\"label_names\":[\"pod\"],\"matchers\":[\"{}\",\"{pod=\\\"a\\\"}\"],"
                                        + RANGE
                                        + "}"))
                .isEqualTo("{\"labelsSet\":[{\"labels\":[{\"name\":\"pod\",\"value\":\"a\"}]}]}");
    }

    @Test
    void takesCompressedRequests() throws IOException {
        byte[] body =
                JsonAnswer.compress(
                        ("{\"name\":\"pod\"," + RANGE + "}").getBytes(StandardCharsets.UTF_8));
        Answer answer =
                served.http()
                        .send(
                                request("LabelValues", "")
                                        .header("Content-Encoding", "gzip")
                                        .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
        assertThat(answer.text()).isEqualTo("{\"names\":[\"a\",\"b\"]}");
        Answer broken =
                served.http().send(request("LabelValues", "{}").header("Content-Encoding", "gzip"));
        assertThat(broken.status()).isEqualTo(400);
        Answer unknown =
                served.http().send(request("LabelValues", "{}").header("Content-Encoding", "br"));
        assertThat(unknown.status()).isEqualTo(501);
    }

    @Test
    void refusalsAreConnectErrors() {
        refuses("Series", "", 400, "invalid_argument", "JSON object");
        refuses("Series", "[]", 400, "invalid_argument", "JSON object");
        refuses("Series", "{}{}", 400, "invalid_argument", "nothing after it");
        refuses("Series", "{\"a\"", 400, "invalid_argument", "no JSON");
        refuses("Series", "{\"start\":\"x\"}", 400, "invalid_argument", "start must be");
        refuses("Series", "{\"start\":1.5}", 400, "invalid_argument", "start must be");
        refuses("Series", "{\"start\":9,\"end\":3}", 400, "invalid_argument", "must not be after");
        refuses("Series", "{\"matchers\":[\"\"]}", 400, "invalid_argument", "write {}");
        refuses("Series", "{\"matchers\":[\"{a\"]}", 400, "invalid_argument", "at character 3");
        refuses("Series", "{\"matchers\":{}}", 400, "invalid_argument", "must be an array");
        refuses("Series", "[".repeat(5_000), 400, "invalid_argument", "no JSON");
        refuses("SelectNothing", "{}", 501, "unimplemented", "SelectSeries");
        refuses("Series", " ".repeat(1 << 21) + "{}", 413, "resource_exhausted", "1048576");
        assertThat(served.get("/querier.v1.QuerierService/Series").status()).isEqualTo(405);
    }

    @Test
    void wantsJsonOrProto() {
        for (String type : new String[] {"application/xml", "text/plain"}) {
            Answer answer =
                    served.http()
                            .send(
                                    served.http()
                                            .request("/querier.v1.QuerierService/Series")
                                            .header("Content-Type", type)
                                            .POST(HttpRequest.BodyPublishers.ofString("{}")));
            assertThat(answer.status()).as(type).isEqualTo(415);
        }
        Answer charset =
                served.http()
                        .send(
                                served.http()
                                        .request("/querier.v1.QuerierService/Series")
                                        .header("Content-Type", "application/json; charset=utf-8")
                                        .header("Connect-Protocol-Version", "1")
                                        .POST(
                                                HttpRequest.BodyPublishers.ofString(
                                                        "{" + RANGE + "}")));
        assertThat(charset.status()).isEqualTo(200);
    }

    private static HttpRequest.Builder request(String method, String body) {
        return served.http()
                .request("/querier.v1.QuerierService/" + method)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private static String ok(String method, String body) {
        Answer answer = served.http().send(request(method, body));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.text();
    }

    private static void refuses(String method, String body, int status, String code, String why) {
        Answer answer = served.http().send(request(method, body));
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.json().get("code").textValue()).isEqualTo(code);
        assertThat(answer.message()).contains(why);
    }

    /** Its clients would take "not_found" for an answer of the service. */
    @Test
    void aServiceThatIsNotHereIsUnimplemented() {
        Answer answer = served.http().postJson("/vcs.v1.VCSService/GithubApp", "{}");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().path("code").textValue()).isEqualTo("unimplemented");
        assertThat(served.http().postJson("/api/v2/nothing", "{}").json().path("code").textValue())
                .isEqualTo("not_found");
    }
}
