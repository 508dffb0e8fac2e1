package io.flarepath.api.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.api.ingest.pyroscope.StackTexts;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.server.BodyReader;
import io.flarepath.api.server.Limits;
import io.flarepath.store.StoreException;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What {@code POST /ingest} answers, format by format, as the reference does
 * (pkg/ingester/pyroscope), but for faults of the server: those are 503 for every format.
 */
class IngestStatusTest {
    private static final String FORM = "multipart/form-data; boundary=b";
    private static final String ANY = "application/octet-stream";

    private static final MemoryStore STORE = new MemoryStore();
    private static TestServer server = new TestServer(STORE);

    @BeforeAll
    static void open() {
        assertThat(server.port()).isPositive();
    }

    @AfterAll
    static void close() {
        server.close();
        assertThat(STORE.calledOnEventLoop).isFalse();
    }

    @BeforeEach
    void healthy() {
        STORE.failure = null;
    }

    /**
     * A request.
     *
     * @param query behind {@code ?name=}
     */
    record Upload(String what, String query, String type, byte[] body) {
        private HttpResponse<String> send(String... headers) {
            String[] all = Arrays.copyOf(headers, headers.length + 2);
            all[headers.length] = "Content-Type";
            all[headers.length + 1] = type;
            return server.post("/ingest?name=" + query, body, all);
        }

        @Override
        public String toString() {
            return what;
        }
    }

    /** An upload and the status that it is answered with. */
    record Case(Upload upload, int status) {
        @Override
        public String toString() {
            return upload + " → " + status;
        }
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] pprof() {
        return PprofWriter.cpu(UploadClock.systemNanos()).bytes();
    }

    /** A form of parts, each a name and its content. */
    private static byte[] form(Object... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < parts.length; i += 2) {
            String disposition = "form-data; name=\"" + parts[i] + "\"; filename=\"f\"";
            out.writeBytes(text("--b\r\nContent-Disposition: " + disposition + "\r\n\r\n"));
            out.writeBytes((byte[]) parts[i + 1]);
            out.writeBytes(text("\r\n"));
        }
        out.writeBytes(text("--b--\r\n"));
        return out.toByteArray();
    }

    /** One good upload of each format that needs no recording of a JVM. */
    static List<Upload> good() {
        Map<String, Long> stacks = Map.of("a;b", 1L);
        String speedscope =
                "{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\"shared\":"
                        + "{\"frames\":[{\"name\":\"a\"}]},\"profiles\":[{\"type\":\"sampled\","
                        + "\"name\":\"n\",\"unit\":\"seconds\",\"samples\":[[0]],\"weights\":[1]}]}";
        return List.of(
                new Upload("pprof", "app&format=pprof", ANY, pprof()),
                new Upload("pprof, no format", "app", ANY, pprof()),
                new Upload("form", "app", FORM, form("profile", pprof())),
                new Upload("folded", "app&format=folded", ANY, text("a;b 1")),
                new Upload("groups", "app&format=groups", ANY, text("a;b 1")),
                new Upload("an unknown format is folded", "app&format=x", ANY, text("a;b 1")),
                new Upload("lines", "app&format=lines", ANY, StackTexts.lines(stacks)),
                new Upload("tree", "app&format=tree", ANY, StackTexts.tree(stacks)),
                new Upload("trie", "app&format=trie", ANY, StackTexts.trie(stacks)),
                new Upload("speedscope", "app&format=speedscope", ANY, text(speedscope)));
    }

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        good().forEach(upload -> cases.add(new Case(upload, 200)));
        byte[] folded = text("a;b 1");
        byte[] garbage = {0x0a, 0x7f, 0x08, 0x01};
        add(cases, 200, "no samples", "app", ANY, text("\n\n"));
        add(cases, 200, "an empty pprof", "app&format=pprof", ANY, new byte[0]);
        add(cases, 200, "an empty profile of a form", "app", FORM, form("profile", new byte[0]));
        add(cases, 200, "empty lines", "app&format=lines", ANY, new byte[0]);
        add(cases, 200, "a rate that is none", "app&sampleRate=fast", ANY, folded);
        add(cases, 200, "a time that is none", "app&from=whenever&until=x", ANY, folded);
        add(cases, 200, "units that are not used", "app&units=x&aggregationType=y", ANY, folded);
        add(cases, 400, "no name", "", ANY, folded);
        add(cases, 400, "a name of braces alone", "%7Ba%3Db%7D", ANY, folded);
        add(cases, 400, "an illegal name", "a%20b", ANY, folded);
        add(cases, 400, "an illegal label", "app%7Ba-b%3Dc%7D", ANY, folded);
        for (String format : new String[] {"folded", "lines", "tree", "trie"}) {
            byte[] good =
                    good().stream()
                            .filter(u -> u.what.equals(format))
                            .findFirst()
                            .orElseThrow()
                            .body;
            add(cases, 400, "unknown type, " + format, "a.b&format=" + format, ANY, good);
        }
        add(cases, 400, "before the retention", "app&from=1000000000", ANY, folded);
        add(cases, 400, "long label", "app%7Ba%3D" + "x".repeat(2_049) + "%7D", ANY, folded);
        add(cases, 415, "unknown encoding", "app", ANY, folded);
        for (String format : new String[] {"pprof", "jfr", "tree", "trie", "speedscope"}) {
            add(cases, 422, "garbage, " + format, "app&format=" + format, ANY, garbage);
        }
        for (String format : new String[] {"jfr", "tree", "trie", "speedscope"}) {
            add(cases, 422, "nothing, " + format, "app&format=" + format, ANY, new byte[0]);
        }
        add(cases, 422, "a count that is none", "app", ANY, text("a;b x"));
        add(cases, 422, "lines, not UTF-8", "app&format=lines", ANY, new byte[] {(byte) 0xff});
        add(cases, 422, "a form as a pprof", "app&format=pprof", FORM, form("profile", pprof()));
        add(cases, 422, "no part", "app", FORM, form("other", pprof()));
        add(cases, 422, "no part jfr", "app&format=jfr", FORM, form("profile", garbage));
        add(
                cases,
                422,
                "an old client",
                "app",
                FORM,
                form("profile", pprof(), "prev_profile", pprof()));
        add(cases, 422, "no boundary", "app", "multipart/form-data", form("profile", pprof()));
        add(cases, 422, "a cut form", "app", FORM, text("--b\r\nContent-Dispo"));
        return cases;
    }

    private static void add(
            List<Case> cases, int status, String what, String query, String type, byte[] body) {
        cases.add(new Case(new Upload(what, query, type, body), status));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void statusIsAsTheReferenceHasIt(Case row) {
        HttpResponse<String> answer =
                row.status == 415 ? row.upload.send("Content-Encoding", "br") : row.upload.send();
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(row.status);
        if (row.status == 200) {
            assertThat(answer.body()).isEmpty();
        } else {
            assertThat(answer.body()).startsWith("{\"code\":\"invalid_argument\",\"message\":\"");
        }
    }

    @ParameterizedTest
    @MethodSource("good")
    void faultsOfTheServerAreItsOwn(Upload upload) {
        for (StoreException.Reason reason : StoreException.Reason.values()) {
            STORE.failure = new StoreException(reason, "as told");
            boolean busy = reason == StoreException.Reason.BUSY;
            HttpResponse<String> answer = upload.send();
            assertThat(answer.statusCode()).as("%s", reason).isEqualTo(busy ? 429 : 503);
            assertThat(answer.body()).contains(busy ? "resource_exhausted" : "unavailable");
            assertThat(answer.headers().firstValue("Retry-After").isPresent()).isEqualTo(busy);
        }
    }

    @ParameterizedTest
    @MethodSource("good")
    void bodyOverTheLimitIs413(Upload upload) {
        Limits all = Limits.DEFAULT;
        Limits small =
                new Limits(
                        3,
                        all.inflatedBytes(),
                        all.recordingBytes(),
                        all.stackFrames(),
                        all.stackRefused(),
                        all.labels(),
                        all.labelNameBytes(),
                        all.labelValueBytes(),
                        all.pending());
        try (TestServer limited =
                new TestServer(STORE, small, BodyReader.Patience.DEFAULT, false)) {
            HttpResponse<String> answer =
                    limited.post(
                            "/ingest?name=" + upload.query,
                            upload.body,
                            "Content-Type",
                            upload.type);
            assertThat(answer.statusCode()).isEqualTo(413);
            assertThat(answer.body()).contains("resource_exhausted", "limits.body");
        }
    }

    @Test
    void bothRoutesKnowPostAlone() {
        for (String path : new String[] {"/ingest", "/pyroscope/ingest"}) {
            for (String method : new String[] {"GET", "PUT", "DELETE"}) {
                HttpRequest.Builder request =
                        HttpRequest.newBuilder(server.uri(path + "?name=app"))
                                .timeout(Duration.ofSeconds(20))
                                .method(method, HttpRequest.BodyPublishers.noBody());
                assertThat(server.send(request).statusCode()).as(method + path).isEqualTo(405);
            }
            assertThat(server.post(path + "?name=app", text("a 1")).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void withoutATenantNobodyIsKnown() {
        try (TestServer tenants =
                new TestServer(STORE, Limits.DEFAULT, BodyReader.Patience.DEFAULT, true)) {
            for (Upload upload : good()) {
                String path = "/ingest?name=" + upload.query;
                assertThat(
                                tenants.post(path, upload.body, "Content-Type", upload.type)
                                        .statusCode())
                        .as(upload.what)
                        .isEqualTo(401);
            }
        }
    }
}
