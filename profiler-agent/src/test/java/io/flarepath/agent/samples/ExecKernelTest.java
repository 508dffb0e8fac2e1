package io.flarepath.agent.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flarepath.agent.window.FoldedStack;
import io.flarepath.agent.window.WindowProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What processes are called that come by way of others. */
@Tag("kernel")
class ExecKernelTest {
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"env A=b JAVA", "bash -c 'exec JAVA'", "bash -c 'JAVA; true'"})
    void aJvmHasTheNameOfItsMainClassFromTheFirstSampleOn(String form) throws Exception {
        String main = BusyMain.class.getName();
        String java = JAVA + " -Xshare:auto -cp " + classes() + " " + main + " 1500";
        try (LiveAgent agent = new LiveAgent(1997)) {
            Process process =
                    new ProcessBuilder("sh", "-c", "exec " + form.replace("JAVA", java)).start();
            assertThat(process.waitFor()).isZero();
            agent.stop();

            assertThat(agent.of("service.name", main)).isNotEmpty();
            Set<Integer> ours = new TreeSet<>();
            agent.of("service.name", main)
                    .forEach(w -> w.stacks().forEach(stack -> ours.add(stack.pid())));
            for (WindowProfile window : agent.of("service.name", "java")) {
                window.stacks()
                        .forEach(stack ->
                                assertThat(ours).as("" + stack).doesNotContain(stack.pid()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash -c 'exec PROGRAM 500'", "sh WRAPPER"})
    void aProgramBehindAShellHasItsOwnName(String form) throws Exception {
        String program = Programs.compile("burst", folder).toString();
        Path wrapper = folder.resolve("wrapper.sh");
        Files.writeString(wrapper, program + " 500\nexit 0\n");
        String command = form.replace("PROGRAM", program).replace("WRAPPER", wrapper.toString());
        try (LiveAgent agent = new LiveAgent(997)) {
            assertThat(new ProcessBuilder("sh", "-c", "exec " + command).start().waitFor())
                    .isZero();
            agent.stop();

            long all = 0;
            for (WindowProfile window : agent.windows()) {
                for (FoldedStack stack : window.stacks()) {
                    if (burns(stack)) {
                        all += stack.timesUnixNanos().length;
                        assertThat(window.resource()).containsEntry("service.name", "burst");
                    }
                }
            }
            assertThat(all).isGreaterThan(300);
        }
    }

    @Test
    void aStormOfExecsIsSeenWholeAndLabelledRight() throws Exception {
        String program = Programs.compile("burst", folder).toString();
        Map<Long, String> services = new HashMap<>();
        try (LiveAgent agent = new LiveAgent(499)) {
            // The symbols of what starts them are read once, which takes longer than they live.
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> {
                        start(program, "first").waitFor();
                        return !agent.of("service.name", "first").isEmpty();
                    });
            List<Process> running = new ArrayList<>();
            for (int i = 0; i < 120; i++) {
                Process process = start(program, "storm-" + i % 7);
                services.put(process.pid(), "storm-" + i % 7);
                running.add(process);
                if (running.size() >= 8) {
                    running.removeFirst().waitFor();
                }
            }
            for (Process process : running) {
                process.waitFor();
            }
            agent.stop();

            Set<Long> seen = new TreeSet<>();
            Set<String> wrong = new TreeSet<>();
            for (WindowProfile window : agent.windows()) {
                for (FoldedStack stack : window.stacks()) {
                    String service = services.get((long) stack.pid());
                    if (service != null && burns(stack)) {
                        seen.add((long) stack.pid());
                        if (!service.equals(window.resource().get("service.name"))) {
                            wrong.add(stack.pid() + " " + window.resource());
                        }
                    }
                }
            }
            assertThat(wrong).isEmpty();
            // Each of them burns 100 ms: 50 samples.
            assertThat(seen).hasSize(120);
            assertThat(agent.counters.drained())
                    .isEqualTo(agent.counters.folded() + agent.counters.excluded.value());
            assertThat(agent.lost()).isZero();
        }
    }

    @Test
    void codeOfAJustInTimeCompilerIsNamedByItsPerfMap() throws Exception {
        Path program = Programs.compile("jit", folder);
        Process process = new ProcessBuilder(program.toString()).start();
        try (LiveAgent agent = new LiveAgent(97)) {
            await().atMost(Duration.ofSeconds(60))
                    .until(() ->
                            agent.count(
                                            process.pid(),
                                            s ->
                                                    s.frames()
                                                            .getFirst()
                                                            .function()
                                                            .contains("counts_down"))
                                    > 50);
            assertThat(agent.count(process.pid(), s -> unnamed(s)))
                    .as(agent.describe(process.pid()))
                    .isZero();
        } finally {
            process.destroyForcibly().waitFor();
            Files.deleteIfExists(Path.of("/tmp/perf-" + process.pid() + ".map"));
        }
    }

    private static boolean unnamed(FoldedStack stack) {
        return stack.frames().getFirst().function().startsWith("[anon]");
    }

    private static boolean burns(FoldedStack stack) {
        return stack.frames().stream().anyMatch(f -> f.function().equals("burn"));
    }

    private static Process start(String program, String service) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(program, "100");
        builder.environment().put("OTEL_SERVICE_NAME", service);
        return builder.start();
    }

    /** Where the classes of the tests lie. */
    private static Path classes() throws Exception {
        return Path.of(BusyMain.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    }
}
