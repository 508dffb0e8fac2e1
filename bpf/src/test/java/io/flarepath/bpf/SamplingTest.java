package io.flarepath.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Samples of programs of which it is known what they do. */
@Tag("kernel")
class SamplingTest {
    @TempDir Path directory;

    @Test
    void shareOfEachFunctionIsTheTimeItTook() throws Exception {
        TestProgram program = TestProgram.compile(directory, "split");
        List<RecordedEvents.Event> samples = samplesOf(program, 997, "4", "user");
        NavigableMap<Long, String> functions = program.functions();
        Map<String, Long> counts =
                samples.stream()
                        .filter(sample -> sample.kernel().isEmpty())
                        .collect(
                                Collectors.groupingBy(
                                        sample -> name(functions, sample.user().getFirst()),
                                        Collectors.counting()));
        System.out.println(counts);
        double total = counts.values().stream().mapToLong(Long::longValue).sum();
        assertThat(counts.getOrDefault("work_sixty", 0L) / total).isCloseTo(0.6, within(0.03));
        assertThat(counts.getOrDefault("work_thirty", 0L) / total).isCloseTo(0.3, within(0.03));
        assertThat(counts.getOrDefault("work_ten", 0L) / total).isCloseTo(0.1, within(0.03));
    }

    @Test
    void callersStandAboveTheFunction() throws Exception {
        TestProgram program = TestProgram.compile(directory, "split");
        List<RecordedEvents.Event> samples = samplesOf(program, 997, "1", "user");
        NavigableMap<Long, String> functions = program.functions();
        assertThat(samples)
                .filteredOn(sample -> name(functions, sample.user().getFirst()).startsWith("work_"))
                .filteredOn(sample ->
                        sample.user().size() >= 3
                                && name(functions, sample.user().get(1)).equals("once")
                                && name(functions, sample.user().get(2)).equals("main"))
                .hasSizeGreaterThan(samples.size() * 9 / 10);
    }

    @Test
    void callerOfALibraryFunctionWithoutAFrameIsFound() throws Exception {
        TestProgram program = TestProgram.compile(directory, "copies");
        NavigableMap<Long, String> functions = program.functions();
        List<RecordedEvents.Event> inLibrary =
                samplesOf(program, 997, "2").stream()
                        .filter(sample -> sample.kernel().isEmpty())
                        .filter(sample -> sample.user().getFirst() > 0x7000_0000_0000L)
                        .filter(sample -> sample.user().size() > 2)
                        .toList();
        assertThat(inLibrary)
                .filteredOn(sample ->
                        name(functions, sample.user().get(1)).equals("copies")
                                && name(functions, sample.user().get(2)).equals("main"))
                .hasSizeGreaterThan(inLibrary.size() * 9 / 10)
                .hasSizeGreaterThan(50);
    }

    @Test
    void systemCallsHaveKernelFramesBelowTheUserStack() throws Exception {
        TestProgram program = TestProgram.compile(directory, "split");
        List<RecordedEvents.Event> samples = samplesOf(program, 997, "1", "mixed");
        NavigableMap<Long, String> functions = program.functions();
        List<RecordedEvents.Event> inKernel =
                samples.stream().filter(sample -> sample.kernel().size() > 3).toList();
        assertThat(inKernel).isNotEmpty();
        assertThat(inKernel)
                .allSatisfy(sample -> assertThat(sample.kernel()).allMatch(address -> address < 0));
        assertThat(inKernel)
                .filteredOn(sample ->
                        sample.user().stream()
                                .anyMatch(address -> name(functions, address).equals("main")))
                .hasSizeGreaterThan(inKernel.size() / 2);
    }

    @Test
    @Tag("slow")
    void samplesTimesThePeriodAreTheTimeTheKernelCounted() throws Exception {
        TestProgram program = TestProgram.compile(directory, "split");
        SamplerOptions options = SamplerOptions.at(997);
        try (Sampler sampler = Sampler.open(options)) {
            RecordedEvents events = new RecordedEvents(sampler);
            Process process = program.start("8", "mixed");
            events.until(() -> !process.isAlive());
            double counted = Long.parseLong(TestProgram.output(process).strip());
            double sampled = events.samplesOf(process.pid()).size() * options.periodNanos();
            System.out.printf("sampled / counted = %.4f%n", sampled / counted);
            assertThat(sampled / counted).isCloseTo(1, within(0.03));
            assertThat(sampler.statistics().samplesLost()).isZero();
        }
    }

    @Test
    void deepStacksEndAtTheLimitAndSaySo() throws Exception {
        TestProgram program = TestProgram.compile(directory, "deep");
        assertThat(samplesOf(program, 997, "2000", "0.5"))
                .filteredOn(sample -> sample.stackEnd() == UserStackEnd.DEPTH_LIMIT)
                .hasSizeGreaterThan(50)
                .allSatisfy(sample ->
                        assertThat(sample.user()).hasSize(RecordDescriptor.USER_FRAMES_MAX));
    }

    @Test
    void stacksOfTwoHundredFramesAreWhole() throws Exception {
        TestProgram program = TestProgram.compile(directory, "deep");
        NavigableMap<Long, String> functions = program.functions();
        assertThat(samplesOf(program, 997, "200", "0.5"))
                .filteredOn(sample ->
                        sample.user().stream()
                                        .filter(a -> name(functions, a).equals("deep"))
                                        .count()
                                == 201)
                .hasSizeGreaterThan(50);
    }

    @Test
    void excludedProcessGivesNoSamplesUntilItIsIncluded() throws Exception {
        TestProgram program = TestProgram.compile(directory, "split");
        try (Sampler sampler = Sampler.open(SamplerOptions.at(997))) {
            Process process = program.start("60", "user");
            try {
                RecordedEvents before = new RecordedEvents(sampler);
                before.until(() -> before.samplesOf(process.pid()).size() > 10);
                sampler.exclude((int) process.pid());
                before.drain(20);
                RecordedEvents excluded = new RecordedEvents(sampler);
                long counted = sampler.statistics().excluded();
                excluded.until(() -> sampler.statistics().excluded() > counted + 50);
                assertThat(excluded.samplesOf(process.pid())).isEmpty();
                sampler.include((int) process.pid());
                RecordedEvents after = new RecordedEvents(sampler);
                after.until(() -> after.samplesOf(process.pid()).size() > 10);
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void samplesThatFindNoRoomAreCounted() throws Exception {
        TestProgram program = TestProgram.compile(directory, "split");
        SamplerOptions options = SamplerOptions.at(4999).withRingBytes(1 << 13);
        try (Sampler sampler = Sampler.open(options)) {
            Process process = program.start("2", "user");
            assertThat(process.waitFor()).isZero();
            SamplerStatistics statistics = sampler.statistics();
            assertThat(statistics.samplesLost()).isGreaterThan(1000);
            RecordedEvents events = new RecordedEvents(sampler);
            events.drain(20);
            assertThat(events.where(event -> event.kind() == EventKind.SAMPLE))
                    .hasSizeBetween(1, (int) sampler.statistics().samples());
        }
    }

    private static List<RecordedEvents.Event> samplesOf(
            TestProgram program, int frequency, String... arguments) throws IOException {
        try (Sampler sampler = Sampler.open(SamplerOptions.at(frequency))) {
            RecordedEvents events = new RecordedEvents(sampler);
            Process process = program.start(arguments);
            events.until(() -> !process.isAlive());
            return events.samplesOf(process.pid());
        }
    }

    private static String name(NavigableMap<Long, String> functions, long address) {
        Map.Entry<Long, String> entry = functions.floorEntry(address);
        return entry == null || address - entry.getKey() > 4096 ? "" : entry.getValue();
    }
}
