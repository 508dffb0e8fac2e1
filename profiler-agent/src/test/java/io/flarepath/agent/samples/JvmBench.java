package io.flarepath.agent.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.window.FoldedStack;
import io.flarepath.symbolizer.binary.ByteSource;
import io.flarepath.symbolizer.jfr.RecordedStacks;
import io.flarepath.symbolizer.jfr.RecordingReader;
import io.flarepath.symbolizer.jfr.SampleKind;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The hottest Java methods of real programs, as our sampler names them from outside and as
 * async-profiler does from inside, in the same minute: our own server under load (Vert.x, Netty,
 * RocksDB), and the Java compiler over sources of this repository. {@link HottestMethods} says what
 * is taken for equal.
 *
 * <p>What is compared is what both can see. async-profiler's recording may have no kernel frames
 * (perf events are not for everybody), so a method's own time includes what it calls outside of
 * Java; {@link MethodTimes}. Shares are of all samples of the process: those of collectors and JIT
 * compilers, which have no methods, count for both. async-profiler's signal handler is in our
 * samples, as native code of the method that it interrupted. For an interrupted instruction both
 * take the first place at or after it that the compiler noted.
 *
 * <p>async-profiler does not walk from the barrier at the entry of a method to its caller, where G1
 * lets the VM look at the method's code: those samples have no Java method in its recording, and
 * are left out of both. {@link MethodTimes} says which.
 *
 * <p>async-profiler takes perf events where it may ({@code event=cpu}), whose clock runs while a
 * thread does, as ours does. Its other timers fire at the kernel's tick only. Which threads ran for
 * how long the scheduler knows exactly: what both profilers say of it is printed beside.
 *
 * <p>It is loaded at the start of the program, as an agent, and so turns on DebugNonSafepoints: the
 * compilers then note many more places, for both. Programs without it are the matter of {@link
 * JavaStacksTest}.
 */
@Tag("bench")
class JvmBench {
    private static final int FREQUENCY = 999;
    private static final int HOTTEST = 20;

    /** CPU time after which most of what is hot is compiled, and how long that may take. */
    private static final Duration WARM_UP = Duration.ofSeconds(25);

    private static final Duration LONGEST_WARM_UP = Duration.ofMinutes(1);

    /** CPU time of the program that is compared, and how long it may take to use it. */
    private static final Duration MEASURED = Duration.ofSeconds(40);

    private static final Duration LONGEST = Duration.ofMinutes(2);
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int CLIENTS = 2;

    /**
     * Of each profiler. A compiler is flat, its 20th method has 0.3 %: of so many samples that is
     * 75, with an error of an eighth.
     */
    private static final int MIN_SAMPLES = 25_000;

    private static final double LEAST_OVERLAP = 0.95;
    private static final double LEAST_AGREEING = 0.95;

    @TempDir Path folder;
    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void serverUnderLoad() throws Exception {
        Path jar = Path.of("../api/target/flarepath-api.jar").toAbsolutePath().normalize();
        assertThat(jar).as("our server, which ./flarepath builds").exists();
        int port;
        try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = any.getLocalPort();
        }
        Process server =
                start(
                        java(),
                        profiled(),
                        "-Xmx384m",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        jar + ":" + jar.resolveSibling("lib") + "/*",
                        "io.flarepath.api.Main",
                        "--set",
                        "listen=127.0.0.1:" + port,
                        "--set",
                        "otlp.grpc.listen=",
                        "--set",
                        "otlp.http.listen=",
                        "--set",
                        "log.level=warn",
                        "--set",
                        "data=" + folder.resolve("data"));
        awaitPort(server, port);
        try (RequestLoad load = new RequestLoad(URI.create("http://127.0.0.1:" + port), CLIENTS)) {
            compare("server", server);
            System.out.printf("%d requests answered%n", load.answered());
            assertThat(load.answered()).isGreaterThan(500);
            assertThat(load.refused()).as("refused").isLessThan(load.answered() / 100);
        }
    }

    @Test
    void compilerRun() throws Exception {
        try (InputStream in =
                JvmBench.class.getResourceAsStream("/programs/java/CompileLoop.java")) {
            Files.copy(Objects.requireNonNull(in), folder.resolve("CompileLoop.java"));
        }
        Path javac = Path.of(System.getProperty("java.home"), "bin", "javac");
        Process compiled =
                start(
                        javac.toString(),
                        "-d",
                        folder.toString(),
                        folder.resolve("CompileLoop.java").toString());
        assertThat(compiled.waitFor()).isZero();
        Process compiler =
                start(
                        java(),
                        profiled(),
                        "-Xmx512m",
                        "-cp",
                        folder.toString(),
                        "CompileLoop",
                        Path.of("../symbolizer/src/main/java").toAbsolutePath().toString(),
                        System.getProperty("java.class.path"),
                        Files.createDirectory(folder.resolve("classes")).toString());
        compare("compiler", compiler);
    }

    private void compare(String name, Process process) throws Exception {
        int pid = Math.toIntExact(process.pid());
        ThreadTimes scheduled = new ThreadTimes(pid);
        MethodTimes ours = new MethodTimes();
        MethodTimes theirs = new MethodTimes();
        try (LiveAgent agent = new LiveAgent(FREQUENCY)) {
            awaitCpu(process, WARM_UP, LONGEST_WARM_UP);
            awaitNames(agent, pid);
            long start = unixNanos();
            scheduled.begin();
            awaitCpu(process, MEASURED, LONGEST);
            scheduled.end();
            long end = unixNanos();
            assertThat(process.isAlive()).isTrue();
            // async-profiler writes the end of its recording when the JVM ends.
            process.destroy();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            agent.stop();
            for (var window : agent.windows()) {
                for (FoldedStack stack : window.stacks()) {
                    if (stack.pid() == pid) {
                        long samples =
                                LongStream.of(stack.timesUnixNanos())
                                        .filter(time -> time >= start && time < end)
                                        .count();
                        ours.add(stack.tid(), stack.frames(), samples);
                    }
                }
            }
            read(start, end, theirs);
        }
        System.out.print(scheduled.table(ours, theirs));
        System.out.printf("%s, ours: %s", name, ours.leftOut());
        System.out.printf("%s, async-profiler: %s", name, theirs.leftOut());
        assertThat(ours.samples()).isGreaterThan(MIN_SAMPLES);
        assertThat(theirs.samples()).isGreaterThan(MIN_SAMPLES);
        HottestMethods self =
                show(
                        name + "_self",
                        new HottestMethods.Side(ours.self(), ours.samples()),
                        new HottestMethods.Side(theirs.self(), theirs.samples()));
        HottestMethods inclusive =
                show(
                        name + "_inclusive",
                        new HottestMethods.Side(ours.inclusive(), ours.samples()),
                        new HottestMethods.Side(theirs.inclusive(), theirs.samples()));
        for (HottestMethods hottest : List.of(self, inclusive)) {
            assertThat(hottest.overlap()).isGreaterThanOrEqualTo(LEAST_OVERLAP);
            assertThat(hottest.agreeing()).isGreaterThanOrEqualTo(LEAST_AGREEING);
        }
    }

    /** Waits until a process has used so much more CPU time, or some time is over. */
    private static void awaitCpu(Process process, Duration cpu, Duration longest)
            throws IOException {
        long begin = BusyPrograms.cpuNanos(process.pid());
        long until = System.nanoTime() + longest.toNanos();
        while (BusyPrograms.cpuNanos(process.pid()) - begin < cpu.toNanos()
                && System.nanoTime() < until) {
            LockSupport.parkNanos(500_000_000);
        }
    }

    private static void awaitNames(LiveAgent agent, int pid) {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (agent.count(pid, s -> MethodTimes.hasMethod(s.frames())) == 0) {
            assertThat(System.nanoTime()).as("no Java method is seen").isLessThan(until);
            LockSupport.parkNanos(500_000_000);
        }
    }

    private static HottestMethods show(
            String what, HottestMethods.Side ours, HottestMethods.Side theirs) {
        HottestMethods hottest = new HottestMethods(HOTTEST, ours, theirs);
        System.out.printf(
                Locale.ROOT,
                "%s: ours %%, async-profiler %%, standard deviations apart%n%s",
                what,
                hottest.table());
        ratio("jvm_" + what + "_overlap", hottest.overlap());
        ratio("jvm_" + what + "_strict_overlap", hottest.strictOverlap());
        ratio("jvm_" + what + "_agreeing", hottest.agreeing());
        return hottest;
    }

    /** The CPU samples of async-profiler's recording. */
    private void read(long start, long end, MethodTimes methods) throws IOException {
        try (FileChannel channel = FileChannel.open(folder.resolve("made.jfr"))) {
            RecordingReader reader = new RecordingReader(ByteSource.of(channel), bytes -> {});
            Map<Place, Long> places = new HashMap<>();
            reader.read(sample -> {
                if (sample.kind() == SampleKind.CPU
                        && sample.unixNanos() >= start
                        && sample.unixNanos() < end) {
                    places.merge(
                            new Place(sample.thread(), sample.stack()), sample.count(), Long::sum);
                }
            });
            RecordedStacks stacks = reader.stacks();
            places.forEach((place, samples) ->
                    methods.add(
                            reader.threads().get(place.thread()).tid(),
                            IntStream.range(0, stacks.depth(place.stack()))
                                    .mapToObj(i -> stacks.frame(place.stack(), i))
                                    .map(stacks.frames()::get)
                                    .toList(),
                            samples));
        }
    }

    /** A thread and a stack of a recording, by their numbers. */
    private record Place(int thread, int stack) {}

    private static long unixNanos() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    /** The option that loads async-profiler. */
    private String profiled() throws IOException {
        Path library = folder.resolve("libasyncProfiler.so");
        try (InputStream in =
                JvmBench.class.getResourceAsStream("/linux-x64/libasyncProfiler.so")) {
            Files.copy(Objects.requireNonNull(in), library);
        }
        return "-agentpath:%s=start,event=cpu,interval=1ms,jfr,jfropts=15,file=%s"
                .formatted(library, folder.resolve("made.jfr"));
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private Process start(String... command) throws IOException {
        Process process = new ProcessBuilder(command).inheritIO().start();
        started.add(process);
        return process;
    }

    private static void awaitPort(Process server, int port) throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (true) {
            assertThat(server.isAlive()).isTrue();
            assertThat(System.nanoTime()).as("the server does not start").isLessThan(until);
            try (Socket connected = new Socket(InetAddress.getLoopbackAddress(), port)) {
                if (connected.isConnected()) {
                    return;
                }
            } catch (IOException e) {
                LockSupport.parkNanos(100_000_000);
            }
        }
    }

    private static void ratio(String name, double value) {
        System.out.printf(Locale.ROOT, "RATIO %s %.3f%n", name, value);
    }
}
