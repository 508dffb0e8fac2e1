package io.flarepath.api.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.Selector;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredUploadsTest {
    private final long now = UploadClock.systemNanos();

    @Test
    void everyProtocolEndsInTheSameStore(@TempDir Path folder) {
        try (StoredUploads stored = new StoredUploads(folder)) {
            TestServer server = stored.server;
            server.post(TestServer.ingest("pprof"), PprofWriter.cpu(now).bytes());
            server.post(TestServer.ingest("folded"), "a;b 3".getBytes(StandardCharsets.UTF_8));
            byte[] otlp = OtlpRequests.golden(now).build().toByteArray();
            for (int retry = 0; retry < 3; retry++) {
                server.post(
                        "/v1development/profiles", otlp, "Content-Type", "application/x-protobuf");
            }
            FlameTree pprof = stored.tree("pprof", ProfileType.CPU);
            assertThat(pprof.total(0)).isEqualTo(1_000_000_000L);
            assertThat(StoredUploads.total(pprof, "main.hot")).isEqualTo(600_000_000L);
            assertThat(stored.tree("folded", ProfileType.CPU).total(0)).isEqualTo(30_000_000L);
            FlameTree shop = stored.tree("shop", ProfileType.CPU);
            assertThat(shop.total(0)).isEqualTo(100 * 10_309_278L);
            assertThat(shop.samples()).isEqualTo(100);
        }
    }

    @Test
    void refusedUploadsLeaveNoLabels(@TempDir Path folder) {
        try (StoredUploads stored = new StoredUploads(folder)) {
            byte[] bad = PprofWriter.cpu(now).sample(new long[] {99}, 1, 1).bytes();
            stored.server.post(TestServer.ingest("bad{trace=1}"), bad);
            stored.server.post("/ingest?name=bad%7Ba%3D%01%7D", PprofWriter.cpu(now).bytes());
            assertThat(stored.store.labelNames("anonymous", Selector.ALL, StoredUploads.ALL))
                    .noneMatch(name -> name.equals("trace") || name.equals("service_name"));
            assertThat(stored.store.statistics().series()).isZero();
        }
    }

    @Test
    @Tag("slow")
    void profileThatGoWritesCanBeBrowsed(@TempDir Path folder) throws Exception {
        Path program = folder.resolve("main.go");
        Files.writeString(
                program,
                """
                package main
                import ("os"; "runtime/pprof"; "time")
                //go:noinline
                func burn(d time.Duration) int {
                    e, x := time.Now().Add(d), 0
                    for time.Now().Before(e) { for i := 0; i < 1000; i++ { x += i * i } }
                    return x
                }
                //go:noinline
                func hot() int { return burn(1800 * time.Millisecond) }
                //go:noinline
                func cold() int { return burn(200 * time.Millisecond) }
                func main() {
                    f, _ := os.Create(os.Args[1])
                    pprof.StartCPUProfile(f)
                    println(hot() + cold())
                    pprof.StopCPUProfile()
                    f.Close()
                }
                """);
        Path profile = folder.resolve("cpu.pprof");
        Process go =
                new ProcessBuilder("go", "run", program.toString(), profile.toString())
                        .redirectErrorStream(true)
                        .start();
        String printed = new String(go.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(go.waitFor()).as(printed).isZero();
        try (StoredUploads stored = new StoredUploads(folder)) {
            assertThat(
                            stored.server
                                    .post(TestServer.ingest("go"), Files.readAllBytes(profile))
                                    .statusCode())
                    .isEqualTo(200);
            FlameTree tree = stored.tree("go", ProfileType.CPU);
            assertThat(StoredUploads.total(tree, "main.hot"))
                    .isGreaterThan(3 * StoredUploads.total(tree, "main.cold"))
                    .isGreaterThan(tree.total(0) / 2);
        }
    }

    /** JFR comes with a later version; until then the client must say why nothing is stored. */
    @Test
    @Tag("slow")
    void pyroscopesJavaAgentIsToldThatJfrIsNotTaken(@TempDir Path folder) throws Exception {
        Path jar =
                Path.of(
                        io.pyroscope.javaagent.PyroscopeAgent.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI());
        Path log = folder.resolve("agent.log");
        Path program = folder.resolve("Busy.java");
        Files.writeString(
                program,
                "public class Busy { public static void main(String[] a) { long x = 0; while"
                        + " (System.nanoTime() != x) { x = x * 31 + 1; } } }");
        try (StoredUploads stored = new StoredUploads(folder)) {
            ProcessBuilder java =
                    new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                            "-javaagent:" + jar,
                            program.toString());
            java.environment().put("PYROSCOPE_APPLICATION_NAME", "busy");
            java.environment().put("PYROSCOPE_UPLOAD_INTERVAL", "2s");
            java.environment().put("PYROSCOPE_LOG_LEVEL", "debug");
            java.environment()
                    .put("PYROSCOPE_SERVER_ADDRESS", "http://127.0.0.1:" + stored.server.port());
            Process busy = java.redirectErrorStream(true).redirectOutput(log.toFile()).start();
            try {
                Awaitility.await()
                        .atMost(40, TimeUnit.SECONDS)
                        .untilAsserted(() ->
                                assertThat(Files.readString(log))
                                        .contains("422")
                                        .contains("JDK Flight Recorder")
                                        .contains("not taken yet"));
            } finally {
                busy.destroyForcibly().waitFor();
            }
            assertThat(stored.store.statistics().profiles()).isZero();
        }
    }
}
