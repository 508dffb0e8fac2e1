package io.flarepath.agent.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.symbolizer.Frame;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Processes that end soon after the agent comes to know them: much of what is seen was kept back.
 */
@Tag("kernel")
class ShortLivedStacksKernelTest {
    @ParameterizedTest
    @ValueSource(strings = {"burst", "popped"})
    void processesThatLiveForATenthOfASecondHaveTheirStacks(String name, @TempDir Path folder)
            throws Exception {
        KnownPrograms known = new KnownPrograms(folder);
        Path source = KnownPrograms.sources("/programs/burst.c").resolve(name + ".c");
        String burst = known.gcc(name, source.toString()).toString();
        StackTally tally = new StackTally(new StackRoots());
        try (LiveAgent agent = new LiveAgent(499)) {
            // The agent's own code is not compiled yet when it meets the first of them.
            assertThat(new ProcessBuilder(burst, "300").start().waitFor()).isZero();
            List<Long> pids = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Process process = new ProcessBuilder(burst, "100").start();
                pids.add(process.pid());
                assertThat(process.waitFor()).isZero();
            }
            agent.stop();
            for (long pid : pids) {
                long burns = agent.count(pid, s -> burnsForMain(s.frames()));
                // It takes 50 samples' time.
                assertThat(burns).as(agent.describe(pid)).isGreaterThan(25);
            }
            agent.windows().stream()
                    .flatMap(w -> w.stacks().stream())
                    .filter(s -> pids.contains((long) s.pid()))
                    .forEach(tally::add);
        }
        System.out.printf("%-24s %s%n", name + ", a tenth of a second", tally.summary());
        assertThat(tally.completePercent()).as(tally.details()).isGreaterThanOrEqualTo(99);
    }

    private static boolean burnsForMain(List<Frame> frames) {
        List<String> functions = frames.stream().map(Frame::function).toList();
        int burn = functions.indexOf("burn");
        return burn >= 0 && functions.subList(burn + 1, functions.size()).indexOf("main") == 0;
    }
}
