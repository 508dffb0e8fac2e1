package io.flarepath.agent.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.window.FoldedStack;
import io.flarepath.symbolizer.Frame;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What unwinding costs, by the kernel's statistics of BPF programs: our sampler on a program of 40
 * frames without frame pointers, beside what the kernel itself takes for the same program with
 * them. A sample of ours does more than to unwind: it also takes the kernel's stack and writes a
 * record.
 */
@Tag("bench")
class UnwindBench {
    private static final Path STATISTICS = Path.of("/proc/sys/kernel/bpf_stats_enabled");
    private static final Duration WARM_UP = Duration.ofSeconds(8);
    private static final Duration MEASURED = Duration.ofSeconds(8);
    private static final int FRAMES = 40;
    private static final double FRAME_BUDGET_NANOS = 225;
    private static final double SAMPLE_BUDGET_NANOS = 10_000;

    /** Levels of recursion that make 40 frames: sixty, b, a, these, main, two of libc, _start. */
    private static final String LEVELS = Integer.toString(FRAMES - 7);

    /** BPF_PROG_TYPE_PERF_EVENT (linux/bpf.h). */
    private static final String PERF_EVENT = "prog_type:\t7\n";

    @TempDir Path folder;
    private final List<Process> started = new ArrayList<>();
    private String statisticsBefore = "0";

    /** Runs of a program, the time they took, and the frames they saw. */
    private record Cost(double runs, double nanos, double frames) {
        double perSample() {
            return nanos / runs;
        }

        double perFrame() {
            return nanos / frames;
        }
    }

    @BeforeEach
    void countTimeOfBpfPrograms() throws IOException {
        statisticsBefore = Files.readString(STATISTICS).strip();
        Files.writeString(STATISTICS, "1");
    }

    @AfterEach
    void stop() throws Exception {
        stopPrograms();
        Files.writeString(STATISTICS, statisticsBefore);
    }

    @Test
    void costOfASampleAndOfAFrame() throws Exception {
        KnownPrograms known = new KnownPrograms(folder);
        String plain = known.gcc("deep", "deep.c").toString();
        String pointers =
                known.gcc("deep-fp", "deep.c", "-DKEEPS_FRAME_POINTER", "-fno-omit-frame-pointer")
                        .toString();
        compileBaseline();
        System.out.printf("%-34s %10s %8s %8s%n", "", "ns/sample", "frames", "ns/frame");
        List<Double> depths = new ArrayList<>();
        for (int frequency : new int[] {97, 999}) {
            Cost ours = ours(plain, frequency);
            show("ours, no frame pointers", frequency, ours);
            runOnAllCpus(pointers);
            Cost buffer = baseline("get_stack", frequency);
            Cost table = baseline("get_stackid", frequency);
            stopPrograms();
            table =
                    new Cost(
                            table.runs(),
                            table.nanos(),
                            table.runs() * buffer.frames() / buffer.runs());
            show("bpf_get_stack, frame pointers", frequency, buffer);
            show("bpf_get_stackid, frame pointers", frequency, table);
            String at = frequency + "hz";
            ratio("unwind_frame_over_budget_" + at, ours.perFrame() / FRAME_BUDGET_NANOS);
            ratio(
                    "unwind_40_frames_over_budget_" + at,
                    ours.perFrame() * FRAMES / SAMPLE_BUDGET_NANOS);
            ratio("unwind_sample_over_get_stackid_" + at, ours.perSample() / table.perSample());
            ratio("unwind_frame_over_get_stackid_" + at, ours.perFrame() / table.perFrame());
            depths.add(ours.frames() / ours.runs());
        }
        assertThat(depths)
                .as("frames of a sample of ours, at each frequency")
                .allMatch(depth -> depth > FRAMES - 3);
    }

    /** What our sampler takes at a frequency, with all CPUs in the program. */
    private Cost ours(String program, int frequency) throws Exception {
        try (LiveAgent agent = new LiveAgent(frequency)) {
            runOnAllCpus(program);
            pause(WARM_UP);
            long samplesBefore = agent.statistics().samples();
            long[] before = perfEventPrograms();
            int windowsBefore = agent.windows().size();
            pause(MEASURED);
            long[] after = perfEventPrograms();
            long samples = agent.statistics().samples() - samplesBefore;
            stopPrograms();
            double frames = 0;
            double folded = 0;
            for (var window : agent.windows().subList(windowsBefore, agent.windows().size())) {
                for (FoldedStack stack : window.stacks()) {
                    int count = stack.timesUnixNanos().length;
                    folded += count;
                    frames += (double) count * depth(stack);
                }
            }
            assertThat(folded).as("samples").isGreaterThan(100);
            double runs = after[0] - before[0];
            // Interrupts of an idle CPU are runs, but no samples.
            assertThat(samples / runs).as("samples of all runs").isGreaterThan(0.9);
            return new Cost(samples, after[1] - before[1], frames / folded * samples);
        }
    }

    private static long depth(FoldedStack stack) {
        return stack.frames().stream()
                .filter(f -> !f.inlined())
                .filter(UnwindBench::isReal)
                .count();
    }

    private static boolean isReal(Frame frame) {
        return switch (frame.kind()) {
            case ERROR -> false;
            default -> true;
        };
    }

    /** Runs and nanoseconds of the programs of this process that are attached to perf events. */
    private static long[] perfEventPrograms() throws IOException {
        long[] sums = new long[2];
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of("/proc/self/fdinfo"))) {
            for (Path file : files) {
                String info;
                try {
                    info = Files.readString(file);
                } catch (NoSuchFileException e) {
                    continue;
                }
                if (info.contains(PERF_EVENT)) {
                    for (String line : info.split("\n", -1)) {
                        String[] words = line.split("\\s+", -1);
                        switch (words[0]) {
                            case "run_cnt:" -> sums[0] += Long.parseLong(words[1]);
                            case "run_time_ns:" -> sums[1] += Long.parseLong(words[1]);
                            default -> {}
                        }
                    }
                }
            }
        }
        return sums;
    }

    private void compileBaseline() throws Exception {
        Path sources = KnownPrograms.sources("/programs/baseline/stacks.c");
        KnownPrograms.run(
                List.of(
                        "clang",
                        "-g",
                        "-O2",
                        "-target",
                        "bpf",
                        "-I/usr/include/x86_64-linux-gnu",
                        "-c",
                        sources.resolve("stacks.bpf.c").toString(),
                        "-o",
                        "stacks.bpf.o"),
                folder);
        KnownPrograms.run(
                List.of(
                        "gcc",
                        "-O2",
                        "-o",
                        "stacks",
                        sources.resolve("stacks.c").toString(),
                        "-lbpf"),
                folder);
    }

    private Cost baseline(String program, int frequency) throws Exception {
        String[] told =
                KnownPrograms.run(
                                List.of(
                                        folder.resolve("stacks").toString(),
                                        "stacks.bpf.o",
                                        program,
                                        Integer.toString(frequency),
                                        Long.toString(MEASURED.toSeconds())),
                                folder)
                        .strip()
                        .split(" ", -1);
        return new Cost(
                Double.parseDouble(told[0]),
                Double.parseDouble(told[1]),
                Double.parseDouble(told[2]));
    }

    private void runOnAllCpus(String program) throws IOException {
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            // Before all others: what else runs here is sampled, too.
            started.add(new ProcessBuilder("nice", "-n", "-7", program, LEVELS).start());
        }
    }

    private void stopPrograms() throws InterruptedException {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
        started.clear();
    }

    private static void show(String what, int frequency, Cost cost) {
        System.out.printf(
                Locale.ROOT,
                "%-34s %10.0f %8.1f %8.1f  at %d Hz%n",
                what,
                cost.perSample(),
                cost.frames() / cost.runs(),
                cost.perFrame(),
                frequency);
    }

    private static void ratio(String name, double value) {
        System.out.printf(Locale.ROOT, "RATIO %s %.3f%n", name, value);
    }

    private static void pause(Duration duration) {
        long until = System.nanoTime() + duration.toNanos();
        for (long left = duration.toNanos(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
