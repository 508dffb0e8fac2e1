package io.flarepath.symbolizer.jfr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.flarepath.symbolizer.JavaNames;
import io.flarepath.symbolizer.binary.ByteSource;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A recording of the JDK, against the JDK's own reader and what the program counted. */
@Timeout(120)
final class FlightRecorderTest {
    private static final Map<String, SampleKind> KINDS =
            Map.ofEntries(
                    Map.entry("jdk.ExecutionSample", SampleKind.CPU),
                    Map.entry("jdk.CPUTimeSample", SampleKind.CPU_TIME),
                    Map.entry("jdk.ObjectAllocationInNewTLAB", SampleKind.ALLOCATION_IN_NEW_TLAB),
                    Map.entry(
                            "jdk.ObjectAllocationOutsideTLAB", SampleKind.ALLOCATION_OUTSIDE_TLAB),
                    Map.entry("jdk.ObjectAllocationSample", SampleKind.ALLOCATION_SAMPLE),
                    Map.entry("jdk.JavaMonitorEnter", SampleKind.MONITOR),
                    Map.entry("jdk.ThreadPark", SampleKind.PARK),
                    Map.entry("jdk.FileWrite", SampleKind.FILE),
                    Map.entry("jdk.FileForce", SampleKind.FILE),
                    Map.entry("jdk.SocketRead", SampleKind.SOCKET),
                    Map.entry("jdk.SocketWrite", SampleKind.SOCKET),
                    Map.entry("jdk.JavaExceptionThrow", SampleKind.EXCEPTION),
                    Map.entry("jdk.SystemGC", SampleKind.SYSTEM_GC),
                    Map.entry("jdk.MethodTrace", SampleKind.TRACED),
                    Map.entry("jdk.OldObjectSample", SampleKind.OLD_OBJECT));

    /** How often {@code ByFlightRecorder} does what happens now and then. */
    private static final int TIMES = 20;

    private static RecordedPrograms.Run run;
    private static ReadRecording ours;

    @BeforeAll
    static void record(@TempDir Path directory) throws IOException {
        run = RecordedPrograms.byFlightRecorder(directory, 2_500);
        ours = ReadRecording.of(run.recording());
        theirs = RecordingFile.readAllEvents(run.recording());
    }

    private static List<RecordedEvent> theirs = List.of();

    /** Every event with its time, thread and stack, as text; in both readings the same. */
    @Test
    void everySampleIsTheOneThatTheJdkReads() {
        Map<String, Integer> balance = new HashMap<>();
        Map<SampleKind, Integer> read = new HashMap<>();
        for (RecordedEvent event : theirs) {
            SampleKind kind = KINDS.get(event.getEventType().getName());
            if (kind != null) {
                balance.merge(theirLine(kind, event), 1, Integer::sum);
                read.merge(kind, 1, Integer::sum);
            }
        }
        for (RecordedSample sample : ours.samples()) {
            balance.merge(ourLine(sample), -1, Integer::sum);
        }
        balance.values().removeIf(count -> count == 0);
        assertThat(balance).isEmpty();
        assertThat(read)
                .containsKeys(
                        SampleKind.CPU,
                        SampleKind.CPU_TIME,
                        SampleKind.ALLOCATION_SAMPLE,
                        SampleKind.ALLOCATION_IN_NEW_TLAB,
                        SampleKind.MONITOR,
                        SampleKind.PARK);
    }

    private static String ourLine(RecordedSample sample) {
        return sample.kind()
                + " "
                + sample.amount() / 1_000
                + " "
                + sample.unixNanos() / 1_000_000
                + " "
                + ours.thread(sample)
                + " "
                + ours.frames(sample).stream()
                        .map(frame -> frame.function() + ":" + frame.line())
                        .toList();
    }

    private static String theirLine(SampleKind kind, RecordedEvent event) {
        String threadField = event.hasField("sampledThread") ? "sampledThread" : "eventThread";
        Instant start = event.getStartTime();
        return kind
                + " "
                + theirAmount(event) / 1_000
                + " "
                + start.toEpochMilli()
                + " "
                + event.getThread(threadField).getJavaName()
                + " "
                + theirFrames(event);
    }

    private static long theirAmount(RecordedEvent event) {
        return switch (event.getEventType().getName()) {
            case "jdk.ExecutionSample" -> 10_000_000;
            case "jdk.CPUTimeSample" -> event.getDuration("samplingPeriod").toNanos();
            case "jdk.ObjectAllocationInNewTLAB" -> event.getLong("tlabSize");
            case "jdk.ObjectAllocationOutsideTLAB" -> event.getLong("allocationSize");
            case "jdk.ObjectAllocationSample" -> event.getLong("weight");
            case "jdk.OldObjectSample" -> event.getLong("objectSize");
            default -> event.getDuration().toNanos();
        };
    }

    private static List<String> theirFrames(RecordedEvent event) {
        List<String> frames = new ArrayList<>();
        if (event.getStackTrace() == null) {
            return List.of("[no stack recorded]:0");
        }
        for (RecordedFrame frame : event.getStackTrace().getFrames()) {
            RecordedMethod method = frame.getMethod();
            String owner = JavaNames.normalized(method.getType().getName().replace('.', '/'));
            frames.add(owner + "." + method.getName() + ":" + Math.max(0, frame.getLineNumber()));
        }
        if (event.getStackTrace().isTruncated()) {
            frames.add("[truncated in the recording]:0");
        }
        return frames;
    }

    @Test
    void theTotalsAreWhatTheProgramCounted() {
        long allocated = run.counted("allocatedBytes");
        assertThat(ours.amountIn(SampleKind.ALLOCATION_SAMPLE, "Recorded.allocate"))
                .isCloseTo(allocated, within(allocated / 10));
        long monitor = run.counted("monitorNanos");
        assertThat(ours.countIn(SampleKind.MONITOR, "Recorded.enterMonitor"))
                .isEqualTo(run.counted("monitorCount"));
        assertThat(ours.amountIn(SampleKind.MONITOR, "Recorded.enterMonitor"))
                .isCloseTo(monitor, within(monitor / 20));
        long lock = run.counted("lockNanos");
        assertThat(ours.amountIn(SampleKind.PARK, "Recorded.takeLock"))
                .isCloseTo(lock, within(lock / 20));
    }

    @Test
    void eventsThatAreNoSamplesAreCounted() {
        long sleeps =
                theirs.stream()
                        .filter(event -> event.getEventType().getName().equals("jdk.ThreadSleep"))
                        .count();
        assertThat(sleeps).isPositive();
        assertThat(ours.summary().ignored()).containsEntry("jdk.ThreadSleep", sleeps);
    }

    @Test
    void whatHappensNowAndThenIsThereAsOftenAsItHappened() {
        assertThat(ours.countIn(SampleKind.FILE, "ByFlightRecorder.others")).isEqualTo(2 * TIMES);
        assertThat(ours.countIn(SampleKind.SOCKET, "ByFlightRecorder.others")).isEqualTo(2 * TIMES);
        assertThat(ours.countIn(SampleKind.EXCEPTION, "ByFlightRecorder.traced"))
                .isGreaterThanOrEqualTo(TIMES);
        assertThat(ours.countIn(SampleKind.SYSTEM_GC, "ByFlightRecorder.others")).isEqualTo(1);
        assertThat(ours.countIn(SampleKind.TRACED, "ByFlightRecorder.others"))
                .isGreaterThanOrEqualTo(TIMES);
        assertThat(ours.amount(SampleKind.TRACED)).isGreaterThan(TIMES * 2_000_000L);
        assertThat(ours.amountIn(SampleKind.OLD_OBJECT, "ByFlightRecorder.others"))
                .isGreaterThanOrEqualTo(200_000);
    }

    @Test
    void manyChunksTakeNoMoreMemoryThanOne(@TempDir Path directory) throws IOException {
        int times = 30;
        Path many = directory.resolve("many.jfr");
        byte[] once = Files.readAllBytes(run.recording());
        try (OutputStream out = Files.newOutputStream(many)) {
            for (int i = 0; i < times; i++) {
                out.write(once);
            }
        }
        AtomicLong counted = new AtomicLong();
        long peakOfOne = peak(run.recording(), new AtomicLong());
        assertThat(peak(many, counted)).isLessThan(peakOfOne * 3 / 2);
        assertThat(counted).hasValue((long) times * ours.samples().size());
    }

    private static long peak(Path recording, AtomicLong samples) throws IOException {
        AtomicLong held = new AtomicLong();
        AtomicLong most = new AtomicLong();
        try (FileChannel channel = FileChannel.open(recording)) {
            new RecordingReader(
                            ByteSource.of(channel),
                            bytes -> most.accumulateAndGet(held.addAndGet(bytes), Math::max))
                    .read(sample -> samples.incrementAndGet());
        }
        return most.get();
    }

    @Test
    void itKnowsWhenItWas() {
        Duration length = Duration.ofNanos(ours.summary().endNanos() - ours.summary().startNanos());
        assertThat(length).isBetween(Duration.ofMillis(2_400), Duration.ofSeconds(60));
        // JDK 25 gives some exceptions a time before the recording; its own reader says the same.
        assertThat(ours.samples())
                .filteredOn(sample -> sample.kind() != SampleKind.EXCEPTION)
                .allSatisfy(sample ->
                        assertThat(sample.unixNanos())
                                .isBetween(
                                        ours.summary().startNanos() - 1_000_000_000L,
                                        ours.summary().endNanos()));
        assertThat(ours.summary().executionNanos()).isEqualTo(10_000_000);
    }
}
