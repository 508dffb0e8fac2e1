package io.flarepath.agent.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.window.FoldedStack;
import io.flarepath.bpf.SamplerStatistics;
import io.flarepath.symbolizer.Frame;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes and libraries that come and go faster than anyone can look at them. Each has a number,
 * which its functions carry, and which the kernel or the stack itself tells too: no sample may have
 * the name of another one's function.
 */
@Tag("slow")
@EnabledIfSystemProperty(
        named = "user.name",
        matches = "root",
        disabledReason = "sampling needs root")
class StormTest {
    private static final int ALIKE = 16;
    private static final long MIN_SAMPLES = 10_000;
    private static final Pattern NUMBERED =
            Pattern.compile("(?:work|calls|main|plugin|via)_([0-9]{2})");
    private static final Pattern COMM = Pattern.compile("(?:prog|w)_([0-9]{2})");

    @TempDir Path folder;
    private Path sources = Path.of("");

    @BeforeEach
    void locate() throws Exception {
        sources = KnownPrograms.sources("/programs/storm/execs.c");
    }

    /** What was seen in a storm: samples with a number, and those whose name is another one's. */
    private static final class Seen {
        private final StackTally tally = new StackTally(new StackRoots());
        private final Map<String, Long> foreign = new HashMap<>();
        private long numbered;
        private long bare;

        /**
         * @param number of the process or plugin that a sample belongs to, by what is not our
         *     naming
         */
        void add(FoldedStack stack, OptionalInt number) {
            if (number.isEmpty()) {
                return;
            }
            long samples = stack.timesUnixNanos().length;
            tally.add(stack);
            boolean named = false;
            for (Frame frame : stack.frames()) {
                OptionalInt other = number(NUMBERED, frame.function());
                OptionalInt file = number(COMM, frame.mapping());
                named |= other.isPresent();
                if ((other.isPresent() && other.getAsInt() != number.getAsInt())
                        || (file.isPresent() && file.getAsInt() != number.getAsInt())) {
                    foreign.merge(StackTally.describe(stack), samples, Long::sum);
                    break;
                }
            }
            if (named) {
                numbered += samples;
            } else {
                bare += samples;
            }
        }

        void check(String storm) {
            System.out.printf(
                    Locale.ROOT,
                    "%-10s %d samples with a number, %d without, %d foreign; %s%n",
                    storm,
                    numbered,
                    bare,
                    foreign.values().stream().mapToLong(Long::longValue).sum(),
                    tally.summary());
            assertThat(foreign).as("samples with a foreign name").isEmpty();
            assertThat(numbered).as(tally.details()).isGreaterThanOrEqualTo(MIN_SAMPLES);
        }
    }

    @Test
    void aThousandExecsASecond() throws Exception {
        List<String> programs = numbered(450_000);
        Path driver = compile("execs", "execs.c");
        Seen seen = new Seen();
        try (LiveAgent agent = new LiveAgent(1997)) {
            List<String> command = new ArrayList<>(List.of(driver.toString(), "1000", "12000"));
            command.addAll(programs);
            String[] told = output(command).split(" ", -1);
            double rate = Long.parseLong(told[0]) * 1000.0 / Long.parseLong(told[1]);
            assertLossesExplained(agent);
            byComm(agent, seen);
            System.out.printf(Locale.ROOT, "%s execs, %.0f a second%n", told[0], rate);
            assertThat(told[0]).isEqualTo("12000");
            assertThat(rate).as("execs a second").isGreaterThan(800);
        }
        seen.check("execs");
    }

    @Test
    void tenThousandProcessesThatLiveShort() throws Exception {
        Path driver = compile("forks", "forks.c");
        Seen seen = new Seen();
        try (LiveAgent agent = new LiveAgent(1997)) {
            assertThat(output(List.of(driver.toString(), "10000"))).isEqualTo("10000");
            assertLossesExplained(agent);
            byComm(agent, seen);
        }
        seen.check("forks");
    }

    @Test
    void oneProcessIdForTwoThousandPrograms() throws Exception {
        List<String> programs = numbered(4_000_000);
        Path driver = compile("reuses", "reuses.c");
        Seen seen = new Seen();
        try (LiveAgent agent = new LiveAgent(1997)) {
            List<String> command = new ArrayList<>(List.of(driver.toString(), "2000"));
            command.addAll(programs);
            assertThat(output(command)).isEqualTo("2000");
            assertLossesExplained(agent);
            long pids =
                    agent.windows().stream()
                            .flatMap(w -> w.stacks().stream())
                            .filter(s -> number(COMM, s.threadName()).isPresent())
                            .map(FoldedStack::pid)
                            .distinct()
                            .count();
            byComm(agent, seen);
            assertThat(pids).as("process ids of 2000 processes").isLessThanOrEqualTo(10);
        }
        seen.check("reuses");
    }

    @Test
    void pluginsThatTakeEachOthersPlace() throws Exception {
        for (int i = 0; i < ALIKE; i++) {
            compile(
                    name("plugin", i) + ".so",
                    "plugin.c",
                    "-shared",
                    "-fPIC",
                    "-DNUMBER=" + name("", i).substring(1));
        }
        Path driver = compile("reloads", "reloads.c", "-ldl");
        Seen seen = new Seen();
        try (LiveAgent agent = new LiveAgent(1997)) {
            String[] told =
                    output(List.of(driver.toString(), "12", folder.toString())).split(" ", -1);
            assertLossesExplained(agent);
            agent.windows().stream()
                    .flatMap(w -> w.stacks().stream())
                    .filter(s -> s.threadName().equals("reloads"))
                    .forEach(s -> seen.add(s, by("via_", s)));
            System.out.printf("%s plugins at %s addresses%n", told[0], told[1]);
            assertThat(Long.parseLong(told[0])).isGreaterThan(1000);
            assertThat(Integer.parseInt(told[1])).as("addresses").isLessThan(ALIKE / 2);
        }
        seen.check("reloads");
    }

    /** The kernel's name of the process at the time of the sample is that of the program. */
    private static void byComm(LiveAgent agent, Seen seen) {
        agent.windows().stream()
                .flatMap(w -> w.stacks().stream())
                .forEach(s -> seen.add(s, number(COMM, s.threadName())));
    }

    /** The number of the function of this kind in a stack. */
    private static OptionalInt by(String kind, FoldedStack stack) {
        return stack.frames().stream()
                .map(Frame::function)
                .filter(f -> f.startsWith(kind))
                .mapToInt(f -> number(NUMBERED, f).orElse(-1))
                .findFirst();
    }

    private static OptionalInt number(Pattern pattern, String name) {
        Matcher matcher = pattern.matcher(name);
        return matcher.matches()
                ? OptionalInt.of(Integer.parseInt(matcher.group(1)))
                : OptionalInt.empty();
    }

    /**
     * Stops the agent. All samples that the kernel wrote until then were drained; all that were
     * drained were folded or dropped for a reason; all that were folded are in a window.
     */
    private static void assertLossesExplained(LiveAgent agent) {
        SamplerStatistics before = agent.statistics();
        agent.stop();
        SamplerStatistics after = agent.statistics();
        AgentCounters counters = agent.counters;
        System.out.printf(
                "written %d to %d, drained %d, folded %d, excluded %d, without a stack %d; lost:"
                        + " %d samples, %d process events, %d mapping events%n",
                before.samples(),
                after.samples(),
                counters.drained(),
                counters.folded(),
                counters.excluded.value(),
                counters.overflowed.value(),
                after.samplesLost(),
                after.processEventsLost(),
                after.mappingEventsLost());
        assertThat(counters.drained()).isBetween(before.samples(), after.samples());
        assertThat(counters.drained()).isEqualTo(counters.folded() + counters.excluded.value());
        long inWindows = agent.windows().stream().mapToLong(w -> w.samples()).sum();
        assertThat(inWindows).isEqualTo(counters.folded());
        assertThat(counters.malformed.value()).isZero();
    }

    /** Programs that are alike but for their number. */
    private List<String> numbered(long loops) throws Exception {
        List<String> programs = new ArrayList<>();
        for (int i = 0; i < ALIKE; i++) {
            programs.add(
                    compile(
                                    name("prog", i),
                                    "numbered.c",
                                    "-nostdlib",
                                    "-static",
                                    "-Wl,--build-id",
                                    "-DLOOPS=" + loops + "UL",
                                    "-DNUMBER=" + name("", i).substring(1))
                            .toString());
        }
        return programs;
    }

    private static String name(String kind, int number) {
        return String.format(Locale.ROOT, "%s_%02d", kind, number);
    }

    private Path compile(String output, String source, String... options) throws Exception {
        Path file = folder.resolve(output);
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "gcc",
                                "-O2",
                                "-fomit-frame-pointer",
                                "-o",
                                file.toString(),
                                sources.resolve(source).toString()));
        command.addAll(List.of(options));
        KnownPrograms.run(command, folder);
        return file;
    }

    private String output(List<String> command) throws Exception {
        Process process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.strip();
    }
}
