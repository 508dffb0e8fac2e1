package io.flarepath.agent.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.flarepath.agent.window.FoldedStack;
import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("kernel")
class SamplingKernelTest {
    @TempDir Path folder;

    @Test
    void drawsAProgramAsItSpendsItsTime() throws Exception {
        Path program = Programs.compile("split", folder);
        try (LiveAgent agent = new LiveAgent(997)) {
            Process process = new ProcessBuilder(program.toString()).start();
            try {
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> agent.count(process.pid(), s -> true) >= 5_000);
            } finally {
                process.destroyForcibly().waitFor();
            }
            agent.stop();
            double all = agent.count(process.pid(), s -> under(s, "main", "sixty"));
            all += agent.count(process.pid(), s -> under(s, "main", "thirty"));
            all += agent.count(process.pid(), s -> under(s, "main", "ten"));
            double total = agent.count(process.pid(), s -> true);

            assertThat(all / total).as(agent.describe(process.pid())).isGreaterThan(0.98);
            assertThat(share(agent, process, "sixty", total)).isCloseTo(60, within(3.0));
            assertThat(share(agent, process, "thirty", total)).isCloseTo(30, within(3.0));
            assertThat(share(agent, process, "ten", total)).isCloseTo(10, within(3.0));
            assertThat(agent.of("service.name", "split")).isNotEmpty();
            assertThat(agent.counters.drained())
                    .isEqualTo(agent.counters.folded() + agent.counters.excluded.value());
            long sent = agent.windows().stream().mapToLong(w -> w.samples()).sum();
            assertThat(sent).isEqualTo(agent.counters.folded());
        }
    }

    @Test
    void showsWhatTheKernelDoesForAProgram() throws Exception {
        Path program = Programs.compile("calls", folder);
        try (LiveAgent agent = new LiveAgent(499)) {
            Process process = new ProcessBuilder(program.toString()).start();
            try {
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> agent.count(process.pid(), s -> true) >= 1_000);
            } finally {
                process.destroyForcibly().waitFor();
            }
            agent.stop();
            double total = agent.count(process.pid(), s -> true);
            long kernel = agent.count(process.pid(), s -> kernelUnder(s, "reads", "main"));

            assertThat(kernel / total).as(agent.describe(process.pid())).isGreaterThan(0.8);
        }
    }

    private static double share(LiveAgent agent, Process process, String leaf, double total) {
        return 100 * agent.count(process.pid(), s -> under(s, "main", leaf)) / total;
    }

    private static boolean under(FoldedStack stack, String caller, String callee) {
        List<String> names = stack.frames().stream().map(Frame::function).toList();
        int at = names.indexOf(callee);
        return at >= 0 && at + 1 < names.size() && names.get(at + 1).equals(caller);
    }

    /** Kernel frames at the leaf, and user frames below them that lead to these. */
    private static boolean kernelUnder(FoldedStack stack, String callee, String caller) {
        List<Frame> frames = stack.frames();
        return frames.getFirst().kind() == FrameKind.KERNEL
                && !frames.getFirst().function().startsWith("[kernel]")
                && frames.stream().anyMatch(f -> f.function().equals(callee))
                && frames.stream().anyMatch(f -> f.function().equals(caller));
    }
}
