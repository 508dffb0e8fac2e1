package io.flarepath.symbolizer.jfr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A recording of async-profiler, against the JDK's reader and what the program counted. */
@Timeout(120)
final class AsyncProfilerTest {
    private static RecordedPrograms.Run run;
    private static ReadRecording ours;
    private static List<RecordedEvent> theirs = List.of();

    @BeforeAll
    static void record(@TempDir Path directory) throws IOException {
        run =
                RecordedPrograms.byAsyncProfiler(
                        directory,
                        2_500,
                        "event=itimer,interval=5ms,alloc=100k,live,lock=1ms,wall=20ms,nativemem=1m");
        ours = ReadRecording.of(run.recording());
        theirs = RecordingFile.readAllEvents(run.recording());
    }

    @Test
    void asManySamplesAsTheJdkReads() {
        Map<String, SampleKind> kinds =
                Map.of(
                        "jdk.ExecutionSample", SampleKind.CPU,
                        "profiler.WallClockSample", SampleKind.WALL,
                        "jdk.ObjectAllocationInNewTLAB", SampleKind.ALLOCATION_IN_NEW_TLAB,
                        "jdk.ObjectAllocationOutsideTLAB", SampleKind.ALLOCATION_OUTSIDE_TLAB,
                        "profiler.LiveObject", SampleKind.LIVE_OBJECT,
                        "jdk.JavaMonitorEnter", SampleKind.MONITOR,
                        "jdk.ThreadPark", SampleKind.PARK,
                        "profiler.Malloc", SampleKind.MALLOC);
        Map<SampleKind, Integer> expected = new HashMap<>();
        for (RecordedEvent event : theirs) {
            SampleKind kind = kinds.get(event.getEventType().getName());
            if (kind != null) {
                expected.merge(kind, 1, Integer::sum);
            }
        }
        Map<SampleKind, Integer> read = new HashMap<>();
        ours.samples().forEach(sample -> read.merge(sample.kind(), 1, Integer::sum));
        assertThat(read).isEqualTo(expected);
        assertThat(read.keySet())
                .contains(
                        SampleKind.CPU,
                        SampleKind.WALL,
                        SampleKind.ALLOCATION_IN_NEW_TLAB,
                        SampleKind.LIVE_OBJECT,
                        SampleKind.MONITOR,
                        SampleKind.PARK);
    }

    @Test
    void theTotalsAreWhatTheProgramCounted() {
        assertThat(ours.summary().event()).isEqualTo("itimer");
        assertThat(ours.summary().executionNanos()).isEqualTo(5_000_000);
        assertThat(ours.summary().wallNanos()).isEqualTo(20_000_000);
        long cpu = run.counted("cpuNanos");
        assertThat(ours.amountIn(SampleKind.CPU, "Recorded.main")).isCloseTo(cpu, within(cpu / 4));
        long allocated = run.counted("allocatedBytes");
        assertThat(ours.amountIn(SampleKind.ALLOCATION_IN_NEW_TLAB, "Recorded.allocate"))
                .isCloseTo(allocated, within(allocated * 15 / 100));
        long monitor = run.counted("monitorNanos");
        assertThat(ours.countIn(SampleKind.MONITOR, "Recorded.enterMonitor"))
                .isEqualTo(run.counted("monitorCount"));
        assertThat(ours.amountIn(SampleKind.MONITOR, "Recorded.enterMonitor"))
                .isCloseTo(monitor, within(monitor / 20));
        long lock = run.counted("lockNanos");
        // A thread that was woken too early parks once more, and one that came late, since it had
        // no
        // CPU, need not park at all.
        long locks = run.counted("lockCount");
        assertThat(ours.countIn(SampleKind.PARK, "Recorded.takeLock"))
                .isBetween(locks - 2 - locks / 10, locks * 3 / 2);
        assertThat(ours.amountIn(SampleKind.PARK, "Recorded.takeLock"))
                .isCloseTo(lock, within(lock / 20));
    }

    /** Samples of a sleeping thread come in batches: what counts is what they stand for. */
    @Test
    void theMainThreadWasThereAllTheTime() {
        long wall =
                ours.of(SampleKind.WALL).stream()
                        .filter(sample -> ours.names(sample).contains("Recorded.main"))
                        .mapToLong(RecordedSample::amount)
                        .sum();
        long length = run.counted("wallNanos");
        assertThat(wall).isCloseTo(length, within(length / 4));
        assertThat(ours.of(SampleKind.WALL)).anyMatch(sample -> sample.count() > 1);
    }

    @Test
    void framesAreOfTheirKinds() {
        List<Frame> frames = ours.stacks().frames();
        assertThat(frames)
                .anySatisfy(frame -> {
                    assertThat(frame.function()).isEqualTo("Recorded.burn");
                    assertThat(frame.kind()).isEqualTo(FrameKind.JVM);
                    assertThat(frame.line()).isPositive();
                })
                .anySatisfy(frame -> {
                    assertThat(frame.mapping()).isEqualTo("libjvm.so");
                    assertThat(frame.kind()).isEqualTo(FrameKind.NATIVE);
                    assertThat(frame.function()).doesNotContain("libjvm.so");
                })
                .anyMatch(frame -> frame.function().startsWith("Recorded$$Lambda_."));
        assertThat(ours.of(SampleKind.CPU))
                .anySatisfy(sample ->
                        assertThat(Collections.frequency(ours.names(sample), "Recorded.descend"))
                                .isEqualTo(21));
        assertThat(frames).noneMatch(frame -> frame.function().contains("0x"));
        assertThat(ours.of(SampleKind.MONITOR))
                .filteredOn(sample -> ours.names(sample).contains("Recorded.enterMonitor"))
                .isNotEmpty()
                .allSatisfy(sample -> assertThat(ours.thread(sample)).isEqualTo("monitor-waiter"));
    }
}
