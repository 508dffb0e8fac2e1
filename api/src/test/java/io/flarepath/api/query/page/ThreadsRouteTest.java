package io.flarepath.api.query.page;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.flarepath.api.query.ServedStore;
import io.flarepath.api.query.Stacks;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.profile.SampledThread;
import io.flarepath.store.profile.TimedSamples;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThreadsRouteTest {
    private static final long START = 1_700_000_000_000L;
    private static final long SLOT = START / 100;
    private static final String RANGE = "from=" + START + "&until=" + (START + 2_000);

    @TempDir private Path directory;
    private ServedStore server;

    /** Two functions: {@code work} of thread 7 in slots 0 and 12, {@code wait} of thread 8 in 3. */
    @BeforeEach
    void start() {
        server = new ServedStore(directory);
        Profile.Builder profile =
                Profile.builder(Stacks.labels("service_name", "shop"), ProfileType.CPU)
                        .id("one")
                        .time(START * 1_000_000, 10_000_000_000L)
                        .period(1);
        profile.stack(new int[] {profile.frame(Frame.named("work"))}, 1, 30);
        profile.stack(new int[] {profile.frame(Frame.named("wait"))}, 1, 5);
        profile.timed(
                new TimedSamples(
                        List.of(new SampledThread(7, "main"), new SampledThread(8, "gc")),
                        new long[] {SLOT, SLOT + 12, SLOT + 3},
                        new int[] {0, 0, 1},
                        new int[] {0, 0, 1},
                        new long[] {20, 10, 5}));
        Profile.Builder plain =
                Profile.builder(Stacks.labels("service_name", "plain"), ProfileType.CPU)
                        .id("two")
                        .time(START * 1_000_000, 10_000_000_000L)
                        .period(1);
        plain.stack(new int[] {plain.frame(Frame.named("work"))}, 1, 30);
        server.write(profile.build(), plain.build());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private JsonNode threads(String more) {
        return server.get("/api/v1/threads?" + RANGE + more).json();
    }

    private List<String> functions(String more) {
        JsonNode answer = server.get("/api/v1/flamegraph?" + more).json();
        List<String> found = new ArrayList<>();
        answer.get("names").forEach(name -> found.add(name.textValue()));
        found.add(answer.get("total").asText());
        return found;
    }

    @Test
    void eachThreadHasItsCourseTheLargestFirst() {
        JsonNode answer = threads("&points=20");
        assertThat(answer.get("stepMillis").longValue()).isEqualTo(100);
        assertThat(answer.get("total").longValue()).isEqualTo(35);
        assertThat(answer.get("hiddenThreads").intValue()).isZero();
        JsonNode main = answer.get("threads").get(0);
        assertThat(main.get("name").textValue()).isEqualTo("main");
        assertThat(main.get("id").longValue()).isEqualTo(7);
        assertThat(main.get("labels").get("service_name").textValue()).isEqualTo("shop");
        assertThat(main.get("values")).hasSize(20);
        assertThat(main.get("values").get(0).longValue()).isEqualTo(20);
        assertThat(main.get("values").get(12).longValue()).isEqualTo(10);
        JsonNode coarse = threads("&points=2&threads=1");
        assertThat(coarse.get("stepMillis").longValue()).isEqualTo(1000);
        assertThat(coarse.get("threads")).hasSize(1);
        assertThat(coarse.get("hiddenThreads").intValue()).isEqualTo(1);
        assertThat(coarse.get("hiddenTotal").longValue()).isEqualTo(5);
    }

    @Test
    void aRectangleOfTimeAndThreadsIsAFlameGraph() {
        assertThat(functions(RANGE + "&thread=7")).contains("work", "30").doesNotContain("wait");
        assertThat(functions(RANGE + "&threadName=gc")).contains("wait", "5");
        String second = "from=" + (START + 1_000) + "&until=" + (START + 2_000);
        assertThat(functions(second + "&fine=true")).contains("work", "10");
        assertThat(
                        server.get("/api/v1/flamegraph?" + second + "&fine=true&format=collapsed")
                                .body())
                .asString(UTF_8)
                .isEqualTo("work 10\n");
    }

    @Test
    void whoHasNoTimesIsToldWhy() {
        JsonNode answer = threads("&query=%7Bservice_name%3D%22plain%22%7D");
        assertThat(answer.get("threads")).isEmpty();
        assertThat(answer.get("empty").get("reason").textValue()).isEqualTo("no-times");
        JsonNode none = threads("&query=%7Bservice_name%3D%22none%22%7D");
        assertThat(none.get("empty").get("reason").textValue()).isEqualTo("no-series");
    }

    @Test
    void whatIsNoThreadIsRefused() {
        assertThat(server.get("/api/v1/flamegraph?" + RANGE + "&thread=x").status()).isEqualTo(400);
        assertThat(server.get("/api/v1/flamegraph?" + RANGE + "&fine=x").status()).isEqualTo(400);
        assertThat(server.get("/api/v1/threads?" + RANGE + "&threads=0").status()).isEqualTo(400);
    }
}
