package io.flarepath.agent.unwind;

import io.flarepath.agent.jvm.HeapRange;
import io.flarepath.agent.metrics.Counter;
import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.agent.processes.MappedFile;
import io.flarepath.agent.processes.Mappings;
import io.flarepath.agent.processes.Processes;
import io.flarepath.agent.processes.ReplacedRanges;
import io.flarepath.agent.processes.TrackedProcess;
import io.flarepath.bpf.BpfException;
import io.flarepath.symbolizer.binary.Executable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the kernel of the mappings of processes that are sampled, and which executable each mapping
 * is once a stack has led there. For one thread.
 */
public final class UnwindProcesses {
    private static final Logger LOG = LoggerFactory.getLogger(UnwindProcesses.class);

    /** A sample may have been walked by mappings that were replaced so long ago. */
    private static final long STALE_NANOS = 2_000_000_000L;

    /**
     * A stack of a process with so few mappings leads to most of them: finding out at once what
     * they are costs less than a walk that stops at each.
     */
    private static final int FEW_MAPPINGS = 8;

    private static final class Told {
        final long image;
        @Nullable MappingBlock block;
        int version;

        /** Whether some mappings of it are told to be replaced again and again. */
        boolean unsettled;

        /** What was replaced before the kernel was told last, and when that was. */
        final ReplacedRanges stale = new ReplacedRanges();

        long staleNanos;

        /** From when on {@link #stale} has all that was replaced. */
        long staleSinceNanos = Long.MIN_VALUE;

        Told(long image) {
            this.image = image;
        }
    }

    /** Finds code heaps. */
    @FunctionalInterface
    public interface CodeHeaps {
        /** The code heap that an address of memory without a file lies in; null for none. */
        @Nullable HeapRange heapAt(TrackedProcess process, long address, long nowNanos);
    }

    private final CodeHeaps machines;
    private final Processes processes;
    private final UnwindTables tables;
    private final UnwindMemory memory;
    private final MappingRows rows;
    private final Map<TrackedProcess, Told> told = new HashMap<>();
    private final List<TrackedProcess> exited = new ArrayList<>();
    private final Counter noRoom;

    /**
     * @param processes finds the executables
     * @param tables of the executables
     * @param memory of the unwinder
     * @param machines finds code heaps of JVMs
     */
    public UnwindProcesses(
            Processes processes,
            UnwindTables tables,
            UnwindMemory memory,
            CodeHeaps machines,
            MetricRegistry registry) {
        this.machines = machines;
        this.processes = processes;
        this.tables = tables;
        this.memory = memory;
        rows = new MappingRows(memory.mappings(), tables);
        noRoom =
                registry.counter(
                        "unwind_mappings_no_room_total",
                        "Times that the kernel could not be told of the mappings of a process.");
        registry.gauge("unwind_mapping_rows", "Mappings that the kernel is told of.", rows::used);
        registry.gauge(
                "unwind_processes", "Processes whose mappings the kernel knows.", told::size);
    }

    /**
     * Tells the kernel of the mappings of a process, unless it knows them.
     *
     * @return where they are; null if there is no room for them
     */
    @Nullable MappingBlock sync(TrackedProcess process, long nowNanos) {
        Told now = told.get(process);
        Mappings mappings = process.mappings();
        if (now != null
                && now.block != null
                && now.version == mappings.version()
                && !(now.unsettled && isQuiet(now, nowNanos))) {
            return now.block;
        }
        boolean first = now == null;
        if (now == null) {
            now = new Told(process.image());
            told.put(process, now);
            if (process.hasExited()) {
                exited.add(process);
            }
        }
        replace(process, now, nowNanos);
        if (first && now.block != null && mappings.size() <= FEW_MAPPINGS) {
            resolveAll(process, now.block);
        }
        return now.block;
    }

    private void replace(TrackedProcess process, Told now, long nowNanos) {
        Mappings mappings = process.mappings();
        MappingBlock old = now.block;
        MappingBlock fresh = rows.allocate(mappings.size());
        now.block = fresh;
        now.version = mappings.version();
        if (!now.stale.isEmpty() && isQuiet(now, nowNanos)) {
            now.stale.clear();
            now.staleSinceNanos = nowNanos;
        }
        if (!mappings.replaced().isEmpty()) {
            now.stale.take(mappings.replaced());
            now.staleNanos = nowNanos;
        }
        if (fresh == null) {
            noRoom.increment();
            memory.removeProcess(process.pid(), now.image);
        } else {
            fill(process, fresh, nowNanos);
            now.unsettled = unsettle(process, fresh, now.stale);
            if (!process.hasExited()) {
                tell(process, now, fresh, false);
            }
        }
        if (old != null) {
            rows.free(old);
        }
    }

    private void tell(TrackedProcess process, Told now, MappingBlock block, boolean unwalkable) {
        try {
            memory.setProcess(
                    process.pid(),
                    now.image,
                    block.first(),
                    block.count(),
                    block.generation(),
                    unwalkable);
        } catch (BpfException e) {
            noRoom.increment();
            LOG.debug("process {} stays unknown to the kernel: {}", process.pid(), e.toString());
        }
    }

    private void fill(TrackedProcess process, MappingBlock block, long nowNanos) {
        Mappings mappings = process.mappings();
        for (int i = 0; i < mappings.size(); i++) {
            rows.write(block, i, mappings.start(i), mappings.end(i));
            MappedFile file = mappings.file(i);
            Executable known = file.knownExecutable();
            if (known != null) {
                tell(block, mappings, i, known);
            } else if (!file.isFile()) {
                special(process, block, i, nowNanos);
            }
        }
    }

    private static boolean isQuiet(Told now, long nowNanos) {
        return nowNanos - now.staleNanos > STALE_NANOS;
    }

    /** Marks what was replaced lately; gives whether there is such. */
    private boolean unsettle(TrackedProcess process, MappingBlock block, ReplacedRanges stale) {
        Mappings mappings = process.mappings();
        boolean any = false;
        for (int i = 0; i < mappings.size() && !stale.isEmpty(); i++) {
            if (stale.hold(mappings.start(i)) && mappings.file(i).isFile()) {
                rows.unsettled(block, i);
                any = true;
            }
        }
        return any;
    }

    /** The vDSO has rules as libraries do, a JVM its own; of other memory nothing is known. */
    private void special(TrackedProcess process, MappingBlock block, int index, long nowNanos) {
        Mappings mappings = process.mappings();
        HeapRange heap = machines.heapAt(process, mappings.start(index), nowNanos);
        if (heap != null) {
            boolean last = index + 1 == mappings.size();
            long most = last ? heap.end() : Math.min(heap.end(), mappings.start(index + 1));
            rows.codeHeap(block, index, heap.number(), Math.max(mappings.end(index), most));
            return;
        }
        int vdso = mappings.file(index).path().equals("[vdso]") ? tables.vdso() : 0;
        if (vdso == 0) {
            rows.code(block, index);
        } else {
            rows.executable(block, index, vdso, mappings.start(index) - tables.vdsoAddress());
        }
    }

    private void tell(MappingBlock block, Mappings mappings, int index, Executable executable) {
        long start = mappings.start(index);
        OptionalLong address =
                executable.codeAddress(
                        mappings.fileOffset(index, start), mappings.end(index) - start);
        int number = tables.numberOf(executable);
        if (address.isEmpty() || number == 0) {
            rows.code(block, index);
        } else {
            rows.executable(block, index, number, start - address.getAsLong());
        }
    }

    /**
     * Finds out which executable an address of a process belongs to, and tells the kernel.
     *
     * @return whether that was not known before
     */
    boolean resolve(TrackedProcess process, MappingBlock block, long address) {
        Mappings mappings = process.mappings();
        int index = mappings.find(address);
        if (index < 0 || index >= block.count() || rows.isTold(block, index)) {
            return false;
        }
        Executable executable = processes.executable(process, index);
        if (executable == null) {
            rows.code(block, index);
        } else {
            tell(block, mappings, index, executable);
        }
        return true;
    }

    /** Finds out which executables all mappings of a process belong to, and tells the kernel. */
    void resolveAll(TrackedProcess process, MappingBlock block) {
        Mappings mappings = process.mappings();
        for (int i = 0; i < mappings.size(); i++) {
            resolve(process, block, mappings.start(i));
        }
    }

    /** Tells the kernel anew of a process of which it was told: its code heaps are known now. */
    void renew(TrackedProcess process, long nowNanos) {
        Told now = told.get(process);
        if (now != null) {
            replace(process, now, nowNanos);
        }
    }

    /** No more stacks of the process are copied until its mappings change. */
    void giveUp(TrackedProcess process) {
        Told now = told.get(process);
        if (now != null && now.block != null && !process.hasExited()) {
            tell(process, now, now.block, true);
        }
    }

    /**
     * Where other code was mapped when a sample was walked than is now.
     *
     * @param generation of the mappings by which it was walked
     */
    ReplacedRanges staleFor(TrackedProcess process, long generation) {
        Told now = told.get(process);
        if (now == null || now.block == null || now.block.generation() == generation) {
            return process.mappings().replaced();
        }
        return allReplaced(process, now);
    }

    private static ReplacedRanges allReplaced(TrackedProcess process, Told now) {
        ReplacedRanges all = new ReplacedRanges();
        all.addAll(now.stale);
        all.addAll(process.mappings().replaced());
        return all;
    }

    /** All ranges in which other code may have been mapped at a time than is now. */
    ReplacedRanges replacedSince(TrackedProcess process, long timeNanos) {
        Told now = told.get(process);
        // Where nobody knows any more, anything may have been replaced.
        return now == null || now.staleSinceNanos > timeNanos
                ? ReplacedRanges.ALL
                : allReplaced(process, now);
    }

    /** A process has ended, or runs another program. */
    public void ended(TrackedProcess process) {
        Told last = told.get(process);
        if (last != null) {
            exited.add(process);
        }
    }

    /** Gives back what belongs to processes that have ended; walks are done with them for now. */
    void releaseExited() {
        for (TrackedProcess process : exited) {
            Told last = told.remove(process);
            if (last != null) {
                memory.removeProcess(process.pid(), last.image);
                if (last.block != null) {
                    rows.free(last.block);
                }
            }
        }
        exited.clear();
    }
}
