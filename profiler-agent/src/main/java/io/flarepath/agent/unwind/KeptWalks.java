package io.flarepath.agent.unwind;

import io.flarepath.agent.jvm.JavaVirtualMachines;
import io.flarepath.agent.metrics.Counter;
import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.agent.processes.ReplacedRanges;
import io.flarepath.agent.processes.Resource;
import io.flarepath.agent.processes.TrackedProcess;
import io.flarepath.bpf.EventReader;
import io.flarepath.bpf.Sampler;
import io.flarepath.bpf.UserStackEnd;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Samples whose walk could not go on when they were taken, since a process, a mapping or the rules
 * of an executable were not known: they are kept with the copy of their stack, and go on when that
 * has come. What does not come in time is handed over as far as it was walked. For one thread.
 */
public final class KeptWalks {
    /** For so long a sample waits for the rules of an executable. */
    private static final long PATIENCE_NANOS = 8_000_000_000L;

    /** Bytes of samples that wait; of more, the oldest go first. */
    private static final int MAX_BYTES = 8 << 20;

    /** After so many in a row that led nowhere, no more stacks of a process are copied. */
    private static final int LEADING_NOWHERE = 32;

    private static final class Kept {
        final byte[] record;
        final TrackedProcess process;
        final Resource resource;
        final long sinceNanos;

        /** Of the process's mappings when the sample was taken. */
        final int mappingsGeneration;

        int tablesVersion = -1;
        long generation;
        boolean refreshed;

        Kept(
                byte[] record,
                TrackedProcess process,
                Resource resource,
                long sinceNanos,
                int mappingsGeneration) {
            this.mappingsGeneration = mappingsGeneration;
            this.record = record;
            this.process = process;
            this.resource = resource;
            this.sinceNanos = sinceNanos;
        }
    }

    /** Takes a sample whose walk has ended. */
    @FunctionalInterface
    public interface Sink {
        /**
         * A sample.
         *
         * @param sample read only during the call
         * @param changed where other code was mapped when the sample was taken than is now, so that
         *     addresses cannot be named any more
         */
        void sample(
                EventReader sample,
                TrackedProcess process,
                Resource resource,
                ReplacedRanges changed);
    }

    /** Reads the mappings of a process once more, if that is due; gives whether it did. */
    @FunctionalInterface
    public interface MappingsRefresh {
        boolean refresh(TrackedProcess process, long nowNanos);
    }

    private final UnwindProcesses processes;
    private final JavaVirtualMachines machines;
    private final UnwindTables tables;
    private final UnwindMemory memory;
    private final MappingsRefresh mappings;
    private final Deque<Kept> kept = new ArrayDeque<>();
    private final ByteBuffer from = ByteBuffer.allocateDirect(Sampler.MIN_BUFFER_BYTES);
    private final ByteBuffer to = ByteBuffer.allocateDirect(Sampler.MIN_BUFFER_BYTES);
    private final EventReader reader = new EventReader();
    private final Counter wentOn;
    private final Counter late;
    private final Counter nowhere;
    private int bytes;

    /**
     * @param processes tells the kernel of their mappings
     * @param machines those of them that are JVMs
     * @param tables of the executables
     * @param memory of the unwinder
     * @param mappings asked when an address lies in no mapping that is known
     */
    public KeptWalks(
            UnwindProcesses processes,
            JavaVirtualMachines machines,
            UnwindTables tables,
            UnwindMemory memory,
            MappingsRefresh mappings,
            MetricRegistry registry) {
        this.processes = processes;
        this.machines = machines;
        this.tables = tables;
        this.memory = memory;
        this.mappings = mappings;
        String name = "kept_walks_total";
        String help = "Samples whose walk was kept back, by what became of it.";
        wentOn = registry.counter(name, help, "result", "went_on");
        late = registry.counter(name, help, "result", "gave_up");
        nowhere = registry.counter(name, help, "result", "unmapped");
        registry.gauge(
                "kept_walks_bytes", "Bytes of samples whose walk is kept back.", () -> bytes);
    }

    /**
     * Takes a sample that {@link EventReader#canGoOn}: hands it over if it goes on to its end at
     * once, by the mappings of its time, which are the process's at this moment; else keeps it.
     */
    public void keep(
            EventReader sample,
            TrackedProcess process,
            Resource resource,
            long nowNanos,
            Sink sink) {
        byte[] record = new byte[sample.recordBytes()];
        sample.copyRecord(ByteBuffer.wrap(record), 0);
        while (bytes + record.length > MAX_BYTES && !kept.isEmpty()) {
            giveUp(kept.remove(), sink);
        }
        int generation = process.mappings().generation();
        bytes += record.length;
        Kept left = goOn(new Kept(record, process, resource, nowNanos, generation), nowNanos, sink);
        if (left != null) {
            kept.add(left);
        }
    }

    /**
     * Where other code was mapped when a sample was walked than is now.
     *
     * @param generation of the mappings by which it was walked
     */
    public ReplacedRanges staleFor(TrackedProcess process, long generation) {
        return processes.staleFor(process, generation);
    }

    /** Tells the kernel of a process that will be sampled, so that no walk of it is kept back. */
    public void expect(TrackedProcess process, long nowNanos) {
        MappingBlock block = processes.sync(process, nowNanos);
        if (block != null) {
            processes.resolveAll(process, block);
        }
    }

    /** Goes on with all that can, and hands over those whose walk has ended. */
    public void goOn(long nowNanos, Sink sink) {
        tables.tick(nowNanos);
        machines.tick(nowNanos, process -> processes.renew(process, nowNanos));
        List<Kept> stay = new ArrayList<>();
        for (Kept walk = kept.poll(); walk != null; walk = kept.poll()) {
            Kept left = goOn(walk, nowNanos, sink);
            if (left != null) {
                stay.add(left);
            }
        }
        kept.addAll(stay);
        processes.releaseExited();
    }

    /** Hands over all, as far as they were walked: at the end. */
    public void finish(long nowNanos, Sink sink) {
        goOn(nowNanos, sink);
        for (Kept walk = kept.poll(); walk != null; walk = kept.poll()) {
            giveUp(walk, sink);
        }
    }

    /** Goes on as far as can be; gives what is to be kept further, or null. */
    private @Nullable Kept goOn(Kept walk, long nowNanos, Sink sink) {
        MappingBlock block = processes.sync(walk.process, nowNanos);
        if (block == null) {
            giveUp(walk, sink);
            return null;
        }
        if (walk.tablesVersion == tables.version() && walk.generation == block.generation()) {
            return keptOrLate(walk, nowNanos, sink);
        }
        if (resume(walk, block)) {
            return end(walk, wentOn, sink);
        }
        if (reader.userStackEnd() == UserStackEnd.UNMAPPED) {
            if (walk.refreshed || !mappings.refresh(walk.process, nowNanos)) {
                if (++block.ledNowhere >= LEADING_NOWHERE) {
                    processes.giveUp(walk.process);
                }
                return end(walk, nowhere, sink);
            }
            Kept again = advanced(walk);
            again.refreshed = true;
            return goOn(again, nowNanos, sink);
        }
        block.ledNowhere = 0;
        Kept further = advanced(walk);
        if (processes.resolve(walk.process, block, stoppedAt())) {
            return goOn(further, nowNanos, sink);
        }
        further.tablesVersion = tables.version();
        further.generation = block.generation();
        return keptOrLate(further, nowNanos, sink);
    }

    private long stoppedAt() {
        return reader.stoppedAddress() - (reader.stoppedExactly() ? 0 : 1);
    }

    private @Nullable Kept keptOrLate(Kept walk, long nowNanos, Sink sink) {
        if (nowNanos - walk.sinceNanos <= PATIENCE_NANOS) {
            return walk;
        }
        giveUp(walk, sink);
        return null;
    }

    /** Goes on with a walk; the reader has it afterwards. Gives whether it has ended. */
    private boolean resume(Kept walk, MappingBlock block) {
        from.put(0, walk.record);
        int length = memory.resume(from, 0, block.first(), block.count(), block.generation(), to);
        reader.wrap(to, length);
        if (!reader.next()) {
            throw new IllegalStateException("a walk that goes on gave no sample");
        }
        return !reader.canGoOn();
    }

    private Kept advanced(Kept walk) {
        byte[] record = new byte[reader.recordBytes()];
        reader.copyRecord(ByteBuffer.wrap(record), 0);
        bytes += record.length - walk.record.length;
        Kept later =
                new Kept(
                        record,
                        walk.process,
                        walk.resource,
                        walk.sinceNanos,
                        walk.mappingsGeneration);
        later.refreshed = walk.refreshed;
        return later;
    }

    /** Hands over what the reader has; nothing of it is left here. */
    private @Nullable Kept end(Kept walk, Counter counter, Sink sink) {
        bytes -= walk.record.length;
        counter.increment();
        sink.sample(reader, walk.process, walk.resource, changedSince(walk));
        return null;
    }

    private ReplacedRanges changedSince(Kept walk) {
        // What was read anew is what is mapped now, not what was when the sample was taken.
        boolean may =
                walk.refreshed || walk.process.mappings().generation() != walk.mappingsGeneration;
        return may ? processes.replacedSince(walk.process, walk.sinceNanos) : ReplacedRanges.NONE;
    }

    private void giveUp(Kept walk, Sink sink) {
        from.put(0, walk.record);
        reader.wrap(from, walk.record.length);
        if (!reader.next()) {
            throw new IllegalStateException("a kept record is no sample");
        }
        end(walk, late, sink);
    }
}
