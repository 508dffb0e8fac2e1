package io.flarepath.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Bad uploads by curl, as users and attackers send them: refused with a reason, leaving no trace.
 */
@Tag("e2e")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class BadInputTest {
    private static Flarepath flarepath;
    private static Process server;

    @BeforeAll
    static void startServer() throws IOException {
        flarepath = new Flarepath();
        server = flarepath.startServer();
    }

    @AfterAll
    static void stopServer() throws IOException {
        flarepath.close();
    }

    @Test
    void badUploadsAreRefusedWithAReasonAndLeaveNoTrace() throws Exception {
        // The heap has grown to what work needs before the growth is measured.
        for (int i = 0; i < 50; i++) {
            refused(
                    file("warm" + i, ("a;b " + i + "x\n").getBytes(StandardCharsets.UTF_8)),
                    "bad.cpu",
                    "folded");
        }
        long before = residentBytes();

        byte[] text = "main;work 10\n".repeat(10_000).getBytes(StandardCharsets.UTF_8);
        byte[] zipped = gzip(text, 1);
        refused(file("truncated.pb.gz", Arrays.copyOf(zipped, zipped.length / 2)), "bad", "pprof");
        refused(file("bomb.pb.gz", gzip(new byte[1 << 20], 1024)), "bad", "pprof");
        refused(file("range.pb", profileWithLocationOutOfRange()), "bad", "pprof");
        refused(
                file("good.folded", "main;work 1\n".getBytes(StandardCharsets.UTF_8)),
                "bad%7Bpod%3Da%01b%7D",
                "folded");
        refused(
                file(
                        "deep.folded",
                        ("f;".repeat(10_000) + "leaf 1\n").getBytes(StandardCharsets.UTF_8)),
                "bad.cpu",
                "folded");
        Path huge = flarepath.directory().resolve("huge.pb");
        try (RandomAccessFile sparse = new RandomAccessFile(huge.toFile(), "rw")) {
            sparse.setLength(200L << 20);
        }
        refused(huge, "bad", "pprof");

        assertThat(residentBytes() - before).isLessThan(200L << 20);
        assertThat(
                        flarepath
                                .get("/api/v1/labels/service_name/values?from=0&until=now")
                                .path("values")
                                .toString())
                .doesNotContain("bad");
        assertThat(flarepath.get("/api/v1/labels/pod/values?from=0&until=now").path("values"))
                .isEmpty();
    }

    /** Sends a file and demands a 4xx with a reason, within 10 s. */
    private static void refused(Path body, String name, String format) throws Exception {
        Process curl =
                new ProcessBuilder(
                                "curl",
                                "-sS",
                                "--max-time",
                                "10",
                                "-w",
                                "\n%{http_code}",
                                "--data-binary",
                                "@" + body,
                                flarepath.url() + "/ingest?name=" + name + "&format=" + format)
                        .redirectErrorStream(true)
                        .start();
        String output = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(curl.waitFor()).as(body + ": " + output).isZero();
        String[] lines = output.split("\n", -1);
        assertThat(lines[lines.length - 1]).as(body + ": " + output).matches("4\\d\\d");
        assertThat(output).as(body.toString()).contains("\"message\":\"");
    }

    private static long residentBytes() throws IOException {
        for (String line :
                Files.readAllLines(Path.of("/proc/" + Flarepath.jvm(server).pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        throw new AssertionError("no VmRSS");
    }

    private static Path file(String name, byte[] content) throws IOException {
        return Files.write(flarepath.directory().resolve(name), content);
    }

    private static byte[] gzip(byte[] block, int times) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            for (int i = 0; i < times; i++) {
                out.write(block);
            }
        }
        return bytes.toByteArray();
    }

    /** A pprof profile of one sample type and one sample, whose location 77 does not exist. */
    private static byte[] profileWithLocationOutOfRange() {
        ByteArrayOutputStream profile = new ByteArrayOutputStream();
        field(profile, 1, new byte[] {8, 1, 16, 2});
        field(profile, 2, new byte[] {10, 1, 77, 18, 1, 5});
        field(profile, 6, new byte[0]);
        field(profile, 6, "cpu".getBytes(StandardCharsets.UTF_8));
        field(profile, 6, "nanoseconds".getBytes(StandardCharsets.UTF_8));
        return profile.toByteArray();
    }

    private static void field(ByteArrayOutputStream out, int number, byte[] content) {
        out.write(number << 3 | 2);
        out.write(content.length);
        out.writeBytes(content);
    }

    @Test
    void aGoodUploadAfterBadOnesIsStored() throws Exception {
        var response =
                flarepath.send(
                        flarepath
                                .request(
                                        "/ingest?name=good.cpu&format=folded&from=now-1m&until=now")
                                .POST(
                                        java.net.http.HttpRequest.BodyPublishers.ofString(
                                                "main;work 7\n")));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        Waiting.until(
                "it can be read",
                Duration.ofSeconds(5),
                () -> flarepath.total("{service_name=\"good\"}") == 70_000_000L);
    }
}
