package io.flarepath.api.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.api.ingest.pyroscope.StackTexts;
import io.flarepath.store.profile.Profile;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The formats lines, tree, and trie. */
class CountedStacksIngestTest {
    private final MemoryStore store = new MemoryStore();
    private final TestServer server = new TestServer(store);

    @AfterEach
    void close() {
        server.close();
        assertThat(store.calledOnEventLoop).isFalse();
    }

    private static byte[] written(String format, Map<String, Long> stacks) {
        return switch (format) {
            case "lines" -> StackTexts.lines(stacks);
            case "tree" -> StackTexts.tree(stacks);
            default -> StackTexts.trie(stacks);
        };
    }

    private HttpResponse<String> push(String name, String format, byte[] body) {
        return server.post(TestServer.ingest(name) + "&format=" + format, body);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lines", "tree", "trie"})
    void randomStacksComeBackAsTheyWere(String format) {
        long seed = Long.getLong("flarepath.seed", 97);
        Random random = new Random(seed);
        for (int round = 0; round < 20; round++) {
            Map<String, Long> stacks = new TreeMap<>();
            for (int i = 0; i < 1 + 10 * round; i++) {
                StringBuilder stack = new StringBuilder("f" + random.nextInt(3));
                for (int depth = random.nextInt(12); depth > 0; depth--) {
                    // Names that begin alike, and in the middle of a character.
                    stack.append(";ma").append("in ü→🔥".substring(0, 3 + random.nextInt(3)));
                    stack.append(random.nextInt(9) == 0 ? random.nextInt(50) : "");
                }
                stacks.put(mended(stack.toString()), 1L + random.nextInt(4));
            }
            assertThat(push("app.bytes", format, written(format, stacks)).statusCode())
                    .isEqualTo(200);
            assertThat(TestServer.folded(store.profiles().get(round)))
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(stacks);
        }
    }

    private static String mended(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({
        "lines, &format=lines, application/octet-stream",
        "tree, &format=tree, multipart/form-data; boundary=x",
        "trie, &format=trie, ''",
        "tree, '', binary/octet-stream+tree",
        "trie, '', binary/octet-stream+trie",
        "trie, &format=jfr, binary/octet-stream+trie",
        "tree, &format=folded, Binary/octet-stream+tree; v=1"
    })
    void formatHoldsBeforeTheContentType(String format, String query, String type) {
        byte[] body = written(format, Map.of("main;a", 3L, "main;b", 1L));
        String path = TestServer.ingest("app") + "&sampleRate=50" + query;
        String[] headers = type.isEmpty() ? new String[0] : new String[] {"Content-Type", type};
        assertThat(server.post(path, body, headers).statusCode()).isEqualTo(200);
        Profile profile = store.profiles().get(0);
        assertThat(profile.type().id()).isEqualTo("process_cpu:cpu:nanoseconds:cpu:nanoseconds");
        assertThat(profile.period()).isEqualTo(20_000_000);
        assertThat(TestServer.folded(profile))
                .isEqualTo(Map.of("main;a", 60_000_000L, "main;b", 20_000_000L));
    }

    @ParameterizedTest
    @ValueSource(strings = {"lines", "tree", "trie"})
    void typeStandsBehindTheLastDot(String format) {
        byte[] body = written(format, Map.of("a", 2L));
        assertThat(push("my.app.alloc_space", format, body).statusCode()).isEqualTo(200);
        assertThat(store.profiles().get(0).type().id()).isEqualTo("memory:alloc_space:bytes::");
        assertThat(store.profiles().get(0).labels().get("service_name")).isEqualTo("my.app");
        assertThat(store.profiles().get(0).total()).isEqualTo(2);
        assertThat(push("my.app", format, body).statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lines", "tree", "trie", "folded"})
    void profileOfOneRequestIsTakenAndNotKept(String format) {
        byte[] body =
                format.equals("folded")
                        ? "a 1".getBytes(StandardCharsets.UTF_8)
                        : written(format, Map.of("a", 1L));
        assertThat(push("app{profile_id=abc}", format, body).statusCode()).isEqualTo(200);
        assertThat(store.profiles()).isEmpty();
    }

    @Test
    void linesBeyond64KibAreNotLost() {
        String deep = ("frame_with_a_long_name_" + "x".repeat(60) + ";").repeat(1_500) + "leaf\n";
        byte[] body = (deep + "\r\n\nafter\r\nafter").getBytes(StandardCharsets.UTF_8);
        assertThat(push("app.bytes", "lines", body).statusCode()).isEqualTo(200);
        assertThat(TestServer.folded(store.profiles().get(0)))
                .hasSize(2)
                .containsEntry("after", 2L);
    }

    @Test
    void namedRootIsAFrame() {
        ByteArrayOutputStream tree = new ByteArrayOutputStream();
        StackTexts.node(tree, bytes("all"), 5, 1);
        StackTexts.node(tree, bytes("a"), 2, 0);
        push("app.bytes", "tree", tree.toByteArray());
        assertThat(TestServer.folded(store.profiles().get(0)))
                .isEqualTo(Map.of("all", 5L, "all;a", 2L));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tree", "trie"})
    void everyPrefixOfABodyIsRefused(String format) {
        byte[] body = written(format, Map.of("main;a", 300L, "main;b;c", 1L));
        for (int length = 0; length < body.length; length++) {
            HttpResponse<String> answer = push("app", format, Arrays.copyOf(body, length));
            assertThat(answer.statusCode()).as("%d bytes", length).isEqualTo(422);
        }
        assertThat(push("app", format, Arrays.copyOf(body, body.length + 1)).statusCode())
                .isEqualTo(422);
        assertThat(store.profiles()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tree", "trie"})
    void hostileCountsAndDepthsAreBounded(String format) {
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        StackTexts.node(many, bytes(""), 0, Long.MAX_VALUE);
        assertThat(push("app", format, many.toByteArray()).statusCode()).isEqualTo(422);
        ByteArrayOutputStream large = new ByteArrayOutputStream();
        StackTexts.node(large, bytes("a"), Long.MAX_VALUE, 0);
        assertThat(push("app", format, large.toByteArray()).statusCode()).isEqualTo(400);
        ByteArrayOutputStream deep = new ByteArrayOutputStream();
        for (int i = 0; i < 20_000; i++) {
            StackTexts.node(deep, bytes(i == 0 ? "" : "f;"), 1, 1);
        }
        StackTexts.node(deep, bytes("leaf"), 1, 0);
        HttpResponse<String> answer = push("app", format, deep.toByteArray());
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("limits.stack-refused");
        ByteArrayOutputStream invalid = new ByteArrayOutputStream();
        StackTexts.node(invalid, new byte[] {(byte) 0xc3}, 1, 0);
        assertThat(push("app", format, invalid.toByteArray()).statusCode()).isEqualTo(422);
        assertThat(store.profiles()).isEmpty();
    }

    @Test
    void fewBytesCannotAskForManyLongStacks() {
        ByteArrayOutputStream wide = new ByteArrayOutputStream();
        Map<String, Long> path = new HashMap<>();
        path.put("f;".repeat(2_000) + "x".repeat(60_000), 1L);
        byte[] trunk = StackTexts.trie(path);
        StackTexts.node(wide, bytes(""), 0, 1);
        // The trunk's only child, with leaves of one byte each below it.
        StackTexts.node(wide, bytes("f;".repeat(2_000) + "x".repeat(60_000)), 1, 200_000);
        for (int i = 0; i < 200_000; i++) {
            StackTexts.node(wide, bytes(i % 2 == 0 ? "y" : "z"), 1, 0);
        }
        assertThat(push("app", "trie", trunk).statusCode()).isEqualTo(200);
        assertThat(push("app", "trie", wide.toByteArray()).statusCode()).isEqualTo(413);
    }
}
