package io.flarepath.api.query.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.flarepath.api.contract.Answer;
import io.flarepath.api.query.ServedStore;
import io.flarepath.api.query.Stacks;
import io.flarepath.store.profile.ProfileType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One small graph in every form, number by number; and every way to ask for it. */
class MergeFormatsTest {
    private static final long T = 1_700_000_000_000L;
    private static final String CPU = "process_cpu:cpu:nanoseconds:cpu:nanoseconds";

    @TempDir static Path directory;
    private static ServedStore served;

    @BeforeAll
    static void serve() {
        served = new ServedStore(directory);
        store("left", Map.of("a", 1L, "a;b", 2L, "a;c", 4L, "d;c", 8L));
        store("right", Map.of("a;b", 10L, "e", 3L));
    }

    private static void store(String service, Map<String, Long> stacks) {
        served.write(
                Stacks.profile(
                        Stacks.labels("service_name", service, "profiler", "p"),
                        ProfileType.CPU,
                        T,
                        stacks));
    }

    @AfterAll
    static void stop() {
        served.close();
    }

    private static String side(String service, String more) {
        return "{'profileTypeID':'%s','labelSelector':'{service_name=\\'%s\\'}','start':%d,'end':%d%s}"
                .formatted(CPU, service, T, T + 1, more)
                .replace("\\'", "\\\"")
                .replace('\'', '"');
    }

    private static JsonNode ask(String method, String body) {
        Answer answer = served.http().postJson("/querier.v1.QuerierService/" + method, body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    private static String levels(JsonNode graph) {
        List<String> levels = new ArrayList<>();
        for (JsonNode level : graph.path("levels")) {
            List<String> values = new ArrayList<>();
            level.path("values").forEach(value -> values.add(value.textValue()));
            levels.add(String.join(" ", values));
        }
        List<String> names = new ArrayList<>();
        graph.path("names").forEach(name -> names.add(name.textValue()));
        return String.join(",", names) + " | " + String.join(" | ", levels);
    }

    /** Bars are dx, total, self, name; a parent's own value lies left of its children. */
    @ParameterizedTest(name = "{0} nodes")
    @CsvSource(
            delimiter = '=',
            textBlock =
                    """
                    0 = total,a,d,b,c | 0 15 0 0 | 0 7 1 1 0 8 0 2 | 1 2 2 3 0 4 4 4 0 8 8 4
                    3 = total,a,d,other,c | 0 15 0 0 | 0 7 1 1 0 8 0 2 | 1 6 6 3 0 8 8 4
                    2 = total,d,other,c | 0 15 0 0 | 0 8 0 1 0 7 7 2 | 0 8 8 3
                    """)
    void flameGraphs(int maxNodes, String expected) {
        JsonNode graph =
                ask("SelectMergeStacktraces", side("left", ",'maxNodes':" + maxNodes))
                        .path("flamegraph");
        assertThat(levels(graph)).isEqualTo(expected);
        assertThat(graph.path("total").textValue()).isEqualTo("15");
        assertThat(graph.path("maxSelf").textValue()).isEqualTo("8");
    }

    @Test
    void nothingIsARootOfNothing() {
        JsonNode graph = ask("SelectMergeStacktraces", side("none", "")).path("flamegraph");
        assertThat(levels(graph)).isEqualTo("total | 0 0 0 0");
        assertThat(graph.has("total")).isFalse();
        JsonNode spans =
                ask("SelectMergeSpanProfile", side("left", ",'spanSelector':['0123456789abcdef']"));
        assertThat(levels(spans.path("flamegraph"))).isEqualTo("total | 0 0 0 0");
    }

    /** Bars are dx, total, self of both sides and the name. */
    @Test
    void diffs() {
        JsonNode graph =
                ask(
                                "Diff",
                                "{\"left\":"
                                        + side("left", "")
                                        + ",\"right\":"
                                        + side("right", "")
                                        + "}")
                        .path("flamegraph");
        assertThat(levels(graph))
                .isEqualTo(
                        "total,a,d,e,b,c | 0 15 0 0 13 0 0"
                                + " | 0 7 1 0 10 0 1 0 8 0 0 0 0 2 0 0 0 0 3 3 3"
                                + " | 1 2 2 0 10 10 4 0 4 4 0 0 0 5 0 8 8 0 0 0 5");
        assertThat(graph.path("total").textValue()).isEqualTo("28");
        assertThat(graph.path("leftTicks").textValue()).isEqualTo("15");
        assertThat(graph.path("rightTicks").textValue()).isEqualTo("13");
    }

    @Test
    void callSites() {
        JsonNode graph =
                ask(
                                "SelectMergeStacktraces",
                                side("left", ",'stackTraceSelector':{'callSite':[{'name':'a'}]}"))
                        .path("flamegraph");
        assertThat(levels(graph)).isEqualTo("total,a,b,c | 0 7 0 0 | 0 7 1 1 | 1 2 2 2 0 4 4 3");
    }

    /** Without it the answer would be of other stacks than asked for. */
    @Test
    void aSelectorOfStacksThatIsNotKnownIsRefusedByName() {
        for (String method : List.of("SelectMergeStacktraces", "SelectMergeProfile")) {
            Answer answer =
                    served.http()
                            .postJson(
                                    "/querier.v1.QuerierService/" + method,
                                    side(
                                            "left",
                                            ",'stackTraceSelector':{'frame_filter':{'include':['b']}}"));
            assertThat(answer.status()).as(answer.text()).isEqualTo(501);
            assertThat(answer.json().path("code").textValue()).isEqualTo("unimplemented");
            assertThat(answer.text()).contains("stackTraceSelector.frameFilter");
        }
        // One that is there and says nothing is none.
        assertThat(
                        levels(
                                ask(
                                                "SelectMergeStacktraces",
                                                side(
                                                        "left",
                                                        ",'stackTraceSelector':{'frameFilter':{}}"))
                                        .path("flamegraph")))
                .startsWith("total,a,d,b,c");
    }

    @Test
    void whatIsForPprofsIsRefusedElsewhere() {
        String pgo = ",'stackTraceSelector':{'goPgo':{'keepLocations':5}}";
        Answer graph =
                served.http()
                        .postJson(
                                "/querier.v1.QuerierService/SelectMergeStacktraces",
                                side("left", pgo));
        assertThat(graph.status()).isEqualTo(400);
        assertThat(graph.text()).contains("stackTraceSelector.goPgo");
        assertThat(ask("SelectMergeStacktraces", side("left", pgo + ",'format':4")).has("pprof"))
                .isTrue();
    }

    /** Pre-order, the last child first, the root without a name. */
    @Test
    void trees() throws IOException {
        byte[] tree =
                ask("SelectMergeStacktraces", side("left", ",'format':2"))
                        .path("tree")
                        .binaryValue();
        CodedInputStream in = CodedInputStream.newInstance(tree);
        List<String> nodes = new ArrayList<>();
        while (!in.isAtEnd()) {
            String name = new String(in.readRawBytes(in.readUInt32()), StandardCharsets.UTF_8);
            nodes.add(name + ":" + in.readUInt64() + ":" + in.readUInt32());
        }
        assertThat(nodes).containsExactly(":0:2", "d:0:1", "c:8:0", "a:1:2", "c:4:0", "b:2:0");
    }

    @Test
    void callGraphs() {
        String dot =
                ask("SelectMergeStacktraces", side("left", ",'format':'PROFILE_FORMAT_DOT'"))
                        .path("dot")
                        .textValue();
        assertThat(dot)
                .startsWith("digraph \"" + CPU + "\" {")
                .contains("label=\"c\\n12 nanoseconds (80.00%)\"")
                .contains("label=\"a\\n1 nanoseconds (6.67%)\\nof 7 (46.67%)\"")
                .contains("label=\" 8 nanoseconds\"")
                .endsWith("}\n");
    }

    private static byte[] message() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.writeString(1, CPU);
        out.writeString(2, "{service_name=\"left\"}");
        out.writeInt64(3, T);
        out.writeInt64(4, T + 1);
        out.writeInt64(5, 100);
        out.writeString(99, "not known");
        out.flush();
        return bytes.toByteArray();
    }

    private static byte[] framed(byte[] message) {
        return ByteBuffer.allocate(5 + message.length)
                .put((byte) 0)
                .putInt(message.length)
                .put(message)
                .array();
    }

    private static Answer post(String type, byte[] body) {
        return served.http()
                .send(
                        served.http()
                                .request("/querier.v1.QuerierService/SelectMergeStacktraces")
                                .header("Content-Type", type)
                                .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
    }

    /** The names and the total of a SelectMergeStacktracesResponse. */
    private static String read(CodedInputStream in) throws IOException {
        assertThat(in.readTag()).isEqualTo(1 << 3 | 2);
        int outer = in.pushLimit(in.readRawVarint32());
        StringBuilder names = new StringBuilder();
        long total = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (tag) {
                case 1 << 3 | 2 -> names.append(in.readString()).append(' ');
                case 3 << 3 -> total = in.readInt64();
                default -> in.skipField(tag);
            }
        }
        in.popLimit(outer);
        return names + Long.toString(total);
    }

    @Test
    void theBinaryFormIsAskedAndAnswered() throws IOException {
        Answer answer = post("application/proto", message());
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("application/proto");
        assertThat(read(CodedInputStream.newInstance(answer.raw()))).isEqualTo("total a d b c 15");
        Answer broken = post("application/proto", new byte[] {0x0a, 0x7f, 1});
        assertThat(broken.status()).isEqualTo(400);
        assertThat(broken.message()).contains("protobuf");
    }

    @Test
    void grpcWebIsAskedAndAnswered() throws IOException {
        Answer answer = post("application/grpc-web+proto", framed(message()));
        assertThat(answer.status()).isEqualTo(200);
        ByteBuffer frames = ByteBuffer.wrap(answer.raw());
        assertThat(frames.get()).isZero();
        byte[] message = new byte[frames.getInt()];
        frames.get(message);
        assertThat(read(CodedInputStream.newInstance(message))).isEqualTo("total a d b c 15");
        assertThat(frames.get()).isEqualTo((byte) 0x80);
        byte[] trailers = new byte[frames.getInt()];
        frames.get(trailers);
        assertThat(new String(trailers, StandardCharsets.US_ASCII)).isEqualTo("grpc-status: 0\r\n");
        assertThat(frames.hasRemaining()).isFalse();

        byte[] text = Base64.getEncoder().encode(framed(new byte[] {0x0a, 0x01, 'x'}));
        String refused =
                new String(
                        Base64.getDecoder().decode(post("application/grpc-web-text", text).raw()),
                        StandardCharsets.US_ASCII);
        assertThat(refused).contains("grpc-status: 3\r\n").contains("grpc-message: ");
        assertThat(post("application/grpc", framed(message())).status()).isEqualTo(415);
    }
}
