package io.flarepath.api.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.api.ingest.upload.UploadClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing of what is sent here may reach the store, and every client must learn why. */
@Timeout(30)
class HostileUploadTest {
    private final MemoryStore store = new MemoryStore();
    private final TestServer server = new TestServer(store);
    private final long now = UploadClock.systemNanos();

    @AfterEach
    void nothingWasStoredAndNothingIsLeft() throws IOException {
        assertThat(store.profiles()).isEmpty();
        Awaitility.await().until(() -> server.temporaryFiles() == 0);
        assertThat(server.server().services().memory().reserved()).isZero();
        server.close();
    }

    private void assertRefused(byte[] body, int status, String... words) {
        assertRefused(server.post(TestServer.ingest("app"), body), status, words);
    }

    private static void assertRefused(HttpResponse<String> answer, int status, String... words) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(answer.body()).startsWith("{\"code\":").contains(words);
    }

    @Test
    void truncatedGzip() {
        byte[] whole = PprofWriter.gzip(PprofWriter.cpu(now).bytes());
        assertRefused(Arrays.copyOf(whole, whole.length - 20), 422, "gzip", "cut");
        assertRefused(
                server.post(TestServer.ingest("app") + "&format=pprof", Arrays.copyOf(whole, 5)),
                422,
                "gzip is cut, the head");
        assertRefused(Arrays.copyOf(whole, whole.length - 3), 422, "gzip is cut", "trailer");
    }

    @Test
    void truncatedPprof() {
        byte[] whole = PprofWriter.cpu(now).bytes();
        assertRefused(Arrays.copyOf(whole, whole.length - 3), 422, "pprof is cut");
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(ints = {6, 3})
    void gzipBomb(int field) throws IOException {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bomb)) {
            // A string, or an unknown part of a mapping, of half a gigabyte.
            out.write(PprofWriter.message(o -> o.writeByteArray(1, new byte[] {8, 1, 16, 2})));
            out.write(field << 3 | 2);
            out.write(new byte[] {(byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, 2});
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 512; i++) {
                out.write(zeros);
            }
        }
        HttpResponse<String> answer = server.post(TestServer.ingest("app"), bomb.toByteArray());
        assertThat(answer.statusCode()).as(answer.body()).isBetween(400, 422);
        assertThat(answer.body()).contains("message");
    }

    @Tag("slow")
    @Test
    void inflatedLimitIsNamedWithItsSetting() throws IOException {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bomb)) {
            byte[] lines = "a;b;c no\n".repeat(100_000).getBytes(StandardCharsets.UTF_8);
            byte[] skipped =
                    new String(lines, StandardCharsets.UTF_8)
                            .replace(' ', '_')
                            .getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 160; i++) {
                out.write(skipped);
            }
        }
        assertRefused(bomb.toByteArray(), 413, "limits.inflated", "134217728");
    }

    @Test
    void referencesOutOfRange() {
        assertRefused(PprofWriter.cpu(now).sample(new long[] {99}, 1, 1).bytes(), 422, "location");
        assertRefused(PprofWriter.cpu(now).sample(new long[] {0}, 1, 1).bytes(), 422, "location 0");
        assertRefused(PprofWriter.cpu(now).location(9, 0, 0, 77).bytes(), 422, "function");
        assertRefused(PprofWriter.cpu(now).location(9, 5, 0).bytes(), 422, "mapping");
        assertRefused(PprofWriter.cpu(now).location(9, 0, 0, 0).bytes(), 422, "function 0");
        assertRefused(PprofWriter.cpu(now).location(0, 0, 0).bytes(), 422, "id 0");
        assertRefused(PprofWriter.cpu(now).location(1, 0, 0).bytes(), 422, "twice");
        assertRefused(
                PprofWriter.cpu(now)
                        .field(
                                5,
                                o -> {
                                    o.writeUInt64(1, 50);
                                    o.writeInt64(2, 5_000);
                                })
                        .bytes(),
                422,
                "string 5000");
        assertRefused(PprofWriter.cpu(now).sample(new long[] {1}, 1).bytes(), 422, "values");
    }

    @Test
    void stringTableThatDoesNotStartEmptyAndInvalidUtf8() {
        PprofWriter first = new PprofWriter().field(6, o -> o.writeRawByte('x'));
        assertRefused(
                server.post(TestServer.ingest("app") + "&format=pprof", first.bytes()),
                422,
                "string 0");
        byte[] broken = PprofWriter.cpu(now).bytes();
        byte[] more = Arrays.copyOf(broken, broken.length + 4);
        System.arraycopy(new byte[] {0x32, 2, (byte) 0xc3, 0x28}, 0, more, broken.length, 4);
        assertRefused(more, 422, "UTF-8");
    }

    @Test
    void tenThousandDeepStack() {
        long[] stack = new long[10_000];
        Arrays.fill(stack, 1);
        assertRefused(
                PprofWriter.cpu(now).sample(stack, 1, 1).bytes(),
                400,
                "10000",
                "8192",
                "limits.stack-refused");
        assertRefused(
                ("f;".repeat(9_999) + "f 1\n").getBytes(StandardCharsets.UTF_8),
                400,
                "10000",
                "limits.stack-refused");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "app%7Bpod%3Da%01b%7D",
                "app%7Bpod%3Da%0Ab%7D",
                "app%7Bpod%3Da%7F%7D",
                "app%7Bpod%3D%C2%85%7D"
            })
    void controlCharactersInLabels(String name) {
        assertRefused(
                server.post("/ingest?name=" + name, PprofWriter.cpu(now).bytes()),
                400,
                "\\\"pod\\\"",
                "control character");
    }

    @Test
    void labelsAgainstTheLimits() {
        byte[] body = PprofWriter.cpu(now).bytes();
        assertRefused(server.post("/ingest?name=app%7Bpod%3D%C3%28%7D", body), 400, "UTF-8");
        assertRefused(
                server.post(TestServer.ingest("a{b=" + "x".repeat(2_049) + "}"), body),
                400,
                "2049",
                "limits.label-value");
        assertRefused(
                server.post(TestServer.ingest("a{" + "n".repeat(1_025) + "=x}"), body),
                400,
                "1025",
                "limits.label-name");
        StringBuilder many = new StringBuilder("a{");
        for (int i = 0; i < 31; i++) {
            many.append('l').append(i).append("=v,");
        }
        assertRefused(server.post(TestServer.ingest(many + "}"), body), 400, "34", "limits.labels");
        assertRefused(server.post("/ingest", body), 400, "service name is required");
    }

    @Test
    void wrongMethodsAndPaths() {
        HttpResponse<String> get = server.get("/ingest?name=app");
        assertRefused(get, 405, "GET");
        assertThat(get.headers().firstValue("Allow")).hasValue("POST");
        assertRefused(server.get("/nowhere"), 404, "/nowhere");
        assertThat(get.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
        assertThat(get.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "--http1.1",
                "--http1.1 -H Expect:",
                "--http1.1 -H Transfer-Encoding:chunked",
                "--http1.1 -H Transfer-Encoding:chunked -H Expect:",
                "--http2-prior-knowledge",
                "--http2",
                "--http2-prior-knowledge -H Expect:"
            })
    void bodyOf200MibIsRefusedReadablyWhileItIsSent(String options, @TempDir Path folder)
            throws Exception {
        Path body = folder.resolve("body");
        try (RandomAccessFile sparse = new RandomAccessFile(body.toFile(), "rw")) {
            sparse.setLength(200 << 20);
        }
        long started = System.nanoTime();
        String printed =
                curl(
                        options,
                        "--data-binary",
                        "@" + body,
                        server.uri("/ingest?name=app").toString());
        assertThat(printed)
                .contains("\"code\":\"resource_exhausted\"")
                .contains("limits.body")
                .contains("134217728")
                .endsWith("\nstatus=413");
        assertThat(System.nanoTime() - started).isLessThan(TimeUnit.SECONDS.toNanos(10));
    }

    private static String curl(String options, String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("curl", "-sS", "-w", "\nstatus=%{http_code}"));
        command.addAll(Arrays.asList(options.split(" ")));
        command.addAll(Arrays.asList(arguments));
        Process curl = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        curl.waitFor();
        return printed;
    }
}
