package io.flarepath.api.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.Profile;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpeedscopeIngestTest {
    private static final String SCHEMA =
            "\"$schema\":\"https://www.speedscope.app/file-format-schema.json\"";
    private static final String FRAMES =
            "\"shared\":{\"frames\":[{\"name\":\"a\"},{\"name\":\"b\",\"file\":\"b.c\",\"line\":7},"
                    + "{\"name\":\"c\",\"file\":null}]}";

    private final MemoryStore store = new MemoryStore();
    private final TestServer server = new TestServer(store);

    @AfterEach
    void close() {
        server.close();
        assertThat(store.calledOnEventLoop).isFalse();
    }

    private HttpResponse<String> push(String nameAndQuery, String json) {
        return server.post(
                "/ingest?format=speedscope&name=" + nameAndQuery,
                json.getBytes(StandardCharsets.UTF_8));
    }

    private static String file(String... profiles) {
        return "{" + SCHEMA + "," + FRAMES + ",\"profiles\":[" + String.join(",", profiles) + "]}";
    }

    private static String sampled(String name, String unit, String samples, String weights) {
        return "{\"type\":\"sampled\",\"name\":\""
                + name
                + "\",\"unit\":\""
                + unit
                + "\",\"startValue\":0,\"endValue\":9,\"samples\":"
                + samples
                + ",\"weights\":"
                + weights
                + "}";
    }

    private static String evented(String unit, String events) {
        return "{\"type\":\"evented\",\"name\":\"one\",\"unit\":\""
                + unit
                + "\",\"startValue\":10,\"endValue\":90,\"events\":["
                + events
                + "]}";
    }

    private static String event(String type, double at, int frame) {
        return "{\"type\":\"" + type + "\",\"frame\":" + frame + ",\"at\":" + at + "}";
    }

    @ParameterizedTest
    @CsvSource({
        "none, 10000000",
        "nanoseconds, 1",
        "microseconds, 1000",
        "milliseconds, 1000000",
        "seconds, 1000000000"
    })
    void oneProfileIsCpuInNanoseconds(String unit, long each) {
        push("app", file(sampled("one", unit, "[[0],[0,1],[0,1],[]]", "[1,2,4,8]")));
        Profile profile = store.profiles().get(0);
        assertThat(profile.type().id()).isEqualTo("process_cpu:cpu:nanoseconds:cpu:nanoseconds");
        assertThat(profile.labels().asMap())
                .containsEntry("service_name", "app")
                .containsEntry("profile_name", "one");
        assertThat(TestServer.folded(profile)).isEqualTo(Map.of("a", each, "a;b", 6 * each));
        assertThat(profile.frames()).extracting(Frame::file).contains("b.c");
        assertThat(profile.frames()).extracting(Frame::line).contains(7);
    }

    @Test
    void sampleRateIsThatOfWeightsWithoutUnitAlone() {
        push("app&sampleRate=50", file(sampled("one", "none", "[[0]]", "[3]")));
        push("app&sampleRate=50", file(sampled("one", "seconds", "[[0]]", "[3]")));
        assertThat(store.profiles().get(0).total()).isEqualTo(60_000_000);
        assertThat(store.profiles().get(0).period()).isEqualTo(20_000_000);
        assertThat(store.profiles().get(1).total()).isEqualTo(3_000_000_000L);
    }

    @ParameterizedTest
    @CsvSource({
        "seconds, wall:wall:nanoseconds:cpu:nanoseconds, 2000000000",
        "milliseconds, wall:wall:nanoseconds:cpu:nanoseconds, 2000000",
        "bytes, memory:samples:bytes::, 2",
        "none, process_cpu:cpu:nanoseconds:cpu:nanoseconds, 20000000"
    })
    void ofSeveralProfilesTheUnitIsTheType(String unit, String type, long value) {
        String one = sampled("one", unit, "[[0]]", "[2]");
        String two = sampled("two", unit, "[[0,1]]", "[2]");
        assertThat(push("app%7Bx=y%7D", file(one, two)).statusCode()).isEqualTo(200);
        assertThat(store.profiles())
                .hasSize(2)
                .allSatisfy(profile -> {
                    assertThat(profile.type().id()).isEqualTo(type);
                    assertThat(profile.total()).isEqualTo(value);
                    assertThat(profile.labels().asMap())
                            .containsEntry("service_name", "app")
                            .containsEntry("x", "y");
                });
        assertThat(store.profiles())
                .extracting(profile -> profile.labels().get("profile_name"))
                .containsExactly("one", "two");
    }

    @Test
    void typeOfTheNameHolds() {
        push("my.app.alloc_space", file(sampled("one", "bytes", "[[0]]", "[512]")));
        push("app", file(sampled("one", "bytes", "[[0]]", "[512]")));
        assertThat(store.profiles())
                .extracting(profile -> profile.type().id() + " " + profile.total())
                .containsExactly("memory:alloc_space:bytes:: 512", "memory:samples:bytes:: 512");
        assertThat(push("my.app", file(sampled("one", "bytes", "[[0]]", "[1]"))).statusCode())
                .isEqualTo(400);
    }

    @Test
    void profilesThatAreEqualInAllButTheirValuesAreOne() {
        String part = sampled("one", "seconds", "[[0],[0,1]]", "[1,2]");
        push("app", file(part, part, part));
        assertThat(store.profiles()).hasSize(1);
        assertThat(store.profiles().get(0).type().name()).isEqualTo("process_cpu");
        assertThat(TestServer.folded(store.profiles().get(0)))
                .isEqualTo(Map.of("a", 3_000_000_000L, "a;b", 6_000_000_000L));
    }

    @Test
    void eventsTellHowLongEachStackWasOpen() {
        String events =
                String.join(
                        ",",
                        event("O", 10, 0),
                        event("O", 11, 1),
                        event("C", 14, 1),
                        event("O", 14.5, 2),
                        event("C", 20, 2),
                        event("C", 20, 0),
                        event("O", 30, 1),
                        event("C", 31, 1));
        push("app", file(evented("milliseconds", events)));
        assertThat(TestServer.folded(store.profiles().get(0)))
                .isEqualTo(
                        Map.of(
                                "a",
                                1_500_000L,
                                "a;b",
                                3_000_000L,
                                "a;c",
                                5_500_000L,
                                "b",
                                1_000_000L));
    }

    @Test
    void fieldsMayStandInAnyOrder() {
        String profile =
                "{\"weights\":[1,1],\"samples\":[[0],[1]],\"unit\":\"nanoseconds\",\"name\":\"n\","
                        + "\"type\":\"sampled\"}";
        String json =
                "{\"profiles\":[" + profile + "],\"exporter\":[{}]," + FRAMES + "," + SCHEMA + "}";
        assertThat(push("app", json).statusCode()).isEqualTo(200);
        assertThat(TestServer.folded(store.profiles().get(0))).isEqualTo(Map.of("a", 1L, "b", 1L));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"$schema\":\"https://www.speedscope.app/other.json\"}",
                "{SCHEMA,\"profiles\":{}}",
                "{SCHEMA,FRAMES,\"profiles\":[{\"type\":\"heap\",\"unit\":\"none\"}]}",
                "{SCHEMA,FRAMES,\"profiles\":[{\"type\":\"sampled\",\"unit\":\"litres\"}]}",
                "{SCHEMA,FRAMES,\"profiles\":[S,\"samples\":[[0]],\"weights\":[1,2]}]}",
                "{SCHEMA,FRAMES,\"profiles\":[S,\"samples\":[[3]],\"weights\":[1]}]}",
                "{SCHEMA,FRAMES,\"profiles\":[S,\"samples\":[[-1]],\"weights\":[1]}]}",
                "{SCHEMA,FRAMES,\"profiles\":[S,\"samples\":[[0.5]],\"weights\":[1]}]}",
                "{SCHEMA,FRAMES,\"profiles\":[S,\"samples\":[[0]],\"weights\":[-1]}]}",
                "{SCHEMA,FRAMES,\"profiles\":[S,\"samples\":[[0]],\"weights\":[1e999]}]}",
                "{SCHEMA,FRAMES,\"profiles\":[S,\"samples\":[[0]],\"weights\":[1e19]}]}",
                "{SCHEMA,FRAMES,\"profiles\":[E,\"events\":[{\"type\":\"C\",\"frame\":0,\"at\":1}]}]}",
                "{SCHEMA,FRAMES,\"profiles\":[E,\"events\":[{\"type\":\"X\",\"frame\":0,\"at\":1}]}]}",
                "{SCHEMA,FRAMES,\"profiles\":[E,\"events\":[{\"type\":\"O\",\"frame\":0}]}]}",
                "{SCHEMA,FRAMES,\"profiles\":[E,\"events\":[{\"type\":\"O\",\"frame\":0,\"at\":-1}]}]}",
                "{SCHEMA,FRAMES,\"profiles\":[S,\"samples\":[[0]],\"weights\":[1]}]"
            })
    void whatIsNoSuchFileIsRefused(String template) {
        String json =
                template.replace("SCHEMA", SCHEMA)
                        .replace("FRAMES", FRAMES)
                        .replace("[S", "[{\"type\":\"sampled\",\"unit\":\"seconds\"")
                        .replace("[E", "[{\"type\":\"evented\",\"unit\":\"seconds\"");
        HttpResponse<String> answer = push("app", json);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
        assertThat(store.profiles()).isEmpty();
    }

    @Test
    void hostileDepthIsBounded() {
        String deep = "[" + "0,".repeat(20_000) + "0]";
        assertThat(push("app", file(sampled("one", "none", "[" + deep + "]", "[1]"))).statusCode())
                .isEqualTo(400);
        String nested = "{" + SCHEMA + ",\"x\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}";
        assertThat(push("app", nested).statusCode()).isEqualTo(422);
    }

    /** The same run, once as what was sampled and once as what began and ended. */
    @Test
    void randomRunsComeBackInBothForms() {
        long seed = Long.getLong("flarepath.seed", 97);
        Random random = new Random(seed);
        Map<String, Long> expected = new TreeMap<>();
        List<String> samples = new ArrayList<>();
        List<String> weights = new ArrayList<>();
        List<String> events = new ArrayList<>();
        List<Integer> open = new ArrayList<>();
        int at = 10;
        for (int i = 0; i < 3_000; i++) {
            boolean opens = open.isEmpty() || (open.size() < 20 && random.nextBoolean());
            int frame = opens ? random.nextInt(3) : open.removeLast();
            events.add(event(opens ? "O" : "C", at, frame));
            if (opens) {
                open.add(frame);
            }
            int lasts = random.nextInt(5);
            at += lasts;
            if (!open.isEmpty() && lasts > 0) {
                samples.add(open.toString());
                weights.add(Long.toString(lasts));
                StringBuilder stack = new StringBuilder();
                open.forEach(called -> stack.append(";").append("abc".charAt(called)));
                expected.merge(stack.substring(1), lasts * 1_000L, Long::sum);
            }
        }
        while (!open.isEmpty()) {
            events.add(event("C", at, open.removeLast()));
        }
        push("app", file(evented("microseconds", String.join(",", events))));
        push("app", file(sampled("one", "microseconds", samples.toString(), weights.toString())));
        assertThat(store.profiles()).hasSize(2);
        for (Profile profile : store.profiles()) {
            assertThat(TestServer.folded(profile)).as("seed %d", seed).isEqualTo(expected);
        }
    }
}
