package io.flarepath.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stacks in which the kernel has put its trampoline in place of return addresses. */
@Tag("kernel")
class ReturnProbesTest {
    /**
     * Where a program that is not position-independent begins in memory, by the linker's default.
     */
    private static final long PROGRAM_START = 0x400000;

    private static final int LEVELS = 40;
    private static final int MIN_SAMPLES = 50;

    @TempDir Path directory;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void callersOfProbedFunctionsAreFoundInTheStackAndInItsCopy(boolean inCopies) throws Exception {
        TestProgram program = TestProgram.compile(directory, "deep");
        NavigableMap<Long, String> functions = program.functions();
        long start =
                functions.entrySet().stream()
                        .filter(f -> f.getValue().equals("deep"))
                        .findFirst()
                        .orElseThrow()
                        .getKey();
        List<RecordedEvents.Event> samples;
        try (RequestBytes requests =
                        RequestBytes.open(1 << 16, 0, EnumSet.allOf(RequestPart.class));
                FileReference file =
                        Objects.requireNonNull(FileReference.of(program.file().toString()));
                Sampler sampler = Sampler.open(SamplerOptions.at(997))) {
            requests.probe(file, Map.of(start - PROGRAM_START, TlsFunction.HANDSHAKE));
            RecordedEvents events = new RecordedEvents(sampler, inCopies);
            Process process = program.start(Integer.toString(LEVELS), "120");
            try {
                events.until(() -> events.samplesOf(process.pid()).size() >= 4 * MIN_SAMPLES);
            } finally {
                process.destroyForcibly().waitFor();
            }
            samples =
                    events.samplesOf(process.pid()).stream()
                            .filter(s -> s.kernel().isEmpty())
                            // Of these there was no room for a copy.
                            .filter(s -> s.stackEnd() != UserStackEnd.UNKNOWN_PROCESS)
                            .filter(s -> name(functions, s.user().getFirst()).equals("deep"))
                            .toList();
        }
        Map<String, Long> seen =
                samples.stream()
                        .map(s -> callers(functions, s.user()))
                        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        // A few are seen while it goes down.
        assertThat(seen.keySet()).allMatch(callers -> callers.matches("(deep )+main "));
        assertThat(seen.getOrDefault("deep ".repeat(LEVELS + 1) + "main ", 0L))
                .as("" + seen)
                .isGreaterThan(MIN_SAMPLES);
    }

    /** The functions of a stack up to main, in one line. */
    private static String callers(NavigableMap<Long, String> functions, List<Long> stack) {
        String all =
                stack.stream().map(a -> name(functions, a) + ' ').collect(Collectors.joining());
        int main = all.indexOf("main ");
        return main < 0 ? all : all.substring(0, main + 5);
    }

    @Test
    void programsLoadWhereTheKernelHasNoProbesOfUserSpace() throws Exception {
        byte[] types = Files.readAllBytes(Path.of("/sys/kernel/btf/vmlinux"));
        for (String name : List.of("utask", "uprobe_task", "return_instance", "xol_area")) {
            rename(types, name);
        }
        Path without = Files.write(directory.resolve("types"), types);
        TestProgram loader = TestProgram.compile(directory, "load", "-lbpf");
        Process process =
                loader.start(
                        Path.of("target", "native", "sampler.bpf.o").toString(),
                        without.toString());
        String said = TestProgram.output(process);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
    }

    /** Gives a type or a field another name of the same length. */
    private static void rename(byte[] types, String name) {
        byte[] wanted = ("\0" + name + "\0").getBytes(StandardCharsets.US_ASCII);
        int renamed = 0;
        for (int at = 0; at + wanted.length <= types.length; at++) {
            int same = 0;
            while (same < wanted.length && types[at + same] == wanted[same]) {
                same++;
            }
            if (same == wanted.length) {
                types[at + 1] = '_';
                renamed++;
            }
        }
        assertThat(renamed).as(name).isEqualTo(1);
    }

    private static String name(NavigableMap<Long, String> functions, long address) {
        Map.Entry<Long, String> entry = functions.floorEntry(address);
        return entry == null || address - entry.getKey() > 4096 ? "" : entry.getValue();
    }
}
