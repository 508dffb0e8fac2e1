package io.flarepath.agent.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.binary.Executable;
import io.flarepath.symbolizer.binary.compile.Addr2line;
import io.flarepath.symbolizer.binary.compile.Compiled;
import io.flarepath.symbolizer.binary.compile.GoAddr2line;
import io.flarepath.symbolizer.binary.compile.NameComparison;
import io.flarepath.symbolizer.binary.symbolfile.CodePlace;
import io.flarepath.symbolizer.live.MemoryMapping;
import io.flarepath.symbolizer.live.ProcessMaps;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Names of addresses at which programs were sampled, held against what addr2line and Go's tool say:
 * the whole chain of inlined calls, with files and lines.
 */
@Tag("slow")
@EnabledIfSystemProperty(
        named = "user.name",
        matches = "root",
        disabledReason = "sampling needs root")
class SampledNamesTest {
    private static final long SEED = Long.getLong("flarepath.seed", 97);
    private static final int FREQUENCY = 4999;
    private static final Duration CPU = Duration.ofMillis(600);
    private static final int AT_ONCE = 3;
    private static final int ADDRESSES = 1000;
    private static final int LEAST_PROGRAMS = 5;
    private static final int LEAST_OF_A_PROGRAM = 50;
    private static final double LEAST_THAT_AGREE = 0.99;
    private static final double LEAST_WITH_INLINED_CALLS = 0.3;
    private static final double WANTED_WITH_INLINED_CALLS = 0.4;

    @TempDir Path temporary;
    private Path folder = Path.of("");

    @BeforeEach
    void findRealPath() throws IOException {
        folder = temporary.toRealPath();
    }

    /** Mappings of a program's file, by which addresses become the file's. */
    private record Running(long pid, List<MemoryMapping> mappings) {}

    /** Addresses of a program, and what we call them. */
    private record Named(
            NamedProgram program, List<Long> addresses, LongFunction<List<CodePlace>> names) {
        long[] first(int count) {
            return addresses.subList(0, count).stream().mapToLong(Long::longValue).toArray();
        }
    }

    @Test
    void inlinedCallsAndLinesAreThoseOfAddr2line() throws Exception {
        List<Named> sampled = sample(new NamedPrograms(folder).withDwarf());
        NameComparison all = NameComparison.NONE;
        for (var named : draw(sampled).entrySet()) {
            all = all.plus(byAddr2line(named.getKey(), named.getValue()));
        }
        check("addr2line -i", all);
    }

    @Test
    void namesOfGoAreThoseOfItsOwnToolAndOfAddr2line() throws Exception {
        List<String> older = List.of("1.16.15", "1.21.13", "1.24.9");
        List<Named> sampled =
                sample(new NamedPrograms(folder).ofGo(older, "1.26.0")).stream()
                        .map(SampledNamesTest::inlinedOftener)
                        .toList();
        NameComparison byGo = NameComparison.NONE;
        NameComparison chains = NameComparison.NONE;
        for (var drawn : draw(sampled).entrySet()) {
            Named named = drawn.getKey();
            NamedProgram program = named.program();
            long[] addresses = drawn.getValue();
            byGo =
                    byGo.plus(
                            GoAddr2line.compare(
                                    folder,
                                    program.go(),
                                    program.witness(),
                                    named.names(),
                                    addresses));
            chains = chains.plus(byAddr2line(named, addresses));
        }
        check("go tool addr2line", byGo);
        check("addr2line -i, of Go", chains);
    }

    private NameComparison byAddr2line(Named named, long[] addresses) throws IOException {
        Path witness = named.program().witness();
        return Addr2line.compare(folder, witness, witness, named.names(), addresses);
    }

    private static void check(String tool, NameComparison all) {
        System.out.printf("sampled addresses, %s: %s%n", tool, all);
        assertThat(all.addresses()).as(tool).isEqualTo(ADDRESSES);
        assertThat(all.inlinedShare()).as(tool).isGreaterThanOrEqualTo(LEAST_WITH_INLINED_CALLS);
        assertThat(all.share()).as(tool + ": " + all).isGreaterThanOrEqualTo(LEAST_THAT_AGREE);
    }

    /** Runs programs under an agent; gives the distinct ELF addresses of each, shuffled. */
    private List<Named> sample(List<NamedProgram> programs) throws Exception {
        Map<NamedProgram, Running> runs = new LinkedHashMap<>();
        List<SampledAddresses> taps = new ArrayList<>();
        try (LiveAgent agent = new LiveAgent(FREQUENCY, source -> tap(source, taps))) {
            BusyPrograms.run(
                    programs,
                    NamedProgram::command,
                    CPU,
                    AT_ONCE,
                    (program, process) -> {},
                    (program, process) -> runs.put(program, running(program, process)));
            agent.stop();
        }
        List<Named> sampled = new ArrayList<>();
        for (NamedProgram program : programs) {
            Running run = Objects.requireNonNull(runs.get(program));
            List<Long> addresses = addresses(program, run, taps.getFirst());
            Collections.shuffle(addresses, new Random(SEED));
            System.out.printf("%s: sampled at %d addresses%n", program, addresses.size());
            sampled.add(new Named(program, addresses, names(program)));
        }
        return sampled;
    }

    private static RecordSource tap(RecordSource source, List<SampledAddresses> taps) {
        taps.add(new SampledAddresses(source));
        return taps.getFirst();
    }

    private static Running running(NamedProgram program, Process process) throws IOException {
        ProcessMaps maps = ProcessMaps.read((int) process.pid());
        return new Running(
                process.pid(),
                maps.mappings().stream()
                        .filter(m -> m.path().equals(program.file().toString()))
                        .toList());
    }

    private static List<Long> addresses(NamedProgram program, Running run, SampledAddresses sampled)
            throws IOException {
        Executable executable = Executable.open(program.file());
        TreeSet<Long> addresses = new TreeSet<>();
        for (long address : sampled.of(run.pid())) {
            run.mappings().stream()
                    .filter(m -> m.holds(address))
                    .mapToLong(m -> m.fileOffsetOf(address))
                    .forEach(o -> executable.virtualAddress(o).ifPresent(addresses::add));
        }
        return new ArrayList<>(addresses);
    }

    /** The same addresses in another order: those of inlined calls sooner than by chance. */
    private static Named inlinedOftener(Named named) {
        Set<Long> left = new LinkedHashSet<>(named.addresses());
        Deque<Long> inlined = new ArrayDeque<>(named.addresses());
        inlined.removeIf(address -> named.names().apply(address).size() < 2);
        List<Long> order = new ArrayList<>();
        double owed = 0;
        while (!left.isEmpty()) {
            owed += WANTED_WITH_INLINED_CALLS;
            boolean next = owed >= 1 && !inlined.isEmpty();
            owed -= next ? 1 : 0;
            long address = next ? inlined.removeFirst() : left.iterator().next();
            if (left.remove(address)) {
                order.add(address);
            }
        }
        return new Named(named.program(), order, named.names());
    }

    /** Addresses of each program in turn, as long as it has some. */
    private static Map<Named, long[]> draw(List<Named> sampled) {
        Map<Named, Integer> counts = new LinkedHashMap<>();
        int left = ADDRESSES;
        for (int round = 0; left > 0; round++) {
            int before = left;
            for (Named named : sampled) {
                if (left > 0 && round < named.addresses().size()) {
                    counts.merge(named, 1, Integer::sum);
                    left--;
                }
            }
            assertThat(left).as("more addresses are wanted than were sampled").isLessThan(before);
        }
        Map<Named, long[]> drawn = new LinkedHashMap<>();
        for (Named named : sampled) {
            int count = counts.getOrDefault(named, 0);
            assertThat(count).as("" + named.program()).isGreaterThanOrEqualTo(LEAST_OF_A_PROGRAM);
            drawn.put(named, named.first(count));
        }
        assertThat(drawn).as("programs").hasSizeGreaterThanOrEqualTo(LEAST_PROGRAMS);
        return drawn;
    }

    /**
     * Names as the agent gives them: by the executable, with the symbol file that is made of it.
     */
    private LongFunction<List<CodePlace>> names(NamedProgram program) throws IOException {
        Executable executable = Executable.open(program.file());
        executable.attach(Compiled.file(folder, program.file()));
        return address ->
                executable.frames(address).stream()
                        .filter(frame -> !StackRoots.isNameless(frame))
                        .map(SampledNamesTest::place)
                        .toList();
    }

    private static CodePlace place(Frame frame) {
        String symbol = frame.systemName().isEmpty() ? frame.function() : frame.systemName();
        return new CodePlace(
                symbol,
                frame.kind(),
                frame.file(),
                frame.line(),
                frame.startLine(),
                frame.inlined());
    }
}
