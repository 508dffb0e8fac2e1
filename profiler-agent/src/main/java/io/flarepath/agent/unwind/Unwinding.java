package io.flarepath.agent.unwind;

import io.flarepath.agent.jvm.JavaVirtualMachines;
import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.agent.processes.FoundExecutables;
import io.flarepath.agent.processes.Processes;
import io.flarepath.bpf.Sampler;
import io.flarepath.bpf.UnwindMaps;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Puts together what tells the unwinder in the kernel of processes and executables. */
public final class Unwinding implements AutoCloseable {
    private final UnwindFiles files;
    private final JavaVirtualMachines machines;
    private final KeptWalks walks;

    private Unwinding(UnwindFiles files, JavaVirtualMachines machines, KeptWalks walks) {
        this.files = files;
        this.machines = machines;
        this.walks = walks;
    }

    /**
     * Starts the making of tables.
     *
     * @param sampler whose unwinder it is; closed after this
     * @param processes that it samples
     * @param folder of the tables
     * @param mostBytes that they may take in it
     * @throws IOException if the folder cannot be written
     */
    public static Unwinding start(
            Sampler sampler,
            Processes processes,
            Path folder,
            long mostBytes,
            MetricRegistry registry)
            throws IOException {
        UnwindFiles files = UnwindFiles.start(folder, mostBytes, registry);
        UnwindMemory memory = new KernelMemory(sampler.unwindMaps());
        UnwindTables tables = new UnwindTables(files, memory, registry);
        JavaVirtualMachines machines =
                new JavaVirtualMachines(processes, memory.codeHeaps(), registry);
        UnwindProcesses told =
                new UnwindProcesses(processes, tables, memory, machines::heapAt, registry);
        processes.listener(files);
        processes.onEnd(process -> {
            told.ended(process);
            machines.ended(process);
        });
        KeptWalks walks =
                new KeptWalks(told, machines, tables, memory, processes::refreshMappings, registry);
        return new Unwinding(files, machines, walks);
    }

    /** The JVMs among the processes; for the thread of the samples. */
    public JavaVirtualMachines machines() {
        return machines;
    }

    /** Samples whose walk is kept back; for the thread of the samples. */
    public KeptWalks walks() {
        return walks;
    }

    /** Makes tables of executables that it is told of, sampled or not. */
    public FoundExecutables files() {
        return files;
    }

    /** Executables whose table is not made yet. */
    public int waiting() {
        return files.waiting();
    }

    @Override
    public void close() {
        files.close();
        machines.close();
    }

    /** The memory of a sampler. */
    private record KernelMemory(UnwindMaps maps) implements UnwindMemory {
        @Override
        public ByteBuffer rules() {
            return maps.rules();
        }

        @Override
        public ByteBuffer pages() {
            return maps.pages();
        }

        @Override
        public ByteBuffer executables() {
            return maps.executables();
        }

        @Override
        public ByteBuffer mappings() {
            return maps.mappings();
        }

        @Override
        public ByteBuffer codeHeaps() {
            return maps.codeHeaps();
        }

        @Override
        public ByteBuffer segment(int number) {
            return maps.segment(number);
        }

        @Override
        public void setProcess(
                int pid, long image, int first, int count, long generation, boolean unwalkable) {
            maps.setProcess(pid, image, first, count, generation, unwalkable);
        }

        @Override
        public void removeProcess(int pid, long image) {
            maps.removeProcess(pid, image);
        }

        @Override
        public int resume(
                ByteBuffer from,
                int position,
                int first,
                int count,
                long generation,
                ByteBuffer to) {
            return maps.resume(from, position, first, count, generation, to);
        }
    }
}
