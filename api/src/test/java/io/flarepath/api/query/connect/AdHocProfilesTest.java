package io.flarepath.api.query.connect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.flarepath.api.contract.Answer;
import io.flarepath.api.ingest.PprofWriter;
import io.flarepath.api.query.ServedStore;
import io.flarepath.store.ProfileFileStore;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.Recording;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that are uploaded to be looked at by themselves. */
@Timeout(120)
class AdHocProfilesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path directory;
    private ServedStore served;

    @BeforeEach
    void start() {
        served = new ServedStore(directory, true);
    }

    @AfterEach
    void close() {
        served.close();
    }

    private Answer call(String tenant, String method, Map<String, Object> message) {
        try {
            HttpRequest.Builder request =
                    served.http()
                            .request("/adhocprofiles.v1.AdHocProfileService/" + method)
                            .header("Content-Type", "application/json")
                            .header("X-Scope-OrgID", tenant)
                            .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(message)));
            return served.http().send(request);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Answer upload(String name, byte[] file) {
        return call(
                "team",
                "Upload",
                Map.of("name", name, "profile", Base64.getEncoder().encodeToString(file)));
    }

    private JsonNode uploaded(String name, byte[] file) {
        Answer answer = upload(name, file);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    private JsonNode uploaded(String name, String file) {
        return uploaded(name, file.getBytes(UTF_8));
    }

    private static JsonNode document(JsonNode answer) {
        try {
            return JSON.readTree(answer.path("flamebearerProfile").textValue());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> texts(JsonNode list) {
        return JSON.convertValue(
                list, JSON.getTypeFactory().constructCollectionType(List.class, String.class));
    }

    private List<String> names(String tenant) {
        return call(tenant, "List", Map.of()).json().findValuesAsText("name");
    }

    /** Two types, whose values are 10 and 1,000 for main;a, 20 and 500 for main;b. */
    private static byte[] pprof() {
        PprofWriter writer =
                new PprofWriter()
                        .sampleType("alloc_objects", "count")
                        .sampleType("alloc_space", "bytes")
                        .period("space", "bytes", 1)
                        // Long before any retention.
                        .time(1_200_000_000_000_000_000L, 1_000_000_000L);
        byte[] plain =
                writer.function(1, "main", "m.go")
                        .function(2, "a", "m.go")
                        .function(3, "b", "m.go")
                        .location(1, 0, 0, 1)
                        .location(2, 0, 0, 2)
                        .location(3, 0, 0, 3)
                        .sample(new long[] {2, 1}, 10, 1_000)
                        .sample(new long[] {3, 1}, 20, 500)
                        .bytes();
        return PprofWriter.gzip(plain);
    }

    @Test
    void aPprofIsKeptWithItsTypesAndAnsweredAsARenderDocument() {
        JsonNode answer = uploaded("heap profile.pb.gz", pprof());
        assertThat(answer.path("name").textValue()).isEqualTo("heap_profile.pb.gz");
        assertThat(answer.path("profileType").textValue()).isEqualTo("alloc_objects");
        assertThat(texts(answer.path("profileTypes")))
                .containsExactly("alloc_objects", "alloc_space");
        assertThat(answer.path("uploadedAt").asLong())
                .isBetween(
                        System.currentTimeMillis() - 60_000, System.currentTimeMillis() + 60_000);
        // By hand, from the reference's rules: children by name, dx relative in a level.
        JsonNode first = document(answer);
        assertThat(first.at("/flamebearer/names").toString())
                .isEqualTo("[\"total\",\"main\",\"a\",\"b\"]");
        assertThat(first.at("/flamebearer/levels").toString())
                .isEqualTo("[[0,30,0,0],[0,30,0,1],[0,10,10,2,0,20,20,3]]");
        assertThat(first.at("/flamebearer/numTicks").asLong()).isEqualTo(30);
        assertThat(first.at("/flamebearer/maxSelf").asLong()).isEqualTo(20);
        assertThat(first.at("/metadata/format").textValue()).isEqualTo("single");
        assertThat(first.at("/metadata/units").textValue()).isEqualTo("objects");
        assertThat(first.at("/metadata/name").textValue()).isEqualTo("alloc_objects");
        assertThat(first.path("timeline").isNull()).isTrue();

        String id = answer.path("id").textValue();
        Answer bytes =
                call("team", "Get", Map.of("id", id, "profileType", "alloc_space", "maxNodes", 2));
        assertThat(bytes.json().path("profileType").textValue()).isEqualTo("alloc_space");
        // main and a stay, b becomes other.
        assertThat(document(bytes.json()).at("/flamebearer/names").toString())
                .isEqualTo("[\"total\",\"main\",\"a\",\"other\"]");
        assertThat(document(bytes.json()).at("/flamebearer/numTicks").asLong()).isEqualTo(1_500);
        assertThat(document(bytes.json()).at("/metadata/units").textValue()).isEqualTo("bytes");
        // As there, a type that the file lacks means its first.
        assertThat(
                        call("team", "Get", Map.of("id", id, "profileType", "cpu"))
                                .json()
                                .path("profileType")
                                .textValue())
                .isEqualTo("alloc_objects");
    }

    @Test
    void foldedStacksKeepTheirCounts() {
        JsonNode document = document(uploaded("a.folded", "main;a 3\nmain;b c 4\nmain 2\n"));
        assertThat(document.at("/flamebearer/names").toString())
                .isEqualTo("[\"total\",\"main\",\"a\",\"b c\"]");
        assertThat(document.at("/flamebearer/levels").toString())
                .isEqualTo("[[0,9,0,0],[0,9,2,1],[2,3,3,2,0,4,4,3]]");
        assertThat(document.at("/metadata/name").textValue()).isEqualTo("samples");
    }

    @Test
    void aFileOfSpeedscopeKeepsItsUnits() {
        String file =
                """
                {"$schema":"https://www.speedscope.app/file-format-schema.json",
                 "shared":{"frames":[{"name":"a"},{"name":"b"}]},
                 "profiles":[{"type":"sampled","name":"one","unit":"UNIT","startValue":0,"endValue":5,
                   "samples":[[0,1],[0]],"weights":[2,3]}]}
                """;
        JsonNode milliseconds = document(uploaded("s.json", file.replace("UNIT", "milliseconds")));
        assertThat(milliseconds.at("/flamebearer/levels").toString())
                .isEqualTo("[[0,5000000,0,0],[0,5000000,3000000,1],[3000000,2000000,2000000,2]]");
        assertThat(milliseconds.at("/metadata/name").textValue()).isEqualTo("cpu");
        JsonNode none = document(uploaded("s.json", file.replace("UNIT", "none")));
        assertThat(none.at("/flamebearer/levels").toString())
                .isEqualTo("[[0,5,0,0],[0,5,3,1],[3,2,2,2]]");
        assertThat(none.at("/metadata/name").textValue()).isEqualTo("samples");
    }

    /** The document of /pyroscope/render, with parts that tests change. */
    private static String flameGraph(String metadata, String levels) {
        return """
        {"version":1,
         "flamebearer":{"levels":%s,"names":["total","main","a","b"],"numTicks":30,"maxSelf":20},
         "metadata":{"format":"single","spyName":"",%s},
         "timeline":null,"groups":null,"heatmap":null}
        """
                .formatted(levels, metadata);
    }

    private static final String LEVELS = "[[0,30,0,0],[0,30,2,1],[2,10,10,2,0,18,18,3]]";
    private static final String OBJECTS =
            "\"sampleRate\":100,\"units\":\"objects\",\"name\":\"alloc_objects\"";

    @Test
    void aFlameGraphThatWasSavedIsTheSameAgain() throws IOException {
        String cpu = "main;a 3\nmain;b 4\nmain 2\nidle 1\n";
        for (JsonNode first :
                List.of(
                        uploaded("heap.pb.gz", pprof()),
                        uploaded("counts.folded", cpu),
                        uploaded(
                                "ran.json",
                                flameGraph(
                                        "\"sampleRate\":1000000000,\"units\":\"samples\","
                                                + "\"name\":\"cpu\"",
                                        LEVELS)))) {
            String saved = first.path("flamebearerProfile").textValue();
            JsonNode again = uploaded("saved.json", saved);
            assertThat(document(again)).isEqualTo(JSON.readTree(saved));
            assertThat(again.path("profileType")).isEqualTo(first.path("profileType"));
            assertThat(document(uploaded("saved.json.gz", PprofWriter.gzip(saved.getBytes(UTF_8)))))
                    .isEqualTo(JSON.readTree(saved));
        }
    }

    @Test
    void samplesOfAFlameGraphStandForTheTimeThatItsRateSays() {
        JsonNode document =
                document(
                        uploaded(
                                "cpu.json",
                                flameGraph(
                                        "\"sampleRate\":100,\"units\":\"samples\",\"name\":\"cpu\"",
                                        LEVELS)));
        assertThat(document.at("/flamebearer/numTicks").asLong()).isEqualTo(300_000_000);
        assertThat(document.at("/metadata/name").textValue()).isEqualTo("cpu");
    }

    @Test
    void aFlameGraphWhoseNumbersContradictEachOtherIsRefusedWithItsReason() {
        Map<String, String> wrong =
                Map.of(
                        "[[0,30,0,0],[0,30,2,4]]", "a bar of level 1 has name 4 of 4",
                        "[[0,30,0,0],[0,31,2,1]]", "no bar above it that spans it",
                        "[[0,30,0,0],[0,10,2,1,25,5,5,1]]", "no bar above it that spans it",
                        "[[0,30,0,0],[0,30,31,1]]", "more of its own than in all",
                        "[[0,30,0,0],[0,30,2]]", "level 1 must have four numbers a bar",
                        "[[0,30,0,0],[0,-1,0,1]]", "must be from 0 to 2^63-1",
                        "[[0,9223372036854775807,0,0,1,1,1,1]]", "an end beyond 2^63",
                        "[[0,30,0,0],[0,1.5,0,1]]", "must be a whole number",
                        "[[0,30,0,0]]", "there is no sample in it",
                        "{}", "flamebearer.levels must be an array");
        wrong.forEach((levels, reason) -> {
            Answer answer = upload("f.json", flameGraph(OBJECTS, levels).getBytes(UTF_8));
            assertThat(answer.status()).as(levels).isEqualTo(400);
            assertThat(answer.text()).as(levels).contains(reason);
        });
        String two = flameGraph(OBJECTS, LEVELS).replace("single", "double");
        assertThat(upload("f.json", two.getBytes(UTF_8)).text())
                .contains("a flame graph of one profile, and is \\\"double\\\"");
        assertThat(names("team")).isEmpty();
    }

    @Test
    void theTypesOfARecordingThatShareANameGoByTheirIds() throws Exception {
        byte[] recording;
        Object monitor = new Object();
        try (Recording made = new Recording()) {
            made.enable("jdk.JavaMonitorEnter").withThreshold(Duration.ZERO);
            made.enable("jdk.ThreadPark").withThreshold(Duration.ZERO);
            made.start();
            CountDownLatch tries = new CountDownLatch(1);
            Thread waiter =
                    new Thread(() -> {
                        tries.countDown();
                        synchronized (monitor) {
                            LockSupport.parkNanos(1_000_000);
                        }
                    });
            synchronized (monitor) {
                waiter.start();
                tries.await();
                while (waiter.getState() != Thread.State.BLOCKED) {
                    Thread.onSpinWait();
                }
            }
            waiter.join();
            made.stop();
            Path file = directory.resolve("made.jfr");
            made.dump(file);
            recording = Files.readAllBytes(file);
        }
        assertThat(recording).hasSizeLessThan((int) ServedStore.AD_HOC.fileBytes() * 16);
        JsonNode answer = uploaded("made.jfr", PprofWriter.gzip(recording));
        assertThat(texts(answer.path("profileTypes")))
                .contains(
                        "mutex:contentions:count:mutex:count",
                        "mutex:delay:nanoseconds:mutex:count",
                        "block:contentions:count:block:count",
                        "block:delay:nanoseconds:block:count");
        JsonNode delay =
                call(
                                "team",
                                "Get",
                                Map.of(
                                        "id",
                                        answer.path("id").textValue(),
                                        "profileType",
                                        "mutex:delay:nanoseconds:mutex:count"))
                        .json();
        assertThat(document(delay).at("/flamebearer/names").toString())
                .contains(getClass().getName().replace('.', '/'));
        assertThat(document(delay).at("/metadata/units").textValue()).isEqualTo("nanoseconds");
    }

    @Test
    void twoOfThemAreAligned() {
        String left = uploaded("left", "main;a 3\nmain;b 4\n").path("id").textValue();
        String right = uploaded("right", "main;a 5\nmain;c 1\n").path("id").textValue();
        Answer answer = call("team", "Diff", Map.of("leftId", left, "rightId", right));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(texts(answer.json().path("profileTypes"))).containsExactly("samples");
        JsonNode document = document(answer.json());
        assertThat(document.at("/flamebearer/levels").toString())
                .isEqualTo(
                        "[[0,7,0,0,6,0,0],[0,7,0,0,6,0,1],"
                                + "[0,3,3,0,5,5,2,0,4,4,0,0,0,3,0,0,0,0,1,1,4]]");
        assertThat(document.path("leftTicks").asLong()).isEqualTo(7);
        assertThat(document.path("rightTicks").asLong()).isEqualTo(6);
        assertThat(document.at("/metadata/format").textValue()).isEqualTo("double");

        String heap = uploaded("heap", pprof()).path("id").textValue();
        Answer nothingInCommon = call("team", "Diff", Map.of("leftId", left, "rightId", heap));
        assertThat(nothingInCommon.status()).isEqualTo(400);
        assertThat(nothingInCommon.text()).contains("samples").contains("alloc_space");
        assertThat(call("team", "Diff", Map.of("leftId", left, "rightId", "0")).status())
                .isEqualTo(404);
        assertThat(call("other", "Diff", Map.of("leftId", left, "rightId", right)).status())
                .isEqualTo(404);
    }

    @Test
    void theyAreKeptByTenantOverARestartUntilTheyAreDeleted() {
        String first = uploaded("first", "a 1").path("id").textValue();
        String second = uploaded("second", "a 2").path("id").textValue();
        served.close();
        served = new ServedStore(directory, true);
        assertThat(names("team")).containsExactly("second", "first");
        assertThat(names("tea")).isEmpty();
        assertThat(call("tea", "Get", Map.of("id", first)).status()).isEqualTo(404);
        assertThat(
                        document(call("team", "Get", Map.of("id", second)).json())
                                .at("/flamebearer/numTicks")
                                .asLong())
                .isEqualTo(2);
        assertThat(call("tea", "Delete", Map.of("id", first)).status()).isEqualTo(200);
        assertThat(call("team", "Delete", Map.of("id", first)).text()).isEqualTo("{}");
        assertThat(names("team")).containsExactly("second");
        assertThat(call("team", "Get", Map.of("id", first)).status()).isEqualTo(404);
        assertThat(call("team|tea", "List", Map.of()).status()).isEqualTo(400);
    }

    @Test
    void whatCannotBeReadIsRefusedWithItsReasonAndNotKept() {
        byte[] good = pprof();
        byte[] cut = Arrays.copyOf(good, good.length / 2);
        byte[] noise = new byte[2_000];
        new Random(7).nextBytes(noise);
        Map<String, byte[]> bad =
                Map.of(
                        "cut gzip", cut,
                        "noise", noise,
                        "cut recording", new byte[] {'F', 'L', 'R', 0, 0, 2, 0, 1, 0, 0},
                        "no count", "main;a many".getBytes(UTF_8),
                        "no stacks", "\n\n".getBytes(UTF_8),
                        "other JSON", "{\"hello\":1}".getBytes(UTF_8),
                        "cut JSON", "{\"$schema\":".getBytes(UTF_8));
        bad.forEach((name, file) -> {
            Answer answer = upload(name, file);
            assertThat(answer.status()).as(name + answer.text()).isEqualTo(400);
            assertThat(answer.json().path("code").textValue()).isEqualTo("invalid_argument");
            assertThat(answer.text()).as(name).contains("cannot be read");
        });
        for (Map<String, Object> message :
                List.<Map<String, Object>>of(
                        Map.of(),
                        Map.of("name", "n"),
                        Map.of("profile", "YSAx"),
                        Map.of("name", "n", "profile", "no base64!"),
                        Map.of("name", "n", "profile", "YSAx", "maxNodes", -1),
                        Map.of("name", "n", "profile", "YSAx", "maxNodes", 1 << 20),
                        Map.of("name", "n".repeat(300), "profile", "YSAx"))) {
            assertThat(call("team", "Upload", message).status()).isEqualTo(400);
        }
        assertThat(names("team")).isEmpty();
    }

    @Test
    void theirBytesAreBoundedByFileAndByTenant() {
        String line = "main;a 1\n";
        int most = (int) ServedStore.AD_HOC.fileBytes();
        String large = line.repeat(most / line.length());
        Answer tooLong = upload("long", line.repeat(most / line.length() + 1).getBytes(UTF_8));
        assertThat(tooLong.status()).isEqualTo(413);
        assertThat(tooLong.text()).contains("limits.ad-hoc-file");
        // Longer than a message may be at all.
        assertThat(upload("longer", new byte[4 * most]).status()).isEqualTo(413);
        uploaded("one", large);
        String two = uploaded("two", large).path("id").textValue();
        Answer full = upload("three", large.getBytes(UTF_8));
        assertThat(full.status()).isEqualTo(429);
        assertThat(full.text()).contains("limits.ad-hoc").contains("Delete");
        assertThat(names("team")).containsExactly("two", "one");
        assertThat(call("other", "List", Map.of()).text()).isEqualTo("{}");
        call("team", "Delete", Map.of("id", two));
        uploaded("three", large);
        assertThat(names("team")).containsExactly("three", "one");
    }

    @Test
    void theirNumberIsBounded() {
        for (int i = 0; i < ProfileFileStore.MOST; i++) {
            assertThat(served.store().files().put("team", "f" + i, 1_000 + i, new byte[1], 1 << 20))
                    .isPresent();
        }
        assertThat(upload("one more", "a 1".getBytes(UTF_8)).status()).isEqualTo(429);
        assertThat(names("team")).hasSize(ProfileFileStore.MOST).startsWith("f199", "f198");
    }
}
