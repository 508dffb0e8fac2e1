package io.flarepath.agent.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.flarepath.agent.window.FoldedStack;
import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
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
    private static final int FREQUENCY = 299;

    /** From then on every JVM is known. */
    private static final long KNOWN_NANOS = 2_000_000_000L;

    private static final long RUN_MILLIS = 5000;
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
    private final Map<JavaRun, Long> known = new HashMap<>();
    private final Map<JavaRun, List<String>> traces = new HashMap<>();

    static List<JavaRun> runs() throws Exception {
        List<JavaRun> runs = new ArrayList<>();
        for (Map.Entry<String, Path> jdk : jdks().entrySet()) {
            String java = jdk.getValue().resolve("bin/java").toString();
            for (String collector : List.of("Serial", "Parallel", "G1", "Z")) {
                runs.add(run(jdk.getKey(), java, "calls", "-XX:+Use" + collector + "GC"));
            }
            runs.add(run(jdk.getKey(), java, "calls", "-Xint"));
            runs.add(run(jdk.getKey(), java, "calls", "-XX:TieredStopAtLevel=1"));
            runs.add(run(jdk.getKey(), java, "calls", "-XX:-SegmentedCodeCache"));
            for (String kind : List.of("calls", "loops", "lambda", "recursion", "native")) {
                runs.add(run(jdk.getKey(), java, kind));
            }
        }
        runs.add(run("25", jdks().get("25").resolve("bin/java").toString(), "virtual"));
        return runs;
    }

    private static JavaRun run(String jdk, String java, String kind, String... options) {
        Map<String, Integer> shares =
                switch (kind) {
                    case "loops" -> LOOPS;
                    case "lambda", "native" -> Map.of();
                    default -> CALLS;
                };
        return new JavaRun(
                jdk + " " + kind + " " + String.join(" ", options),
                java,
                List.of(options),
                kind,
                shares,
                kind.equals("loops") ? "Known.loops" : "Known.work");
    }

    /** The JDKs of this machine by version: that of the test, and the distribution's. */
    private static Map<String, Path> jdks() throws Exception {
        Map<String, Path> found = new LinkedHashMap<>();
        found.put("25", Path.of(System.getProperty("java.home")));
        try (Stream<Path> others = Files.list(Path.of("/usr/lib/jvm"))) {
            others.filter(p -> p.getFileName().toString().matches("java-17-openjdk-.*"))
                    .findFirst()
                    .ifPresent(p -> found.put("17", p));
        }
        assertThat(found).as("JDKs under /usr/lib/jvm").containsKeys("17", "25");
        return found;
    }

    @BeforeAll
    void runAll(@TempDir Path folder) throws Exception {
        compile(folder);
        Map<Long, JavaRun> pids = new HashMap<>();
        try (LiveAgent agent = new LiveAgent(FREQUENCY)) {
            Deque<JavaRun> waiting = new ArrayDeque<>(runs());
            while (!waiting.isEmpty()) {
                List<Process> running = new ArrayList<>();
                for (int i = 0; i < AT_ONCE && !waiting.isEmpty(); i++) {
                    JavaRun run = waiting.remove();
                    Process process = start(run, folder);
                    running.add(process);
                    pids.put(process.pid(), run);
                    known.put(run, unixNanos() + KNOWN_NANOS);
                }
                Thread.sleep(RUN_MILLIS);
                for (Process process : running) {
                    assertThat(process.isAlive()).as("" + pids.get(process.pid())).isTrue();
                    traces.put(
                            Objects.requireNonNull(pids.get(process.pid())), traces(process.pid()));
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
        Path javac = jdks().get("17").resolve("bin/javac");
        if (!Files.exists(javac)) {
            javac = jdks().get("25").resolve("bin/javac");
        }
        Process process =
                new ProcessBuilder(
                                javac.toString(),
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

    private static long unixNanos() {
        return System.currentTimeMillis() * 1_000_000L;
    }

    @ParameterizedTest
    @MethodSource("runs")
    void stacksAreWhole(JavaRun run) {
        StackTally tally = new StackTally(roots);
        stacks(run).forEach(tally::add);
        System.out.printf("%-44s %s%n", run, tally.summary());
        assertThat(tally.samples()).as(tally.details()).isGreaterThanOrEqualTo(MIN_SAMPLES);
        assertThat(tally.completePercent()).as(tally.details()).isGreaterThanOrEqualTo(99);
    }

    @ParameterizedTest
    @MethodSource("runs")
    void methodsHaveTheirCallers(JavaRun run) {
        Map<String, Long> wrong = new HashMap<>();
        long right = 0;
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
            } else {
                wrong.merge(StackTally.describe(stack), samples, Long::sum);
            }
        }
        long wrongs = wrong.values().stream().mapToLong(Long::longValue).sum();
        assertThat(right).isGreaterThanOrEqualTo(MIN_SAMPLES);
        assertThat(wrongs / (double) (right + wrongs)).as("" + wrong).isLessThanOrEqualTo(0.005);
    }

    /** Whether the work runs in this thread. */
    private static boolean isWorking(FoldedStack stack) {
        return stack.threadName().equals("worker") || stack.threadName().startsWith("ForkJoinPool");
    }

    private static boolean isChain(JavaRun run, List<String> java) {
        List<String> tail =
                switch (run.kind()) {
                    case "calls" -> List.of("Known.calls", "Known$$Lambda.run");
                    case "virtual" -> List.of("Known.calls", "Known$$Lambda.run");
                    case "loops" -> List.of("Known.loops", "Known$$Lambda.run");
                    case "lambda" -> List.of("Known.lambdas", "Known$$Lambda.run");
                    case "native" -> List.of("Known.deflate", "Known$$Lambda.run");
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

    /** The stacks of a run, with those samples alone that came when its JVM was known. */
    private List<FoldedStack> stacks(JavaRun run) {
        long since = Objects.requireNonNull(known.get(run));
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
