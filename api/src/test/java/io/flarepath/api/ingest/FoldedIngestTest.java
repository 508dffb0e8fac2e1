package io.flarepath.api.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.store.profile.Profile;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FoldedIngestTest {
    private final MemoryStore store = new MemoryStore();
    private final TestServer server = new TestServer(store);

    @AfterEach
    void close() {
        server.close();
        assertThat(store.calledOnEventLoop).isFalse();
    }

    private HttpResponse<String> push(String name, String query, String text) {
        return server.post(TestServer.ingest(name) + query, text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void countsAreSamplesOfTheGivenRate() {
        assertThat(push("app", "&sampleRate=50", "main;a 3\nmain;b 1\r\nmain;a 2").statusCode())
                .isEqualTo(200);
        Profile profile = store.profiles().get(0);
        assertThat(profile.type().id()).isEqualTo("process_cpu:cpu:nanoseconds:cpu:nanoseconds");
        assertThat(profile.period()).isEqualTo(20_000_000);
        assertThat(TestServer.folded(profile))
                .isEqualTo(Map.of("main;a", 100_000_000L, "main;b", 20_000_000L));
    }

    @ParameterizedTest
    @CsvSource({
        "app.cpu, app, process_cpu:cpu:nanoseconds:cpu:nanoseconds, 10000000",
        "my.app.itimer, my.app, process_cpu:cpu:nanoseconds:cpu:nanoseconds, 10000000",
        "app.wall, app, wall:wall:nanoseconds:cpu:nanoseconds, 10000000",
        "app.alloc_space, app, memory:alloc_space:bytes::, 1",
        "app.inuse_objects, app, memory:inuse_objects:count::, 1",
        "app.goroutines, app, goroutine:goroutines:count::, 1",
        "app.mutex_duration, app, mutex:delay:nanoseconds::, 1",
        "app.lock_count, app, block:contentions:count::, 1",
        "app.exceptions, app, exceptions:samples:count::, 1",
        "app.bytes, app, memory:samples:bytes::, 1"
    })
    void typeStandsBehindTheLastDot(String name, String service, String type, long value) {
        assertThat(push(name, "&format=folded", "a 1").statusCode()).isEqualTo(200);
        Profile profile = store.profiles().get(0);
        assertThat(profile.type().id()).isEqualTo(type);
        assertThat(profile.labels().get("service_name")).isEqualTo(service);
        assertThat(profile.total()).isEqualTo(value);
    }

    @Test
    void unknownTypeIsRefused() {
        HttpResponse<String> answer = push("my.app", "", "a 1");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("unknown profile type: app");
    }

    @Test
    void ownServiceNameHoldsAndTheApplicationStaysBeside() {
        push("app.cpu{service_name=shop}", "", "a 1");
        assertThat(store.profiles().get(0).labels().asMap())
                .containsEntry("service_name", "shop")
                .containsEntry("app_name", "app");
    }

    @Test
    void linesBeyond64KibAreNotLost() {
        String deep = ("frame_with_a_long_name_" + "x".repeat(60) + ";").repeat(1_500) + "leaf 1\n";
        assertThat(deep.length()).isGreaterThan(64 << 10);
        assertThat(push("app", "", deep + "after 1\n").statusCode()).isEqualTo(200);
        assertThat(TestServer.folded(store.profiles().get(0))).hasSize(2).containsKey("after");
    }

    @Test
    void badCountsAreRefusedWithTheirLine() {
        HttpResponse<String> answer = push("app", "", "a 1\nb x\n");
        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body()).contains("line 2");
        assertThat(push("app", "", "a 99999999999999999999").statusCode()).isEqualTo(422);
        assertThat(push("app", "", "a 9000000000000").statusCode()).isEqualTo(422);
        assertThat(push("app.bytes", "", "a 9000000000000000000").statusCode()).isEqualTo(400);
        assertThat(store.profiles()).isEmpty();
    }

    @Test
    void randomStacksComeBackAsTheyWere() {
        long seed = Long.getLong("flarepath.seed", 97);
        Random random = new Random(seed);
        Map<String, Long> expected = new TreeMap<>();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 2_000; i++) {
            StringBuilder stack = new StringBuilder();
            int depth = 1 + random.nextInt(30);
            for (int d = 0; d < depth; d++) {
                stack.append(d == 0 ? "" : ";").append("fün c ").append(random.nextInt(40));
            }
            int count = 1 + random.nextInt(1_000);
            text.append(stack).append(' ').append(count).append('\n');
            expected.merge(stack.toString(), (long) count, Long::sum);
        }
        assertThat(push("app.bytes", "", text.toString()).statusCode()).isEqualTo(200);
        assertThat(TestServer.folded(store.profiles().get(0)))
                .as("seed %d", seed)
                .isEqualTo(expected);
    }
}
