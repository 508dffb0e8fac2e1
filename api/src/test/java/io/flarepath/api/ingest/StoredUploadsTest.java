package io.flarepath.api.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
    /** Of the samples of Pyroscope's agent for Java. */
    private static final double PERIOD_NANOS = 10_000_000;

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

    /** CPU, allocations, locks and labels of a program that knows what it does. */
    @Test
    @Tag("slow")
    void pyroscopesJavaAgentIsShownAsItsProgramWorked(@TempDir Path folder) throws Exception {
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
                """
                import io.pyroscope.labels.v2.LabelsSet;
                import io.pyroscope.labels.v2.Pyroscope;
                public class Busy {
                    static volatile double sum;
                    static volatile Object sink;
                    static void burn(int rounds) {
                        double x = 0;
                        for (int i = 0; i < rounds * 200_000; i++) { x += Math.sqrt(i) * (i & 3); }
                        sum += x;
                    }
                    static void sixty() { burn(6); }
                    static void thirty() { burn(3); }
                    static void ten() { burn(1); }
                    static void allocate() { for (int i = 0; i < 10; i++) { sink = new byte[100_000]; } }
                    static synchronized void contend() {
                        try { Thread.sleep(20); } catch (InterruptedException e) { return; }
                    }
                    public static void main(String[] a) {
                        for (int i = 0; i < 2; i++) {
                            Thread t = new Thread(() -> { while (true) { contend(); } });
                            t.setDaemon(true);
                            t.start();
                        }
                        while (true) {
                            Pyroscope.LabelsWrapper.run(new LabelsSet("part", "hot"), Busy::sixty);
                            thirty();
                            ten();
                            allocate();
                        }
                    }
                }
                """);
        try (StoredUploads stored = new StoredUploads(folder)) {
            ProcessBuilder java =
                    new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                            "--enable-native-access=ALL-UNNAMED",
                            "-javaagent:" + jar,
                            "-cp",
                            jar.toString(),
                            program.toString());
            java.environment().put("PYROSCOPE_APPLICATION_NAME", "busy");
            java.environment().put("PYROSCOPE_UPLOAD_INTERVAL", "4s");
            java.environment().put("PYROSCOPE_PROFILER_ALLOC", "512k");
            java.environment().put("PYROSCOPE_PROFILER_LOCK", "1ms");
            java.environment().put("PYROSCOPE_LOG_LEVEL", "debug");
            java.environment()
                    .put("PYROSCOPE_SERVER_ADDRESS", "http://127.0.0.1:" + stored.server.port());
            Process busy = java.redirectErrorStream(true).redirectOutput(log.toFile()).start();
            try {
                Awaitility.await()
                        .atMost(60, TimeUnit.SECONDS)
                        .untilAsserted(() ->
                                assertThat(stored.tree("busy", ProfileType.CPU).samples())
                                        .as(Files.readString(log))
                                        .isGreaterThan(600));
            } finally {
                busy.destroyForcibly().waitFor();
            }
            FlameTree cpu = stored.tree("busy", ProfileType.CPU);
            double burned =
                    StoredUploads.all(cpu, "Busy.sixty")
                            + StoredUploads.all(cpu, "Busy.thirty")
                            + StoredUploads.all(cpu, "Busy.ten");
            // So many samples are that far off, and its compilers take turns at the start.
            double error = 1.5 / Math.sqrt(burned / PERIOD_NANOS) + 0.02;
            assertThat(burned / PERIOD_NANOS).isGreaterThan(150);
            assertThat(StoredUploads.all(cpu, "Busy.sixty") / burned).isCloseTo(0.6, within(error));
            assertThat(StoredUploads.all(cpu, "Busy.ten") / burned).isCloseTo(0.1, within(error));
            FlameTree hot = stored.labelled("busy", ProfileType.CPU, "part=\"hot\"");
            assertThat(StoredUploads.all(hot, "Busy.thirty")).isZero();
            assertThat(StoredUploads.all(hot, "Busy.sixty"))
                    .isGreaterThan(StoredUploads.all(cpu, "Busy.sixty") * 9 / 10);
            ProfileType bytes =
                    ProfileType.parse("memory:alloc_in_new_tlab_bytes:bytes:space:bytes");
            assertThat(StoredUploads.all(stored.tree("busy", bytes), "Busy.allocate")).isPositive();
            FlameTree delay =
                    stored.tree("busy", ProfileType.parse("mutex:delay:nanoseconds:mutex:count"));
            FlameTree contentions =
                    stored.tree("busy", ProfileType.parse("mutex:contentions:count:mutex:count"));
            // One wait is one sleep of the other thread, or several: monitors are not fair. It is
            // the unit that could be wrong, and by a factor of a thousand.
            assertThat(delay.total(0) / contentions.total(0))
                    .isBetween(10_000_000L, 2_000_000_000L);
        }
    }
}
