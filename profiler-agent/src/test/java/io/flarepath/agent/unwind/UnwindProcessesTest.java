package io.flarepath.agent.unwind;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.agent.processes.MappedFile;
import io.flarepath.agent.processes.Processes;
import io.flarepath.agent.processes.ReplacedRanges;
import io.flarepath.agent.processes.SampledPids;
import io.flarepath.agent.processes.TrackedProcess;
import io.flarepath.config.Configuration;
import io.flarepath.config.ConfigurationException;
import io.flarepath.symbolizer.binary.ExecutableCache;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The process is this test's own; what is mapped in it is told by events. */
class UnwindProcessesTest {
    private static final int PID = Math.toIntExact(ProcessHandle.current().pid());
    private static final long SECOND = 1_000_000_000L;
    private static final long AT = 0x10_0000;
    private static final long BYTES = 0x1000;

    private final MetricRegistry registry = new MetricRegistry();
    private final FakeMemory memory = new FakeMemory(1);
    private final UnwindTables tables = new UnwindTables(new FakeSource(), memory, 1, registry);
    private Processes processes = ofThisMachine();
    private UnwindProcesses told =
            new UnwindProcesses(
                    processes, tables, memory, (process, address, now) -> null, registry);
    private TrackedProcess process = processes.find(PID, 7, "test", SECOND);

    private static Processes ofThisMachine() {
        SampledPids all =
                new SampledPids() {
                    @Override
                    public void exclude(int pid) {}

                    @Override
                    public void include(int pid) {}
                };
        try {
            Configuration configuration =
                    Configuration.load(null, Map.of("FLAREPATH_NODE", "test-node"), List.of());
            return Processes.of(configuration, new ExecutableCache(1, 1 << 20), all);
        } catch (ConfigurationException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void theKernelIsTold() {
        maps("/first.so", 1, SECOND);
        told.sync(process, 10 * SECOND);
    }

    private void maps(String path, long inode, long timeNanos) {
        maps(AT, path, inode, timeNanos);
    }

    private void maps(long start, String path, long inode, long timeNanos) {
        processes.onMapping(PID, start, start + BYTES, 0, MappedFile.of(path, 1, inode), timeNanos);
    }

    private ReplacedRanges since(long timeNanos) {
        return told.replacedSince(process, timeNanos);
    }

    @Test
    void codeThatIsAddedReplacesNone() {
        maps(AT + BYTES, "", 0, 20 * SECOND);
        told.sync(process, 20 * SECOND);
        maps(AT + 2 * BYTES, "", 0, 30 * SECOND);
        told.sync(process, 30 * SECOND);

        assertThat(since(15 * SECOND).isEmpty()).isTrue();
    }

    @Test
    void anotherFileAtItsPlaceReplacesOne() {
        maps("/second.so", 2, 11 * SECOND);

        assertThat(since(10 * SECOND).hold(AT)).isTrue();
        assertThat(since(10 * SECOND).hold(AT + BYTES)).isFalse();
        told.sync(process, 11 * SECOND);
        assertThat(since(10 * SECOND).hold(AT)).isTrue();
    }

    @Test
    void whatIsForgottenMayHaveBeenAnything() {
        maps("/second.so", 2, 11 * SECOND);
        told.sync(process, 11 * SECOND);
        told.sync(process, 20 * SECOND);

        assertThat(since(10 * SECOND).hold(AT + 5 * BYTES)).isTrue();
        assertThat(since(21 * SECOND).isEmpty()).isTrue();
    }

    @Test
    void aSampleOfEarlierMappingsIsToldOfAllThatWasReplaced() {
        long generation = generation(10 * SECOND);
        maps("/second.so", 2, 11 * SECOND);
        told.sync(process, 11 * SECOND);
        maps(AT + BYTES, "/third.so", 3, 12 * SECOND);
        maps(AT + BYTES, "/fourth.so", 4, 12 * SECOND);

        assertThat(told.staleFor(process, generation).hold(AT)).isTrue();
        assertThat(told.staleFor(process, generation).hold(AT + BYTES)).isTrue();
    }

    private long generation(long nowNanos) {
        MappingBlock block = told.sync(process, nowNanos);
        assertThat(block).isNotNull();
        return block == null ? 0 : block.generation();
    }
}
