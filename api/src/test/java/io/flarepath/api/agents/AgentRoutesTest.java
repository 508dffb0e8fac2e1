package io.flarepath.api.agents;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.flarepath.api.contract.Answer;
import io.flarepath.api.query.ServedStore;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentRoutesTest {
    @TempDir static Path directory;
    private static ServedStore served;

    @BeforeAll
    static void serve() {
        served = new ServedStore(directory);
    }

    @AfterAll
    static void stop() {
        served.close();
    }

    @Test
    void listsWhatWasHeard() {
        long skewed = System.currentTimeMillis() + 60_000;
        Answer orders =
                served.http()
                        .postJson(
                                "/api/v1/agents/node%20one",
                                "{\"version\":\"1\",\"state\":\"degraded\",\"reason\":\"no cycles\","
                                        + "\"frequencyHz\":97,\"startedMillis\":5,\"clockMillis\":"
                                        + skewed
                                        + ",\"kernel\":\"6.1\",\"revision\":0,\"waitSeconds\":0,"
                                        + "\"counters\":{\"lost\":3,\"share\":0.5}}");
        assertThat(orders.status()).as(orders.text()).isEqualTo(200);
        assertThat(orders.json().get("revision").longValue()).isZero();
        JsonNode agent = agent("node one");
        assertThat(agent.get("state").textValue()).isEqualTo("degraded");
        assertThat(agent.get("reason").textValue()).isEqualTo("no cycles");
        assertThat(agent.get("online").booleanValue()).isTrue();
        assertThat(agent.get("clockSkewMillis").longValue()).isBetween(50_000L, 60_000L);
        assertThat(agent.get("counters").toString()).isEqualTo("{\"lost\":3,\"share\":0.5}");
    }

    @Test
    void holdsAPollUntilItsTimeIsUp() throws Exception {
        long started = System.nanoTime();
        assertThat(poll("held", 1).get(10, TimeUnit.SECONDS).status()).isEqualTo(200);
        assertThat(System.nanoTime() - started).isGreaterThanOrEqualTo(900_000_000L);
    }

    @Test
    void aNewerPollReleasesTheOlderOne()
            throws ExecutionException, InterruptedException, TimeoutException {
        CompletableFuture<Answer> older = poll("twice", 30);
        Awaitility.await().until(() -> exists("twice"));
        CompletableFuture<Answer> newer = poll("twice", 30);
        assertThat(older.get(10, TimeUnit.SECONDS).status()).isEqualTo(200);
        assertThat(newer.isDone()).isFalse();
        assertThat(poll("twice", 0).get(10, TimeUnit.SECONDS).status()).isEqualTo(200);
        assertThat(newer.get(10, TimeUnit.SECONDS).status()).isEqualTo(200);
    }

    @Test
    void anOrderGoesDownThePollAndItsOutcomeComesUp() throws Exception {
        String recordings = "/api/v1/agents/recorder/recordings";
        String locks = "{\"pid\":7,\"kinds\":[\"locks\",\"cpu\"],\"seconds\":30}";
        assertThat(served.http().postJson(recordings, locks).status()).isEqualTo(404);
        CompletableFuture<Answer> held = poll("recorder", 30);
        Awaitility.await().until(() -> exists("recorder"));
        Answer ordered = served.http().postJson(recordings, locks);
        assertThat(ordered.status()).as(ordered.text()).isEqualTo(200);
        String name = ordered.json().get("name").textValue();
        JsonNode order = held.get(10, TimeUnit.SECONDS).json().get("recordings").get(0);
        assertThat(order.get("name").textValue()).isEqualTo(name);
        assertThat(order.get("pid").intValue()).isEqualTo(7);
        assertThat(order.get("kinds").toString()).isEqualTo("[\"locks\",\"cpu\"]");
        assertThat(reported("other", name, "done").get("recordings")).isEmpty();
        assertThat(state(recordings)).isEqualTo("ordered");
        assertThat(reported("recorder", name, "recording").get("recordings")).hasSize(1);
        assertThat(state(recordings)).isEqualTo("recording");
        assertThat(reported("recorder", name, "failed").get("recordings")).isEmpty();
        JsonNode failed = served.get(recordings).json().get("recordings").get(0);
        assertThat(failed.get("state").textValue()).isEqualTo("failed");
        assertThat(failed.get("message").textValue()).isEqualTo("because");
        assertThat(served.http().postJson(recordings, "{\"pid\":0}").status()).isEqualTo(400);
        assertThat(served.http().postJson(recordings, locks.replace("cpu", "gpu")).message())
                .contains("kinds must be");
        assertThat(served.http().postJson(recordings, locks.replace("30", "601")).message())
                .contains("seconds must be");
    }

    @Test
    void jvmsOfAServiceAreFoundOnTheirNodes() {
        String heartbeat =
                "{\"version\":\"1\",\"state\":\"sampling\",\"clockMillis\":0,\"waitSeconds\":0,"
                        + "\"records\":true,\"jvms\":["
                        + "{\"pid\":7,\"service\":\"till\",\"pod\":\"till-1\",\"version\":\"17\","
                        + "\"state\":\"trusted\"},"
                        + "{\"pid\":8,\"service\":\"till\",\"state\":\"refused\","
                        + "\"reason\":\"no such field\"},"
                        + "{\"pid\":9,\"service\":\"other\",\"state\":\"starting\"}]}";
        assertThat(served.http().postJson("/api/v1/agents/tills", heartbeat).status())
                .isEqualTo(200);
        JsonNode jvms = served.get("/api/v1/jvms?service=till").json().get("jvms");
        assertThat(jvms).hasSize(2);
        assertThat(jvms.get(0).get("node").textValue()).isEqualTo("tills");
        assertThat(jvms.get(0).get("records").booleanValue()).isTrue();
        assertThat(jvms.get(0).get("pid").intValue()).isEqualTo(7);
        assertThat(jvms.get(0).get("pod").textValue()).isEqualTo("till-1");
        assertThat(jvms.get(1).get("reason").textValue()).isEqualTo("no such field");
        assertThat(served.get("/api/v1/jvms?service=none").json().get("jvms")).isEmpty();
        assertThat(served.get("/api/v1/jvms").status()).isEqualTo(400);
    }

    private static String state(String recordings) {
        return served.get(recordings).json().get("recordings").get(0).get("state").textValue();
    }

    private static JsonNode reported(String node, String name, String state) {
        Answer answer =
                served.http()
                        .postJson(
                                "/api/v1/agents/" + node,
                                "{\"version\":\"1\",\"state\":\"sampling\",\"clockMillis\":0,"
                                        + "\"waitSeconds\":0,\"recordings\":[{\"name\":\""
                                        + name
                                        + "\",\"state\":\""
                                        + state
                                        + "\",\"message\":\"because\"}]}");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    @Test
    void refusesWhatIsNoHeartbeat() {
        refuses("n", "", 400, "JSON object");
        refuses("n", "{", 400, "no JSON");
        refuses("n", "{\"state\":\"fine\"}", 400, "state must be");
        refuses("n", "{\"state\":\"sampling\",\"pid\":1}", 400, "no field \"pid\"");
        refuses("n", "{\"state\":\"sampling\",\"counters\":{\"a\":\"b\"}}", 400, "counters.a");
        refuses("n", "{\"state\":\"sampling\",\"counters\":{\"a\":1e999}}", 400, "counters.a");
        refuses("n", "{\"state\":\"sampling\",\"waitSeconds\":-1}", 400, "waitSeconds");
        refuses("n", "{\"state\":\"sampling\",\"records\":1}", 400, "records");
        refuses("n", "{\"state\":\"sampling\",\"jvms\":{}}", 400, "jvms");
        refuses("n", "{\"state\":\"sampling\",\"jvms\":[{\"pid\":0}]}", 400, "a JVM has a pid");
        refuses(
                "n",
                "{\"state\":\"sampling\",\"reason\":\"" + "x".repeat(2_000) + "\"}",
                400,
                "reason");
        refuses("n", " ".repeat(140_000), 413, "131072");
        refuses("a%00b", "{\"state\":\"sampling\"}", 400, "printable");
        refuses("x".repeat(254), "{\"state\":\"sampling\"}", 400, "1 to 253");
        assertThat(served.get("/api/v1/agents").text()).doesNotContain("\"n\"");
    }

    private static void refuses(String node, String body, int status, String why) {
        Answer answer = served.http().postJson("/api/v1/agents/" + node, body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.message()).contains(why);
    }

    private static CompletableFuture<Answer> poll(String node, int waitSeconds) {
        return served.http()
                .sendAsync(
                        served.http()
                                .request("/api/v1/agents/" + node)
                                .header("Content-Type", "application/json")
                                .POST(
                                        HttpRequest.BodyPublishers.ofString(
                                                "{\"version\":\"1\",\"state\":\"sampling\",\"clockMillis\":0,\"waitSeconds\":"
                                                        + waitSeconds
                                                        + "}")));
    }

    private static boolean exists(String node) {
        return served.get("/api/v1/agents").text().contains("\"" + node + "\"");
    }

    private static JsonNode agent(String node) {
        for (JsonNode agent : served.get("/api/v1/agents").json().get("agents")) {
            if (agent.get("node").textValue().equals(node)) {
                return agent;
            }
        }
        throw new AssertionError("no agent " + node);
    }
}
