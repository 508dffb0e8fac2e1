package io.flarepath.api.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.flarepath.api.Service;
import io.flarepath.api.contract.Answer;
import io.flarepath.api.contract.CheckedHttp;
import io.flarepath.api.ingest.OtlpRequests;
import io.flarepath.api.ingest.PprofWriter;
import io.flarepath.config.Configuration;
import io.flarepath.config.ConfigurationException;
import java.io.IOException;
import java.net.BindException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debug files that are pushed to a whole service, and the profiles that they name. */
class SymbolRoutesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long PERIOD = 10_309_278;
    private static final long MOVED = 0x5555_5555_4000L;

    @TempDir private static Path programs;
    private static Path program = Path.of("");
    private static Path debugFile = Path.of("");
    private static Path stripped = Path.of("");
    private static String buildId = "";
    private static List<Long> addresses = List.of();
    private static List<List<Toolchain.Step>> truth = List.of();

    @TempDir private Path data;
    private Service service;
    private CheckedHttp http;

    @BeforeAll
    static void compile() throws IOException {
        program = Toolchain.compile(programs, "shop");
        debugFile = Toolchain.debugFile(program);
        stripped = Toolchain.stripped(program);
        buildId = Toolchain.buildId(program);
        addresses = Toolchain.addresses(program);
        truth = Toolchain.addr2line(program, addresses);
        assertThat(addresses).hasSizeGreaterThan(60);
        assertThat(truth).hasSameSizeAs(addresses);
        assertThat(truth.stream().filter(chain -> chain.size() > 1).count())
                .as("addresses with inlined calls")
                .isGreaterThan(addresses.size() / 3);
    }

    @BeforeEach
    void start() throws BindException {
        start("log.level=info");
    }

    private void start(String set) throws BindException {
        service = Service.start(configuration(set));
        http = new CheckedHttp(service.url());
    }

    @AfterEach
    void stop() {
        http.close();
        service.close();
    }

    private Configuration configuration(String set) {
        try {
            return Configuration.load(
                    null,
                    Map.of(),
                    List.of(
                            "data=" + data,
                            "listen=127.0.0.1:0",
                            "otlp.grpc.listen=",
                            "otlp.http.listen=",
                            set));
        } catch (ConfigurationException e) {
            throw new AssertionError(e);
        }
    }

    /** Every instruction as a leaf, by our agent, by another one over OTLP, and in a pprof. */
    @Test
    void aDebugFileNamesOldProfilesOfEverybody() throws Exception {
        sendOtlp("ours", true, "");
        sendOtlp("theirs", false, "");
        sendPprof("pprof", 0);
        for (String of : List.of("ours", "theirs", "pprof")) {
            assertThat(unnamed(flamegraph(of))).as(of).hasSize(addresses.size());
        }

        JsonNode pushed = push(Files.readAllBytes(debugFile), 200);

        assertThat(pushed.get("buildId").textValue()).isEqualTo(buildId);
        assertThat(pushed.get("functions").intValue()).isGreaterThanOrEqualTo(3);
        assertThat(pushed.get("lines").booleanValue()).isTrue();
        assertThat(pushed.get("kept").booleanValue()).isFalse();
        assertThat(services(pushed))
                .isEqualTo(
                        Map.of(
                                "ours", all(addresses.size()),
                                "theirs", all(addresses.size()),
                                "pprof", all(addresses.size())));
        Map<String, Long> expected = expected();
        assertThat(paths(flamegraph("ours"), PERIOD)).isEqualTo(expected);
        assertThat(paths(flamegraph("theirs"), PERIOD)).isEqualTo(expected);
        assertThat(paths(flamegraph("pprof"), 1)).isEqualTo(expected);
        assertOtherAnswersAreNamed();

        stop();
        start();
        assertThat(paths(flamegraph("ours"), PERIOD)).as("after a restart").isEqualTo(expected);
    }

    private void assertOtherAnswersAreNamed() throws IOException {
        String a = CheckedHttp.encoded("{service_name=\"ours\"}");
        String b = CheckedHttp.encoded("{service_name=\"theirs\"}");
        JsonNode diff = ok("/api/v1/diff?queryA=" + a + "&queryB=" + b);
        assertThat(texts(diff.get("names"))).contains("shop::sum").noneMatch(this::isAddress);
        String cpu = "process_cpu:cpu:nanoseconds:cpu:nanoseconds";
        String left = CheckedHttp.encoded(cpu + "{service_name=\"ours\"}");
        String right = CheckedHttp.encoded(cpu + "{service_name=\"theirs\"}");
        JsonNode render = ok("/pyroscope/render?from=now-1h&until=now&query=" + left);
        assertThat(texts(render.at("/flamebearer/names")))
                .contains("shop::sum", "shop::price", "shop::twice")
                .noneMatch(this::isAddress);
        JsonNode renderDiff =
                ok(
                        "/pyroscope/render-diff?leftQuery="
                                + left
                                + "&rightQuery="
                                + right
                                + "&leftFrom=now-1h&leftUntil=now&rightFrom=now-1h&rightUntil=now");
        assertThat(texts(renderDiff.at("/flamebearer/names")))
                .contains("shop::sum")
                .noneMatch(this::isAddress);
        JsonNode focused =
                ok(
                        "/api/v1/flamegraph?from=now-1h&until=now&query="
                                + a
                                + "&focus=start&focus="
                                + CheckedHttp.encoded("shop::sum"));
        assertThat(texts(focused.get("names"))).contains("shop::twice").doesNotContain("main");
    }

    /** A mapping of code that was moved tells an offset in the file: only the executable helps. */
    @Test
    void aPprofOfMovedCodeIsNamedOnceTheExecutableTellsWhereItIsLoaded() throws Exception {
        sendPprof("moved", MOVED);
        JsonNode first = push(Files.readAllBytes(debugFile), 200);
        assertThat(first.get("executable").booleanValue()).isFalse();
        assertThat(services(first)).isEqualTo(Map.of("moved", List.of(addresses.size(), 0)));

        JsonNode second = push(Files.readAllBytes(stripped), 200);

        assertThat(second.get("executable").booleanValue()).isTrue();
        assertThat(second.get("kept").booleanValue()).isTrue();
        assertThat(services(second)).isEqualTo(Map.of("moved", all(addresses.size())));
        assertThat(paths(flamegraph("moved"), 1)).isEqualTo(expected());
        stop();
        start();
        assertThat(paths(flamegraph("moved"), 1)).as("after a restart").isEqualTo(expected());
    }

    @Test
    void theHashOfAnExecutableIsABuildIdToo() throws Exception {
        byte[] whole = Files.readAllBytes(program);
        String hash = htlhash(whole);
        sendOtlp("hashed", false, hash);
        assertThat(services(push(whole, 200))).isEqualTo(Map.of("hashed", all(addresses.size())));
        assertThat(paths(flamegraph("hashed"), PERIOD)).isEqualTo(expected());
    }

    /** As the semantic conventions have it. */
    private static String htlhash(byte[] file) throws Exception {
        java.security.MessageDigest digest = java.security.MessageDigest.getInstance("SHA-256");
        digest.update(file, 0, 4096);
        digest.update(file, file.length - 4096, 4096);
        digest.update(java.nio.ByteBuffer.allocate(8).putLong(file.length).array());
        return java.util.HexFormat.of().formatHex(digest.digest()).substring(0, 32);
    }

    @Test
    void theFileThatKnowsMoreStays() throws Exception {
        sendOtlp("ours", true, "");
        Path symbolsOnly = programs.resolve("symbols-only");
        Toolchain.run(programs, "strip", "-g", "-o", symbolsOnly.toString(), program.toString());
        JsonNode names = push(PprofWriter.gzip(Files.readAllBytes(symbolsOnly)), 200);
        assertThat(names.get("lines").booleanValue()).isFalse();
        assertThat(texts(flamegraph("ours").get("names")))
                .contains("shop::sum")
                .doesNotContain("shop::twice");
        push(Files.readAllBytes(debugFile), 200);
        assertThat(paths(flamegraph("ours"), PERIOD)).isEqualTo(expected());
        assertThat(push(Files.readAllBytes(symbolsOnly), 200).get("kept").booleanValue()).isTrue();
        assertThat(paths(flamegraph("ours"), PERIOD)).isEqualTo(expected());
        assertThat(push(Files.readAllBytes(program), 200).get("kept").booleanValue()).isFalse();
        assertThat(paths(flamegraph("ours"), PERIOD)).isEqualTo(expected());
    }

    @Test
    void anotherBuildNamesNothing() throws Exception {
        sendOtlp("ours", true, "");
        Path other = Toolchain.compile(programs, "other", "-DNDEBUG", "-fno-inline");
        JsonNode pushed = push(Files.readAllBytes(other), 200);
        assertThat(pushed.get("buildId").textValue()).isNotEqualTo(buildId);
        assertThat(pushed.get("services")).isEmpty();
        assertThat(unnamed(flamegraph("ours"))).hasSize(addresses.size());
    }

    @Test
    void whatCannotNameAnythingIsRefusedAndLeavesNothing() throws Exception {
        byte[] random = new byte[100_000];
        new Random(1).nextBytes(random);
        byte[] whole = Files.readAllBytes(program);
        refused(random, 422, "no ELF file");
        refused(new byte[0], 422, "no ELF file");
        refused(Arrays.copyOf(whole, 3), 422, "no ELF file");
        refused(Arrays.copyOf(whole, 70), 422, "cannot be used");
        refused(Arrays.copyOf(whole, whole.length / 3), 422, "");
        random[0] = 0x7f;
        random[1] = 'E';
        random[2] = 'L';
        random[3] = 'F';
        refused(random, 422, "cannot be used");
        refused(Files.readAllBytes(stripped), 422, "Send the debug file of build " + buildId);
        Path anonymous = Toolchain.compile(programs, "anonymous", "-Wl,--build-id=none");
        refused(Files.readAllBytes(anonymous), 422, "--build-id");
        byte[] gzip = PprofWriter.gzip(whole);
        refused(Arrays.copyOf(gzip, gzip.length / 2), 422, "gzip");
        refused(Arrays.copyOf(gzip, 5), 422, "gzip");
        assertThat(http.get("/api/v1/symbols").status()).isEqualTo(405);
        assertThat(filesLeft()).isEmpty();
    }

    @Test
    void whatIsTooLargeIsRefusedWithItsSetting() throws Exception {
        stop();
        start("limits.symbol-file=1MiB");
        byte[] large = Arrays.copyOf(Files.readAllBytes(program), 2 << 20);
        refused(large, 413, "limits.symbol-file");
        refused(PprofWriter.gzip(large), 413, "limits.symbol-file");
        assertThat(filesLeft()).isEmpty();
        assertThat(push(Files.readAllBytes(program), 200).get("functions").intValue()).isPositive();
    }

    /** Otherwise a tenant could call the functions of another what he likes. */
    @Test
    void aTenantNamesItsOwnProfilesOnly() throws Exception {
        stop();
        start("multitenancy=true");
        byte[] request = otlp("shared", true, "").build().toByteArray();
        for (String tenant : List.of("red", "blue")) {
            Answer stored =
                    http.send(
                            http.request("/v1development/profiles")
                                    .header("Content-Type", "application/x-protobuf")
                                    .header("X-Scope-OrgID", tenant)
                                    .POST(BodyPublishers.ofByteArray(request)));
            assertThat(stored.status()).isEqualTo(200);
        }
        Answer pushed =
                http.send(
                        http.request("/api/v1/symbols")
                                .header("X-Scope-OrgID", "red")
                                .POST(BodyPublishers.ofFile(debugFile)));
        assertThat(pushed.status()).as(pushed.text()).isEqualTo(200);
        assertThat(push(Files.readAllBytes(debugFile), 401).get("message").textValue())
                .contains("X-Scope-OrgID");
        String graph =
                "/api/v1/flamegraph?from=now-1h&until=now&query="
                        + CheckedHttp.encoded("{service_name=\"shared\"}");
        Answer red = http.send(http.request(graph).header("X-Scope-OrgID", "red").GET());
        Answer blue = http.send(http.request(graph).header("X-Scope-OrgID", "blue").GET());
        assertThat(red.text()).contains("shop::sum");
        assertThat(blue.text()).doesNotContain("shop::sum").contains("shop+0x");
    }

    // ---- sending

    private OtlpRequests otlp(String of, boolean ours, String hash) {
        OtlpRequests requests = new OtlpRequests();
        int mapping = requests.mapping("/opt/shop", hash.isEmpty() ? buildId : "", 0, 0);
        if (!hash.isEmpty()) {
            requests.dictionary
                    .getMappingTableBuilder(mapping)
                    .addAttributeIndices(
                            requests.attribute("process.executable.build_id.htlhash", hash));
        }
        int start = requests.location(0, 0, "native", "start");
        var profile = requests.cpu(System.currentTimeMillis() * 1_000_000, 1);
        for (long address : addresses) {
            // Our agent sends the name, others send the address alone.
            String[] names =
                    ours ? new String[] {"shop+0x" + Long.toHexString(address)} : new String[0];
            int leaf = requests.location(mapping, address, "native", names);
            profile.addSamples(OtlpRequests.sample(requests.stack(leaf, start), 1));
        }
        requests.add(
                ours ? "flarepath" : "io.otel",
                OtlpRequests.attributes(Map.of("service.name", of)),
                profile);
        return requests;
    }

    private void sendOtlp(String of, boolean ours, String hash) {
        Answer stored =
                http.send(
                        http.request("/v1development/profiles")
                                .header("Content-Type", "application/x-protobuf")
                                .POST(
                                        BodyPublishers.ofByteArray(
                                                otlp(of, ours, hash).build().toByteArray())));
        assertThat(stored.status()).as(stored.text()).isEqualTo(200);
    }

    /** A pprof whose mapping starts where the kernel put it; 0: its addresses are the file's. */
    private void sendPprof(String of, long start) {
        PprofWriter pprof =
                new PprofWriter()
                        .sampleType("cpu", "nanoseconds")
                        .period("cpu", "nanoseconds", 1)
                        .time(System.currentTimeMillis() * 1_000_000, 10_000_000_000L)
                        .mapping(1, start == 0 ? 0 : start + 0x1000, 0x1000, "shop", buildId)
                        .location(1, 0, 0, 1)
                        .function(1, "start", "");
        for (int i = 0; i < addresses.size(); i++) {
            pprof.location(i + 2, 1, start + addresses.get(i)).sample(new long[] {i + 2, 1}, 1);
        }
        Answer stored =
                http.send(
                        http.request("/ingest?name=" + of)
                                .POST(BodyPublishers.ofByteArray(pprof.bytes())));
        assertThat(stored.status()).as(stored.text()).isEqualTo(200);
    }

    private JsonNode push(byte[] file, int status) throws IOException {
        Answer answer =
                http.send(http.request("/api/v1/symbols").POST(BodyPublishers.ofByteArray(file)));
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        return JSON.readTree(answer.text());
    }

    private void refused(byte[] file, int status, String why) throws IOException {
        assertThat(push(file, status).get("message").textValue()).contains(why);
    }

    private List<Path> filesLeft() throws IOException {
        try (Stream<Path> files = Files.walk(data.resolve("store-symbols"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    // ---- reading

    private JsonNode ok(String url) throws IOException {
        Answer answer = http.get(url);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return JSON.readTree(answer.text());
    }

    private JsonNode flamegraph(String of) throws IOException {
        return ok(
                "/api/v1/flamegraph?from=now-1h&until=now&query="
                        + CheckedHttp.encoded("{service_name=\"" + of + "\"}"));
    }

    private static List<Integer> all(int frames) {
        return List.of(frames, frames);
    }

    private static Map<String, List<Integer>> services(JsonNode pushed) {
        Map<String, List<Integer>> services = new TreeMap<>();
        for (JsonNode each : pushed.get("services")) {
            services.put(
                    each.get("service").textValue(),
                    List.of(each.get("unnamed").intValue(), each.get("named").intValue()));
        }
        return services;
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(each -> texts.add(each.textValue()));
        return texts;
    }

    private boolean isAddress(String name) {
        return name.contains("+0x");
    }

    private List<String> unnamed(JsonNode graph) {
        return texts(graph.get("names")).stream().filter(this::isAddress).toList();
    }

    /** What addr2line makes of the stacks, calls from the root. */
    private static Map<String, Long> expected() {
        Map<String, Long> paths = new TreeMap<>();
        for (List<Toolchain.Step> chain : truth) {
            StringBuilder path = new StringBuilder("start");
            for (Toolchain.Step step : chain.reversed()) {
                path.append(';').append(step.function()).append('@').append(step.file());
            }
            paths.merge(path.toString(), 1L, Long::sum);
        }
        return paths;
    }

    /** The stacks of a flame graph, with how many samples end in each. */
    private static Map<String, Long> paths(JsonNode graph, long period) {
        JsonNode nodes = graph.get("nodes");
        String[] path = new String[nodes.get("parent").size()];
        Map<String, Long> paths = new TreeMap<>();
        for (int node = 1; node < path.length; node++) {
            String name = graph.get("names").get(nodes.get("name").get(node).intValue()).asText();
            String file = graph.get("files").get(nodes.get("file").get(node).intValue()).asText();
            int parent = nodes.get("parent").get(node).intValue();
            path[node] =
                    (parent == 0 ? "" : path[parent] + ";")
                            + name
                            + (file.isEmpty() ? "" : "@" + file);
            long self = nodes.get("self").get(node).longValue();
            if (self > 0) {
                paths.merge(path[node], self / period, Long::sum);
            }
        }
        assertThat(graph.get("total").longValue()).isEqualTo(addresses.size() * period);
        return paths;
    }
}
