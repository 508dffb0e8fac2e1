package io.flarepath.agent.jvm;

import io.flarepath.agent.metrics.Counter;
import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.agent.processes.Mappings;
import io.flarepath.agent.processes.Processes;
import io.flarepath.agent.processes.Resource;
import io.flarepath.agent.processes.TrackedProcess;
import io.flarepath.bpf.JvmFrame;
import io.flarepath.bpf.UnwindLayout;
import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import io.flarepath.symbolizer.binary.Executable;
import io.flarepath.symbolizer.live.PerfMap;
import io.flarepath.symbolizer.live.hotspot.CodeHeap;
import io.flarepath.symbolizer.live.hotspot.HotSpot;
import io.flarepath.symbolizer.live.hotspot.ProcessMemory;
import io.flarepath.symbolizer.live.hotspot.UnwindFacts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JVMs among the processes that are sampled. Nothing is loaded into them, and they are not
 * asked: what they export of themselves is read from their memory. One that is not understood is
 * refused as a whole, since half of a stack would look like a stack. For one thread.
 */
public final class JavaVirtualMachines implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JavaVirtualMachines.class);

    private static final String LIBRARY = "libjvm.so";

    /** How often one that is starting is looked at: often at first. */
    private static final long SOON_NANOS = 50_000_000L;

    private static final long LATER_NANOS = 2_000_000_000L;
    private static final long STARTING_NANOS = 10_000_000_000L;

    /** A JVM that gets little CPU time needs so long until it has set itself up. */
    private static final long LONGEST_START_NANOS = 300_000_000_000L;

    /** Of all JVMs together: frames of compiled code, and bytes of what is read of them. */
    private static final int ALL_FRAMES = 20_000;

    private static final int ALL_BYTES = 8 << 20;

    /** What was kept of one that is not sampled for so long is dropped. */
    private static final long IDLE_NANOS = 60_000_000_000L;

    private final Processes processes;
    private final CodeHeapTable table;
    private final Map<TrackedProcess, VirtualMachine> machines = new HashMap<>();
    private final Introspection introspection = new Introspection();
    private long sharedNanos;
    private final List<TrackedProcess> ended = new ArrayList<>();
    private final Counter refused;

    /** JVMs by state, for the threads that ask; never changed once it is here. */
    private volatile Map<VirtualMachine.State, Integer> counts = Map.of();

    private volatile List<SeenJvm> seen = List.of();

    /**
     * @param processes finds the JVM's library
     * @param codeHeaps the kernel's memory for their descriptions
     */
    public JavaVirtualMachines(Processes processes, ByteBuffer codeHeaps, MetricRegistry registry) {
        this.processes = processes;
        table = new CodeHeapTable(codeHeaps);
        for (VirtualMachine.State state : VirtualMachine.State.values()) {
            registry.gauge(
                    "jvms_" + state.name().toLowerCase(Locale.ROOT),
                    "JVMs that are sampled, by how far they are understood.",
                    () -> counts.getOrDefault(state, 0));
        }
        refused =
                registry.counter(
                        "jvms_refused_total", "JVMs whose frames could not be understood.");
    }

    /** The JVMs as they were a moment ago, in no order. Any thread may ask. */
    public List<SeenJvm> seen() {
        return seen;
    }

    private void publish() {
        List<SeenJvm> now = new ArrayList<>(machines.size());
        machines.forEach((process, machine) -> {
            Resource resource = process.hasExited() ? null : processes.resource(process);
            if (resource != null) {
                Map<String, String> attributes = resource.attributes();
                HotSpot vm = machine.hotSpot;
                now.add(
                        new SeenJvm(
                                process.pid(),
                                machine.bornNanos,
                                attributes.getOrDefault("service.name", ""),
                                attributes.getOrDefault("k8s.namespace.name", ""),
                                attributes.getOrDefault("k8s.pod.name", ""),
                                vm == null ? "" : vm.version(),
                                machine.state.name().toLowerCase(Locale.ROOT),
                                machine.reason));
            }
        });
        seen = List.copyOf(now);
    }

    private void count() {
        Map<VirtualMachine.State, Integer> now = new EnumMap<>(VirtualMachine.State.class);
        for (VirtualMachine machine : machines.values()) {
            now.merge(machine.state, 1, Integer::sum);
        }
        counts = now;
    }

    /**
     * The code heap that an address of memory without a file lies in, or null if it is in none. A
     * JVM is looked for in the process, if that has not been done.
     */
    public @Nullable HeapRange heapAt(TrackedProcess process, long address, long nowNanos) {
        VirtualMachine machine = look(process, nowNanos);
        if (machine == null) {
            return null;
        }
        return switch (machine.state) {
            case STARTING -> new HeapRange(address, address, UnwindLayout.HEAP_STARTING);
            case REFUSED ->
                    machine.hasPerfMap
                            ? null
                            : new HeapRange(address, address, UnwindLayout.HEAP_REFUSED);
            case TRUSTED -> {
                for (VirtualMachine.Described described : machine.heaps) {
                    CodeHeap heap = described.heap();
                    if (address >= heap.start() && address < heap.end()) {
                        yield new HeapRange(heap.start(), heap.end(), described.number());
                    }
                }
                yield null;
            }
        };
    }

    private @Nullable VirtualMachine look(TrackedProcess process, long nowNanos) {
        VirtualMachine known = machines.get(process);
        if (known != null || process.mappings().withName(LIBRARY) == null || process.hasExited()) {
            return known;
        }
        VirtualMachine machine;
        try {
            machine = new VirtualMachine(ProcessMemory.open(process.pid()), nowNanos);
        } catch (IOException e) {
            // It has ended, or may not be read: both are seen again with the next sample.
            LOG.debug("memory of process {} cannot be read: {}", process.pid(), e.toString());
            return null;
        }
        machines.put(process, machine);
        begin(process, machine, nowNanos);
        return machine;
    }

    /**
     * Looks again at those that were starting, and gives back what belongs to those that ended.
     *
     * @param changed told of a process whose code heaps are known now
     */
    public void tick(long nowNanos, Consumer<TrackedProcess> changed) {
        release();
        List<TrackedProcess> settled = new ArrayList<>();
        machines.forEach((process, machine) -> {
            CompletableFuture<Introspection.Outcome> looking = machine.looking;
            if (looking != null && looking.isDone()) {
                machine.looking = null;
                if (settle(process, machine, looking.join(), nowNanos)) {
                    settled.add(process);
                }
            } else if (looking == null && isDue(machine, nowNanos)) {
                if (machine.state == VirtualMachine.State.STARTING) {
                    begin(process, machine, nowNanos);
                } else {
                    describeAgain(machine, nowNanos);
                }
            }
        });
        settled.forEach(changed);
        if (!settled.isEmpty()) {
            count();
            publish();
        }
        if (nowNanos - sharedNanos >= LATER_NANOS) {
            sharedNanos = nowNanos;
            share(nowNanos);
        }
    }

    /** Many JVMs share the memory that a few may have. */
    private void share(long nowNanos) {
        count();
        publish();
        int trusted = Math.max(1, counts.getOrDefault(VirtualMachine.State.TRUSTED, 0));
        for (VirtualMachine machine : machines.values()) {
            machine.keepAtMost(ALL_FRAMES / trusted, ALL_BYTES / trusted);
            if (nowNanos - machine.usedNanos > IDLE_NANOS) {
                machine.usedNanos = nowNanos;
                machine.forget();
            }
        }
    }

    private static boolean isDue(VirtualMachine machine, long nowNanos) {
        long pause = Math.min(SOON_NANOS << Math.min(machine.tries, 16), LATER_NANOS);
        return switch (machine.state) {
            case STARTING -> nowNanos - machine.triedNanos >= pause;
            case TRUSTED -> !machine.namesKnown && nowNanos - machine.triedNanos >= LATER_NANOS;
            case REFUSED -> false;
        };
    }

    private void begin(TrackedProcess process, VirtualMachine machine, long nowNanos) {
        machine.triedNanos = nowNanos;
        machine.tries++;
        Mappings mappings = process.mappings();
        for (int i = 0; i < mappings.size(); i++) {
            if (!mappings.file(i).name().equals(LIBRARY)) {
                continue;
            }
            Executable library = processes.executable(process, i);
            if (library == null) {
                refuse(process, machine, "its library cannot be read");
                return;
            }
            long start = mappings.start(i);
            OptionalLong address =
                    library.codeAddress(mappings.fileOffset(i, start), mappings.end(i) - start);
            if (address.isPresent()) {
                machine.looking =
                        introspection.begin(
                                machine.memory,
                                library.identity(),
                                processes.openFile(process, i),
                                start - address.getAsLong());
                return;
            }
        }
    }

    /** Takes what was found out of a JVM; gives whether it is known now, or refused. */
    private boolean settle(
            TrackedProcess process,
            VirtualMachine machine,
            Introspection.Outcome outcome,
            long nowNanos) {
        switch (outcome) {
            case Introspection.Understood understood -> {
                trust(machine, understood);
                LOG.info("process {} is a JVM, {}", process.pid(), understood.vm().version());
                return true;
            }
            case Introspection.StillStarting() -> {
                machine.startingNanos = nowNanos;
                if (nowNanos - machine.bornNanos < LONGEST_START_NANOS) {
                    return false;
                }
                refuse(process, machine, "it has not set itself up");
                return true;
            }
            case Introspection.NotUnderstood(String problem) -> {
                // While its library is being loaded, not all of it is as it will be.
                if (nowNanos - machine.startingNanos < STARTING_NANOS) {
                    return false;
                }
                refuse(process, machine, problem);
                return true;
            }
        }
    }

    private void trust(VirtualMachine machine, Introspection.Understood understood) {
        for (CodeHeap heap : understood.heaps()) {
            int number = table.add(heap, understood.facts());
            if (number > 0) {
                machine.heaps.add(new VirtualMachine.Described(heap, number));
            } else {
                LOG.warn("no room for one more code heap of a JVM: its frames stay unknown");
            }
        }
        machine.hotSpot = understood.vm();
        machine.namesKnown = areNamesKnown(understood.facts());
        machine.state = VirtualMachine.State.TRUSTED;
    }

    private void describeAgain(VirtualMachine machine, long nowNanos) {
        machine.triedNanos = nowNanos;
        HotSpot vm = machine.hotSpot;
        if (vm == null) {
            return;
        }
        UnwindFacts facts = vm.unwindFacts();
        for (VirtualMachine.Described described : machine.heaps) {
            table.write(described.number(), described.heap(), facts);
        }
        machine.namesKnown = areNamesKnown(facts);
    }

    private static boolean areNamesKnown(UnwindFacts facts) {
        return facts.nmethodName() != 0
                && facts.nativeNmethodName() != 0
                && facts.interpreterName() != 0;
    }

    private void refuse(TrackedProcess process, VirtualMachine machine, String reason) {
        machine.state = VirtualMachine.State.REFUSED;
        machine.reason = reason;
        machine.hasPerfMap = hasPerfMap(process);
        refused.increment();
        LOG.warn(
                "the JVM of process {} is not understood, its Java frames {}: {}",
                process.pid(),
                machine.hasPerfMap
                        ? "are those of its perf map, as far as frame pointers lead"
                        : "are left out; what would name them is a perf map, which it writes with"
                                + " `jcmd PID Compiler.perfmap` (-XX:+PreserveFramePointer lets"
                                + " them be walked)",
                reason);
    }

    private static boolean hasPerfMap(TrackedProcess process) {
        try {
            return PerfMap.open(process.pid(), FrameKind.JVM).isPresent();
        } catch (IOException e) {
            return false; // One that cannot be read names nothing.
        }
    }

    /**
     * The methods of a frame of a JVM, inlined ones first.
     *
     * @param address where it is: a return address, or where the thread was
     * @param exact whether the thread was there itself
     * @param word which frame it is
     */
    public List<Frame> frames(
            TrackedProcess process, long address, boolean exact, long word, long nowNanos) {
        VirtualMachine machine = look(process, nowNanos);
        HotSpot vm = machine == null ? null : machine.hotSpot;
        if (machine == null || vm == null) {
            return VirtualMachine.ENDED;
        }
        machine.usedNanos = nowNanos;
        return switch (JvmFrame.kind(word)) {
            case COMPILED -> machine.compiled(vm, address, JvmFrame.compileId(word), exact);
            case INTERPRETED, STUB -> machine.frame(vm, address, word, nowNanos);
        };
    }

    /** A process has ended, or runs another program: its last samples are being named. */
    public void ended(TrackedProcess process) {
        if (machines.containsKey(process)) {
            ended.add(process);
        }
    }

    private void release() {
        for (TrackedProcess process : ended) {
            VirtualMachine machine = machines.remove(process);
            if (machine != null) {
                machine.heaps.forEach(described -> table.remove(described.number()));
                machine.close();
            }
        }
        ended.clear();
    }

    @Override
    public void close() {
        introspection.close();
        machines.values().forEach(VirtualMachine::close);
        machines.clear();
    }
}
