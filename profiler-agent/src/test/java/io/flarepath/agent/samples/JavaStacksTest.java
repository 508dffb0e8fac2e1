package io.flarepath.agent.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.flarepath.agent.window.FoldedStack;
import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Java programs whose stacks and shares are known, started as anybody starts them: without options
 * for a profiler, and with nothing loaded into them.
 */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@EnabledIfSystemProperty(
        named = "user.name",
        matches = "root",
        disabledReason = "sampling needs root")
class JavaStacksTest {
    private static final int FREQUENCY = 499;

    /** By then a JVM should be known; by the latter it must be, whatever else runs. */
    private static final Duration KNOWN = Duration.ofSeconds(1);

    private static final Duration KNOWN_AT_LAST = Duration.ofSeconds(15);
    private static final Duration LAST_NAMES = Duration.ofMillis(300);

    /** CPU time that each JVM has then. */
    private static final Duration CPU = Duration.ofSeconds(1);

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final long KEPT_BACK_NANOS = 300_000_000L;
    private static final int AT_ONCE = 2;
    private static final int MIN_SAMPLES = 250;

    private static final Map<String, Integer> CALLS =
            Map.of("Known.sixty", 60, "Known.thirty", 30, "Known.ten", 10);
    private static final Map<String, Integer> LOOPS =
            Map.of("Known.sixtyLoop", 60, "Known.thirtyLoop", 30, "Known.tenLoop", 10);

    /**
     * A JVM that runs one kind of work.
     *
     * @param java the launcher
     * @param options of the JVM
     * @param kind of work
     * @param caller of the methods of the shares
     */
    record JavaRun(
            String name,
            String java,
            List<String> options,
            String kind,
            Map<String, Integer> shares,
            String caller) {
        @Override
        public String toString() {
            return name;
        }
    }

    private final StackRoots roots = new StackRoots();
    private final Map<JavaRun, List<FoldedStack>> seen = new LinkedHashMap<>();
    private final Map<JavaRun, Long> begun = new HashMap<>();
    private final Map<JavaRun, List<String>> traces = new HashMap<>();

    /** All runs whose stacks can be whole. */
    static List<JavaRun> runs() throws Exception {
        List<JavaRun> runs = new ArrayList<>();
        for (String jdk : List.of("17", "25")) {
            for (String collector : List.of("Serial", "Parallel", "G1", "Z")) {
                runs.add(run(jdk, "calls", "-XX:+Use" + collector + "GC"));
            }
            runs.add(run(jdk, "calls", "-Xint"));
            runs.add(run(jdk, "calls", "-XX:TieredStopAtLevel=1"));
            runs.add(run(jdk, "calls", "-XX:-SegmentedCodeCache"));
            for (String kind : List.of("calls", "loops", "lambda", "recursion", "native")) {
                runs.add(run(jdk, kind));
            }
        }
        runs.add(run("25", "virtual"));
        return runs;
    }

    private static JavaRun frozen() throws IOException {
        return run("25", "frozen");
    }

    private static JavaRun run(String jdk, String kind, String... options) throws IOException {
        Map<String, Integer> shares =
                switch (kind) {
                    case "loops" -> LOOPS;
                    case "lambda", "native" -> Map.of();
                    default -> CALLS;
                };
        return new JavaRun(
                jdk + " " + kind + " " + String.join(" ", options),
                jdk(jdk).resolve("bin/java").toString(),
                List.of(options),
                kind,
                shares,
                kind.equals("loops") ? "Known.loops" : "Known.work");
    }

    /** A JDK of this machine: that of the test, or the distribution's. */
    private static Path jdk(String version) throws IOException {
        if (version.equals("25")) {
            return Path.of(System.getProperty("java.home"));
        }
        try (Stream<Path> all = Files.list(Path.of("/usr/lib/jvm"))) {
            return all.filter(p -> p.getFileName().toString().matches("java-17-openjdk-.*"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no JDK 17 under /usr/lib/jvm"));
        }
    }

    @BeforeAll
    void runAll(@TempDir Path folder) throws Exception {
        compile(folder);
        Map<Long, JavaRun> pids = new HashMap<>();
        try (LiveAgent agent = new LiveAgent(FREQUENCY)) {
            // An agent that has just been started is slow itself.
            Deque<JavaRun> waiting =
                    new ArrayDeque<>(
                            List.of(run("17", "calls", "-Da=0"), run("25", "calls", "-Da=0")));
            waiting.addAll(runs());
            waiting.add(frozen());
            while (!waiting.isEmpty()) {
                List<Process> running = new ArrayList<>();
                for (int i = 0; i < AT_ONCE && !waiting.isEmpty(); i++) {
                    JavaRun run = waiting.remove();
                    Process process = start(run, folder);
                    running.add(process);
                    pids.put(process.pid(), run);
                    begun.put(run, System.currentTimeMillis() * 1_000_000L);
                }
                Thread.sleep(KNOWN.toMillis());
                for (Process process : running) {
                    JavaRun run = Objects.requireNonNull(pids.get(process.pid()));
                    awaitCpu(process);
                    traces.put(run, traces(process.pid()));
                    halt(process);
                    process.destroyForcibly().waitFor();
                }
            }
            agent.stop();
            agent.windows().stream()
                    .flatMap(w -> w.stacks().stream())
                    .filter(s -> pids.containsKey((long) s.pid()))
                    .forEach(s ->
                            seen.computeIfAbsent(
                                            Objects.requireNonNull(pids.get((long) s.pid())),
                                            r -> new ArrayList<>())
                                    .add(s));
        }
    }

    private static void compile(Path folder) throws Exception {
        Path source = folder.resolve("Known.java");
        try (InputStream in =
                JavaStacksTest.class.getResourceAsStream("/programs/java/Known.java")) {
            Files.copy(Objects.requireNonNull(in), source);
        }
        Process process =
                new ProcessBuilder(
                                jdk("25").resolve("bin/javac").toString(),
                                "--release",
                                "17",
                                "-d",
                                folder.toString(),
                                source.toString())
                        .inheritIO()
                        .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    private static Process start(JavaRun run, Path folder) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(run.java());
        command.addAll(run.options());
        command.addAll(List.of("-cp", folder.toString(), "Known", run.kind()));
        return new ProcessBuilder(command).inheritIO().start();
    }

    private static void awaitCpu(Process process) throws Exception {
        long before = BusyPrograms.cpuNanos(process.pid());
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (BusyPrograms.cpuNanos(process.pid()) - before < CPU.toNanos()) {
            assertThat(process.isAlive()).isTrue();
            assertThat(System.nanoTime()).as("the process gets no CPU").isLessThan(until);
            Thread.sleep(50);
        }
    }

    /** Leaves the agent time to name what it sampled last, while the methods are still there. */
    private static void halt(Process process) throws Exception {
        Process stop = new ProcessBuilder("kill", "-STOP", Long.toString(process.pid())).start();
        assertThat(stop.waitFor()).isZero();
        Thread.sleep(LAST_NAMES.toMillis());
    }

    /** What a profiler that attaches would have left: threads and files of its own. */
    private static List<String> traces(long pid) throws Exception {
        List<String> found = new ArrayList<>();
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
            for (Path thread : threads.toList()) {
                String name = Files.readString(thread.resolve("comm")).strip();
                if (name.startsWith("Attach")) {
                    found.add("thread " + name);
                }
            }
        }
        for (String file :
                List.of(".java_pid" + pid, ".attach_pid" + pid, "perf-" + pid + ".map")) {
            if (Files.exists(Path.of("/tmp", file))) {
                found.add("/tmp/" + file);
            }
        }
        return found;
    }

    @ParameterizedTest
    @MethodSource("runs")
    void stacksAreWhole(JavaRun run) {
        StackTally tally = new StackTally(roots);
        stacks(run).forEach(tally::add);
        long delay = knownNanos(run) - Objects.requireNonNull(begun.get(run));
        System.out.printf("%-44s %s, known after %d ms%n", run, tally.summary(), delay / 1_000_000);
        assertThat(delay).as(tally.details()).isLessThan(KNOWN_AT_LAST.toNanos());
        assertThat(tally.samples()).as(tally.details()).isGreaterThanOrEqualTo(MIN_SAMPLES);
        assertThat(tally.completePercent()).as(tally.details()).isGreaterThanOrEqualTo(99);
    }

    @ParameterizedTest
    @MethodSource("runs")
    void methodsHaveTheirCallers(JavaRun run) {
        Map<String, Long> wrong = new HashMap<>();
        long right = 0;
        long late = 0;
        for (FoldedStack stack : stacks(run)) {
            List<Frame> frames = stack.frames();
            if (!isWorking(stack) || !roots.isRoot(frames.getLast())) {
                continue;
            }
            List<String> java =
                    frames.stream()
                            .filter(f -> f.kind() == FrameKind.JVM)
                            .map(Frame::function)
                            .toList();
            long samples = stack.timesUnixNanos().length;
            if (isChain(run, java)) {
                right += samples;
            } else if (frames.stream().anyMatch(f -> f.function().equals("[JVM ended]"))) {
                // The test killed it before its last samples were named.
                late += samples;
            } else {
                wrong.merge(StackTally.describe(stack), samples, Long::sum);
            }
        }
        long wrongs = wrong.values().stream().mapToLong(Long::longValue).sum();
        assertThat(right).isGreaterThanOrEqualTo(MIN_SAMPLES);
        assertThat(wrongs / (double) (right + wrongs)).as("" + wrong).isLessThanOrEqualTo(0.005);
        assertThat(late / (double) (right + late)).as("named too late").isLessThanOrEqualTo(0.05);
    }

    /**
     * Callers that a virtual thread left on the heap are on no stack: it ends there, and says so.
     */
    @Test
    void framesOnTheHeapEndTheStackByName() throws Exception {
        Map<String, Long> ends = new HashMap<>();
        for (FoldedStack stack : stacks(frozen())) {
            List<String> functions = stack.frames().stream().map(Frame::function).toList();
            if (functions.contains("Known.work")) {
                ends.merge(functions.getLast(), (long) stack.timesUnixNanos().length, Long::sum);
            }
        }
        long frozen = ends.getOrDefault("[frames on the heap]", 0L);
        long all = ends.values().stream().mapToLong(Long::longValue).sum();
        assertThat(frozen).as("" + ends).isGreaterThan(MIN_SAMPLES / 2);
        assertThat(frozen / (double) all).as("" + ends).isGreaterThan(0.9);
    }

    /** Whether the work runs in this thread. */
    private static boolean isWorking(FoldedStack stack) {
        return stack.threadName().equals("worker") || stack.threadName().startsWith("ForkJoinPool");
    }

    private static boolean isChain(JavaRun run, List<String> java) {
        List<String> tail =
                switch (run.kind()) {
                    case "calls" -> List.of("Known.calls", "Known$$Lambda_.run");
                    case "virtual" -> List.of("Known.calls", "Known$$Lambda_.run");
                    case "loops" -> List.of("Known.loops", "Known$$Lambda_.run");
                    case "lambda" -> List.of("Known.lambdas", "Known$$Lambda_.run");
                    case "native" -> List.of("Known.deflate", "Known$$Lambda_.run");
                    default ->
                            List.of(
                                    "Known.calls",
                                    "Known.deep",
                                    "Known.deep",
                                    "Known.deep",
                                    "Known.deep");
                };
        int at = java.indexOf(tail.getFirst());
        return at >= 0
                && java.size() >= at + tail.size()
                && java.subList(at, at + tail.size()).equals(tail)
                && run.shares().keySet().stream()
                        .filter(java::contains)
                        .allMatch(f -> java.get(java.indexOf(f) + 1).equals(run.caller()))
                && (!run.kind().equals("recursion")
                        || java.stream().filter("Known.deep"::equals).count() == 201)
                && java.stream()
                        .anyMatch(f ->
                                f.equals("java/lang/Thread.run")
                                        || f.equals("java/lang/VirtualThread.run"));
    }

    @ParameterizedTest
    @MethodSource("runs")
    void callersHaveTheLineOfTheirCall(JavaRun run) throws Exception {
        if (!run.caller().equals("Known.work") || run.shares().isEmpty()) {
            return;
        }
        Map<String, Integer> lines =
                Map.of(
                        "Known.sixty",
                        line("sixty();"),
                        "Known.thirty",
                        line("thirty();"),
                        "Known.ten",
                        line("ten();"));
        Map<String, Long> wrong = new HashMap<>();
        long right = 0;
        for (FoldedStack stack : stacks(run)) {
            List<Frame> frames = stack.frames();
            for (int i = 0; i + 1 < frames.size(); i++) {
                Integer line = lines.get(frames.get(i).function());
                Frame caller = frames.get(i + 1);
                if (line != null && caller.function().equals("Known.work")) {
                    long samples = stack.timesUnixNanos().length;
                    if (caller.line() == line && caller.file().equals("Known.java")) {
                        right += samples;
                    } else {
                        wrong.merge(frames.get(i) + " called by " + caller, samples, Long::sum);
                    }
                }
            }
        }
        long wrongs = wrong.values().stream().mapToLong(Long::longValue).sum();
        assertThat(right).isGreaterThanOrEqualTo(MIN_SAMPLES);
        assertThat(wrongs / (double) (right + wrongs)).as("" + wrong).isLessThanOrEqualTo(0.005);
    }

    /** The line of the source at which a call stands alone. */
    private static int line(String call) throws IOException {
        try (InputStream in =
                JavaStacksTest.class.getResourceAsStream("/programs/java/Known.java")) {
            List<String> source =
                    new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .toList();
            int index = source.indexOf("        " + call);
            assertThat(index).as(call).isNotNegative();
            return index + 1;
        }
    }

    @ParameterizedTest
    @MethodSource("runs")
    void sharesAreThoseOfTheTimeTaken(JavaRun run) {
        Map<String, Long> counts = new HashMap<>();
        for (FoldedStack stack : stacks(run)) {
            for (String function : run.shares().keySet()) {
                if (stack.frames().stream().anyMatch(f -> f.function().equals(function))) {
                    counts.merge(function, (long) stack.timesUnixNanos().length, Long::sum);
                }
            }
        }
        if (run.shares().isEmpty()) {
            return;
        }
        long all = counts.values().stream().mapToLong(Long::longValue).sum();
        assertThat(all).as("" + counts).isGreaterThanOrEqualTo(MIN_SAMPLES);
        run.shares()
                .forEach((function, percent) -> {
                    double share = percent / 100.0;
                    double error = 3 * Math.sqrt(share * (1 - share) / all) + 0.015;
                    assertThat(counts.getOrDefault(function, 0L) / (double) all)
                            .as(run + " " + function + " of " + counts)
                            .isCloseTo(share, within(error));
                });
    }

    @ParameterizedTest
    @MethodSource("runs")
    void nothingIsLeftInTheTarget(JavaRun run) {
        assertThat(traces.get(run)).isEmpty();
    }

    /** When the first method of a run was seen by its name; never, if none was. */
    private long knownNanos(JavaRun run) {
        return seen.getOrDefault(run, List.of()).stream()
                .filter(s -> s.frames().stream().anyMatch(f -> f.function().startsWith("Known.")))
                .flatMapToLong(s -> LongStream.of(s.timesUnixNanos()))
                .min()
                .orElse(Long.MAX_VALUE / 2);
    }

    /** The stacks of a run, with those samples alone that came when its JVM was known. */
    private List<FoldedStack> stacks(JavaRun run) {
        // What was kept back before it was known comes a little later.
        long since = knownNanos(run) + KEPT_BACK_NANOS;
        List<FoldedStack> kept = new ArrayList<>();
        for (FoldedStack stack : seen.getOrDefault(run, List.of())) {
            long[] times = LongStream.of(stack.timesUnixNanos()).filter(t -> t >= since).toArray();
            if (times.length > 0) {
                kept.add(
                        new FoldedStack(
                                stack.frames(),
                                stack.pid(),
                                stack.tid(),
                                stack.threadName(),
                                times));
            }
        }
        return kept;
    }
}
