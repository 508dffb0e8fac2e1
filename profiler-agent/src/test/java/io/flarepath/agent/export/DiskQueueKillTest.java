package io.flarepath.agent.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.metrics.MetricRegistry;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class DiskQueueKillTest {
    private static final int ROUNDS = 20;

    @TempDir Path folder;

    @Test
    void whatWasTakenSurvivesKill9() throws Exception {
        long seed = Long.getLong("flarepath.seed", 97);
        Random random = new Random(seed);
        int next = 0;
        int sent = 0;
        for (int round = 0; round < ROUNDS; round++) {
            int last = writeAndKill(next, 1 + random.nextInt(60));
            try (DiskQueue queue =
                    DiskQueue.open(folder.resolve("q"), 1L << 30, new MetricRegistry())) {
                // Some are left for the next process: what is done must stay done.
                int leave = random.nextInt(5);
                DiskQueue.@Nullable Head head = queue.head();
                while (head != null && queue.size() > leave) {
                    assertThat(DiskQueueTest.number(head.body()))
                            .as("seed %d", seed)
                            .isEqualTo(sent);
                    sent++;
                    queue.delivered();
                    head = queue.head();
                }
                // One more may be whole whose number was not said any more.
                next = sent + queue.size();
                assertThat(next - 1).as("seed %d", seed).isBetween(last, last + 1);
            }
        }
        System.out.println(next + " requests over " + ROUNDS + " kills, none lost");
    }

    private int writeAndKill(int first, int until) throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xshare:auto",
                                "-cp",
                                System.getProperty("java.class.path"),
                                QueueWriter.class.getName(),
                                folder.resolve("q").toString(),
                                Integer.toString(first))
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        int last = -1;
        try (BufferedReader said = process.inputReader(UTF_8)) {
            @Nullable String line = said.readLine();
            while (line != null) {
                last = Integer.parseInt(line);
                if (last - first == until) {
                    // Not the process itself: that would close the stream that is read here.
                    process.toHandle().destroyForcibly();
                }
                line = said.readLine();
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(last).isGreaterThanOrEqualTo(first + until);
        return last;
    }
}
