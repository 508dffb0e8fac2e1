package io.flarepath.agent.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.window.FoldedStack;
import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Stacks of a JVM in which methods and C with probed returns call each other by turns. */
@Tag("kernel")
@EnabledIfSystemProperty(
        named = "user.name",
        matches = "root",
        disabledReason = "sampling needs root")
class ProbedJvmKernelTest {
    private static final int FREQUENCY = 299;
    private static final int MIN_SAMPLES = 300;

    /** Until the JVM is known and its methods are compiled. */
    private static final Duration WARM_UP = Duration.ofSeconds(6);

    private static final Duration MEASURED = Duration.ofSeconds(6);

    private static final CallChain CHAIN =
            CallChain.of(
                    "b",
                    "a",
                    "Java_Probed_up",
                    "Probed.up",
                    "Probed.back",
                    CallChain.ANYTHING,
                    "Java_Probed_down",
                    "Probed.down",
                    "Probed.calls");

    @TempDir Path folder;

    @Test
    void methodsAndProbedCodeHaveTheirCallers() throws Exception {
        Path java = Path.of(System.getProperty("java.home"));
        Path library =
                new KnownPrograms(folder)
                        .gcc(
                                "libprobed.so",
                                "probed_native.c",
                                "-shared",
                                "-fPIC",
                                "-I" + java.resolve("include"),
                                "-I" + java.resolve("include/linux"));
        Path source = KnownPrograms.sources("/programs/java/Known.java").resolve("Probed.java");
        KnownPrograms.run(
                List.of(
                        java.resolve("bin/javac").toString(),
                        "-d",
                        folder.toString(),
                        source.toString()),
                folder);
        StackRoots roots = new StackRoots();
        StackTally tally = new StackTally(roots);
        Map<String, Long> wrong = new HashMap<>();
        long right = 0;
        for (FoldedStack stack : stacks(java.resolve("bin/java"), library)) {
            List<String> names = stack.frames().stream().map(this::name).toList();
            if (!names.contains("b")) {
                continue;
            }
            tally.add(stack);
            long samples = stack.timesUnixNanos().length;
            if (CHAIN.matches(stack.frames(), names.indexOf("b"), this::name)) {
                right += samples;
            } else if (roots.isRoot(stack.frames().getLast())) {
                wrong.merge(StackTally.describe(stack), samples, Long::sum);
            }
        }
        System.out.printf("%-24s %s%n", "JVM with probes", tally.summary());
        assertThat(wrong).as("stacks other than those known; right: " + right).isEmpty();
        assertThat(right).as(tally.details()).isGreaterThanOrEqualTo(MIN_SAMPLES);
        assertThat(tally.completePercent()).as(tally.details()).isGreaterThanOrEqualTo(99);
    }

    /** Of the program, after its methods were compiled. */
    private List<FoldedStack> stacks(Path java, Path library) throws Exception {
        List<String> functions = List.of("a", "b", "sixty", "Java_Probed_up", "Java_Probed_down");
        try (ReturnProbes probes =
                        ReturnProbes.on(Programs.compile("probes", folder), library, functions);
                LiveAgent agent = new LiveAgent(FREQUENCY)) {
            Process process =
                    new ProcessBuilder(
                                    java.toString(),
                                    "--enable-native-access=ALL-UNNAMED",
                                    "-cp",
                                    folder.toString(),
                                    "Probed",
                                    library.toString())
                            .inheritIO()
                            .start();
            int from;
            try {
                Thread.sleep(WARM_UP);
                from = agent.windows().size();
                Thread.sleep(MEASURED);
                agent.stop();
            } finally {
                process.destroyForcibly().waitFor();
            }
            assertThat(probes.areSet()).isTrue();
            return agent.windows().subList(from, agent.windows().size()).stream()
                    .flatMap(w -> w.stacks().stream())
                    .filter(s -> s.pid() == process.pid())
                    .toList();
        }
    }

    private String name(Frame frame) {
        return frame.kind() == FrameKind.JVM
                ? frame.function().replaceFirst("\\(.*", "")
                : frame.function();
    }
}
