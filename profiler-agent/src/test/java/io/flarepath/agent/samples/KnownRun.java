package io.flarepath.agent.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.flarepath.agent.window.FoldedStack;
import io.flarepath.symbolizer.Frame;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Lets programs run under an agent, and holds what it saw against what is known of them. */
final class KnownRun {
    private static final int MIN_SAMPLES = 300;

    private final StackRoots roots;
    private final Map<KnownProgram, List<FoldedStack>> seen = new LinkedHashMap<>();

    private KnownRun(StackRoots roots) {
        this.roots = roots;
    }

    /**
     * Runs each program until it has used so much CPU time.
     *
     * @param folder where the programs lie
     * @param atOnce how many run at a time
     */
    static KnownRun of(
            List<KnownProgram> programs, Path folder, int frequency, Duration cpu, int atOnce)
            throws Exception {
        StackRoots roots = new StackRoots();
        roots.lookIn(folder);
        KnownRun run = new KnownRun(roots);
        Map<Long, KnownProgram> pids = new HashMap<>();
        try (LiveAgent agent = new LiveAgent(frequency)) {
            for (KnownProgram program : programs) {
                if (program.namesAreInTables()) {
                    agent.awaitSymbols(Path.of(program.command().getFirst()));
                }
            }
            BusyPrograms.run(
                    programs,
                    KnownProgram::command,
                    cpu,
                    atOnce,
                    (program, process) -> pids.put(process.pid(), program),
                    (program, process) -> {});
            agent.stop();
            programs.forEach(p -> run.seen.put(p, new ArrayList<>()));
            agent.windows().stream()
                    .flatMap(w -> w.stacks().stream())
                    .filter(s -> pids.containsKey((long) s.pid()))
                    .forEach(s ->
                            run.seen
                                    .getOrDefault(pids.get((long) s.pid()), new ArrayList<>())
                                    .add(s));
        }
        return run;
    }

    /** What was seen of a program, and what of it is whole. */
    StackTally tally(KnownProgram program) {
        StackTally tally = new StackTally(roots);
        stacks(program).forEach(tally::add);
        return tally;
    }

    private List<FoldedStack> stacks(KnownProgram program) {
        return seen.getOrDefault(program, List.of());
    }

    /** Samples of a program that are so, those in flight left out. */
    long count(KnownProgram program, Predicate<FoldedStack> wanted) {
        StackTally tally = new StackTally(roots);
        return stacks(program).stream()
                .filter(s -> !tally.isInFlight(s) && wanted.test(s))
                .mapToLong(s -> s.timesUnixNanos().length)
                .sum();
    }

    /** Nearly all of the samples are whole, and next to none are left out. */
    void assertWhole(KnownProgram program) {
        StackTally tally = tally(program);
        System.out.printf("%-24s %s%n", program, tally.summary());
        assertThat(tally.samples()).as(tally.details()).isGreaterThanOrEqualTo(MIN_SAMPLES);
        // What is kept back at the start of a program cannot cross from one stack to the other.
        int least = program.crossesStacks() ? 95 : 99;
        assertThat(tally.completePercent()).as(tally.details()).isGreaterThanOrEqualTo(least);
        assertThat(tally.leftOutPercent()).as(tally.details()).isLessThanOrEqualTo(2);
    }

    /** Whole stacks that hold a function whose callers are known read so, all of them. */
    void assertChains(KnownProgram program) {
        Map<String, Long> wrong = new HashMap<>();
        Map<String, Long> right = new HashMap<>();
        for (FoldedStack stack : stacks(program)) {
            List<Frame> frames = stack.frames();
            if (!roots.isRoot(frames.getLast())) {
                continue;
            }
            program.chains()
                    .forEach((function, chains) -> {
                        int at = indexOf(program, frames, function);
                        if (at >= 0) {
                            boolean matches =
                                    chains.stream()
                                            .anyMatch(
                                                    c -> c.matches(frames, at, program::function));
                            long samples = stack.timesUnixNanos().length;
                            if (matches) {
                                right.merge(function, samples, Long::sum);
                            } else {
                                wrong.merge(StackTally.describe(stack), samples, Long::sum);
                            }
                        }
                    });
        }
        // At its first instructions a function has no frame yet for a frame pointer to lead to.
        if (program.hasNoRules() && sum(wrong) <= 0.1 * sum(right)) {
            wrong.clear();
        }
        assertThat(wrong)
                .as(program + ": stacks other than those known; right: " + right)
                .isEmpty();
        assertThat(right).as(tally(program).details() + most(program)).containsKeys(often(program));
    }

    private static long sum(Map<String, Long> samples) {
        return samples.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Functions that take so much of the time that samples cannot miss them. */
    private static String[] often(KnownProgram program) {
        Map<String, ?> often = program.shares().isEmpty() ? program.chains() : program.shares();
        return often.keySet().toArray(new String[0]);
    }

    /** Known functions take nearly all of the time, and each its share of it. */
    void assertShares(KnownProgram program) {
        Map<String, Long> counts = new HashMap<>();
        program.shares()
                .keySet()
                .forEach(f ->
                        counts.put(f, count(program, s -> indexOf(program, s.frames(), f) >= 0)));
        long all = counts.values().stream().mapToLong(Long::longValue).sum();
        assertThat(all).as("" + counts + most(program)).isGreaterThanOrEqualTo(MIN_SAMPLES);
        program.shares()
                .forEach((function, percent) -> {
                    double share = percent / 100.0;
                    double error = 3 * Math.sqrt(share * (1 - share) / all) + 0.015;
                    assertThat(counts.getOrDefault(function, 0L) / (double) all)
                            .as(program + " " + function + " of " + counts)
                            .isCloseTo(share, within(error));
                });
    }

    private static int indexOf(KnownProgram program, List<Frame> frames, String function) {
        for (int i = 0; i < frames.size(); i++) {
            if (program.function(frames.get(i)).equals(function)) {
                return i;
            }
        }
        return -1;
    }

    /** The most frequent stacks of a program. */
    String most(KnownProgram program) {
        StringBuilder text = new StringBuilder("\nmost frequent:\n");
        stacks(program).stream()
                .sorted((one, other) -> other.timesUnixNanos().length - one.timesUnixNanos().length)
                .limit(8)
                .forEach(s ->
                        text.append(s.timesUnixNanos().length)
                                .append(' ')
                                .append(StackTally.describe(s))
                                .append('\n'));
        return text.toString();
    }
}
