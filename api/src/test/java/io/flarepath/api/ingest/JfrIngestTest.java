package io.flarepath.api.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.CodedOutputStream;
import com.sun.management.ThreadMXBean;
import io.flarepath.store.profile.FrameKind;
import io.flarepath.store.profile.Profile;
import io.flarepath.store.profile.SampledThread;
import io.flarepath.store.profile.SpanSamples;
import io.flarepath.store.profile.TimedSamples;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPOutputStream;
import jdk.jfr.Event;
import jdk.jfr.Name;
import jdk.jfr.Recording;
import jdk.jfr.StackTrace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Recordings of this very JVM, of which it knows what happened. */
@Timeout(120)
class JfrIngestTest {
    private static final String BYTES = "memory:alloc_sample_bytes:bytes:space:bytes";
    private static final String DELAY = "mutex:delay:nanoseconds:mutex:count";
    private static final String CONTENTIONS = "mutex:contentions:count:mutex:count";

    private static final Object MONITOR = new Object();
    private static final int WAITS = 10;
    private static byte[] recording = {};
    private static long allocated;
    private static long waited;

    @SuppressWarnings("UnusedVariable") // Keeps what is allocated from being left out.
    private static volatile Object sink = "";

    private final MemoryStore store = new MemoryStore();
    private final TestServer server = new TestServer(store);

    @AfterEach
    void close() throws IOException {
        assertThat(server.temporaryFiles()).isZero();
        server.close();
        assertThat(store.calledOnEventLoop).isFalse();
    }

    @BeforeAll
    static void record(@TempDir Path folder) throws IOException, InterruptedException {
        try (Recording made = new Recording()) {
            made.enable("jdk.ActiveSetting");
            made.enable("jdk.ExecutionSample").withPeriod(Duration.ofMillis(10));
            made.enable("jdk.ObjectAllocationSample").with("throttle", "2000/s");
            made.enable("jdk.JavaMonitorEnter").withThreshold(Duration.ofMillis(1));
            made.start();
            // The first sample of a thread stands for all that it has allocated in its life.
            Thread allocating = new Thread(JfrIngestTest::allocateAndCount, "allocating");
            allocating.start();
            allocating.join();
            for (int i = 0; i < WAITS; i++) {
                contend();
            }
            made.stop();
            Path file = folder.resolve("made.jfr");
            made.dump(file);
            recording = Files.readAllBytes(file);
        }
    }

    private static void allocateAndCount() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        allocate();
        allocated = threads.getCurrentThreadAllocatedBytes();
    }

    private static void allocate() {
        for (int i = 0; i < 40_000; i++) {
            sink = new byte[10_000];
            if (i % 1_000 == 0) {
                LockSupport.parkNanos(10_000_000);
            }
        }
    }

    private static void contend() throws InterruptedException {
        Thread waiter;
        synchronized (MONITOR) {
            waiter = new Thread(JfrIngestTest::enter, "waiter");
            waiter.start();
            TimeUnit.MILLISECONDS.sleep(30);
        }
        waiter.join();
    }

    private static void enter() {
        long start = System.nanoTime();
        synchronized (MONITOR) {
            waited += System.nanoTime() - start;
        }
    }

    private Profile profile(String type) {
        return store.profiles().stream()
                .filter(profile -> profile.type().id().equals(type))
                .findFirst()
                .orElseThrow();
    }

    private static long in(Profile profile, String function) {
        return TestServer.folded(profile).entrySet().stream()
                .filter(stack -> stack.getKey().contains(function))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    private void assertStored(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
        Profile bytes = profile(BYTES);
        assertThat(in(bytes, "JfrIngestTest.allocate"))
                .isCloseTo(allocated, within(allocated / 10));
        assertThat(in(profile(DELAY), "JfrIngestTest.enter"))
                .isCloseTo(waited, within(waited / 20));
        assertThat(in(profile(CONTENTIONS), "JfrIngestTest.enter")).isEqualTo(WAITS);
        TimedSamples timed = profile(DELAY).timed();
        assertThat(timed.threads()).extracting(SampledThread::name).contains("waiter");
        assertThat(Arrays.stream(timed.values()).sum()).isEqualTo(profile(DELAY).total());
        assertThat(Arrays.stream(timed.slots()).distinct().count()).isGreaterThan(1);
        assertThat(bytes.labels().get("service_name")).isEqualTo("app");
        assertThat(bytes.labels().get("pyroscope_spy")).isEqualTo("javaspy");
        assertThat(bytes.frames())
                .anyMatch(frame ->
                        frame.function().equals("io/flarepath/api/ingest/JfrIngestTest.allocate")
                                && frame.line() > 0
                                && frame.kind() == FrameKind.JVM);
    }

    @Test
    void whatTheProgramCountedIsStored() {
        assertStored(
                server.post(TestServer.ingest("app") + "&format=jfr&spyName=javaspy", recording));
        long seconds = recordedSeconds();
        assertThat(profile(BYTES).durationNanos()).isBetween(seconds, 60_000_000_000L);
    }

    private static long recordedSeconds() {
        return WAITS * 30_000_000L;
    }

    @Test
    void gzipWithoutAndWithinAForm() throws IOException {
        byte[] packed = gzip(recording);
        assertStored(server.post(TestServer.ingest("app") + "&format=jfr&spyName=javaspy", packed));
        store.profiles().clear();
        assertStored(
                server.post(
                        TestServer.ingest("app") + "&format=jfr&spyName=javaspy",
                        form(packed, new byte[0]),
                        "Content-Type",
                        "multipart/form-data; boundary=edge"));
    }

    @Test
    void aRecordingIsKnownByItsFirstBytes() {
        assertStored(server.post(TestServer.ingest("app") + "&spyName=javaspy", recording));
    }

    @Test
    void theTimeOfTheClientHolds() {
        long from = System.currentTimeMillis() / 1000 - 3_600;
        server.post(
                TestServer.ingest("app") + "&format=jfr&from=" + from + "&until=" + (from + 10),
                recording);
        assertThat(profile(BYTES).startNanos()).isEqualTo(from * 1_000_000_000L);
        assertThat(profile(BYTES).durationNanos()).isEqualTo(10_000_000_000L);
        assertThat(Arrays.stream(profile(BYTES).timed().slots()).boxed())
                .isNotEmpty()
                .allSatisfy(slot -> assertThat(slot / 10).isBetween(from - 1, from + 60));
    }

    @Test
    void whatIsNoRecordingIsRefusedWithTheReason() {
        HttpResponse<String> none =
                server.post(
                        TestServer.ingest("app") + "&format=jfr",
                        "a;b 1".getBytes(StandardCharsets.UTF_8));
        assertThat(none.statusCode()).isEqualTo(422);
        assertThat(none.body()).contains("no JFR recording");
        byte[] cut = Arrays.copyOf(recording, recording.length / 2);
        HttpResponse<String> half = server.post(TestServer.ingest("app") + "&format=jfr", cut);
        assertThat(half.statusCode()).isEqualTo(422);
        assertThat(half.body()).contains("cut or damaged");
        HttpResponse<String> form =
                server.post(
                        TestServer.ingest("app") + "&format=jfr",
                        form(recording, new byte[] {0x0a, 0x7f}),
                        "Content-Type",
                        "multipart/form-data; boundary=edge");
        assertThat(form.statusCode()).isEqualTo(422);
        assertThat(form.body()).contains("the part labels");
        assertThat(store.profiles()).isEmpty();
    }

    /** Shaped as async-profiler's in Pyroscope's agent. */
    @Name("profiler.WallClockSample")
    @StackTrace
    @SuppressWarnings("UnusedVariable") // read by the recorder
    private static final class WallSample extends Event {
        private final int samples;
        private final long contextId;
        private final long spanId;
        private final long traceIdHigh = 1;
        private final long traceIdLow = 2;

        private WallSample(int samples, long contextId, long spanId) {
            this.samples = samples;
            this.contextId = contextId;
            this.spanId = spanId;
        }
    }

    /** Context 1 is {@code {route=/b}}, by the numbers of its texts. */
    private static byte[] routes() {
        byte[] pair = PprofWriter.message(out -> writeNumbers(out, 1, 2));
        byte[] context = PprofWriter.message(out -> out.writeByteArray(1, pair));
        return PprofWriter.message(out -> {
            out.writeByteArray(1, entry(1, context));
            out.writeByteArray(2, entry(1, "route".getBytes(StandardCharsets.UTF_8)));
            out.writeByteArray(2, entry(2, "/b".getBytes(StandardCharsets.UTF_8)));
        });
    }

    private static void writeNumbers(CodedOutputStream out, long first, long second)
            throws IOException {
        out.writeInt64(1, first);
        out.writeInt64(2, second);
    }

    private static byte[] entry(long key, byte[] value) {
        return PprofWriter.message(out -> {
            out.writeInt64(1, key);
            out.writeByteArray(2, value);
        });
    }

    @Test
    void spansOfEventsAreKeptAndContextsMakeSeries(@TempDir Path folder) throws IOException {
        byte[] spans;
        try (Recording made = new Recording()) {
            made.enable(WallSample.class);
            made.start();
            new WallSample(5, 0, 77).commit();
            new WallSample(1, 0, 0).commit();
            new WallSample(2, 1, 77).commit();
            made.stop();
            Path file = folder.resolve("spans.jfr");
            made.dump(file);
            spans = Files.readAllBytes(file);
        }
        HttpResponse<String> answer =
                server.post(
                        TestServer.ingest("app") + "&format=jfr&sampleRate=100",
                        form(spans, routes()),
                        "Content-Type",
                        "multipart/form-data; boundary=edge");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        Map<String, String> found = new TreeMap<>();
        for (Profile profile : store.profiles()) {
            assertThat(profile.ownLabels().get("route")).isNull();
            assertThat(profile.spans()).hasSize(1);
            SpanSamples span = profile.spans().getFirst();
            assertThat(span.spanId()).isEqualTo(77);
            assertThat(span.traceHigh()).isEqualTo(1);
            assertThat(span.traceLow()).isEqualTo(2);
            found.put(
                    profile.labels().asMap().getOrDefault("route", ""),
                    profile.total() + " of them " + span.total());
        }
        assertThat(found)
                .isEqualTo(
                        Map.of(
                                "", "60000000 of them 50000000",
                                "/b", "20000000 of them 20000000"));
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        }
        return packed.toByteArray();
    }

    private static byte[] form(byte[] jfr, byte[] labels) {
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        part(form, "jfr", jfr);
        if (labels.length > 0) {
            part(form, "labels", labels);
        }
        form.writeBytes("--edge--\r\n".getBytes(StandardCharsets.ISO_8859_1));
        return form.toByteArray();
    }

    private static void part(ByteArrayOutputStream form, String name, byte[] bytes) {
        String head =
                "--edge\r\nContent-Disposition: form-data; name=\""
                        + name
                        + "\"; filename=\""
                        + name
                        + "\"\r\n\r\n";
        form.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
        form.writeBytes(bytes);
        form.writeBytes("\r\n".getBytes(StandardCharsets.ISO_8859_1));
    }
}
