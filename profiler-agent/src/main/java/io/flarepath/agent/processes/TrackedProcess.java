package io.flarepath.agent.processes;

import io.flarepath.agent.processes.labels.CgroupPlace;
import io.flarepath.agent.processes.labels.EnvironmentLabels;
import io.flarepath.agent.processes.labels.RuntimeKind;
import org.jspecify.annotations.Nullable;

/**
 * One image of one process: from its start, or its exec, to its end or next exec. A pid that is
 * used again is another object, so nothing known of the old one can leak into the new.
 */
public final class TrackedProcess {
    static final long ALIVE = Long.MAX_VALUE;
    static final long NEVER = Long.MIN_VALUE;

    private final int pid;
    final long startTicks;

    /** As its samples have it; 0 until it is sampled. */
    long image;

    /** Pid of its parent at the fork, or 0: while it lives, it most likely sees the same files. */
    int parent;

    boolean kernelThread;
    String comm;

    /** Path that was executed, or empty. */
    String executable = "";

    /** Main class or jar of a JVM; null until it was looked for. */
    @Nullable String jvmMain;

    RuntimeKind runtime = RuntimeKind.NATIVE;
    EnvironmentLabels environment = EnvironmentLabels.NONE;
    CgroupPlace place = CgroupPlace.NONE;
    String cgroupText = "";

    Mappings mappings = new Mappings();

    /** Whether the mappings come from events since its exec, or were read. */
    boolean mappingsComplete;

    /** Whose mappings it shares, where those were not read yet at the fork. */
    @Nullable TrackedProcess origin;

    /** Who had the pid before and may still be sampled on its way out, if it was sampled at all. */
    @Nullable TrackedProcess former;

    /** When the mappings were read last, and how long to wait before the next time. */
    long mappingsReadNanos = NEVER;

    long mappingsPauseNanos;

    /** How often mappings had gone untold when its own were read again. */
    int mappingLosses;

    @Nullable Resource resource;
    boolean excluded;

    /** Window in which the resource was checked last. */
    int checkedWindow = -1;

    long exitNanos = ALIVE;
    long bornNanos;
    long lastUseNanos;

    TrackedProcess(int pid, long startTicks, String comm) {
        this.pid = pid;
        this.startTicks = startTicks;
        this.comm = comm;
    }

    /** Process id in the agent's namespace. */
    public int pid() {
        return pid;
    }

    /** Tells it apart from what had the pid before, as its samples have it; 0: not sampled yet. */
    public long image() {
        return image;
    }

    /** Path that was given to execve(2); empty where that was not seen. */
    public String executable() {
        return executable;
    }

    /** Its executable mappings. */
    public Mappings mappings() {
        return mappings;
    }

    /** Whether it is a kernel thread. */
    public boolean isKernelThread() {
        return kernelThread;
    }

    /** Whether its end was seen. */
    public boolean hasExited() {
        return exitNanos != ALIVE;
    }

    /** What a forked child starts with. */
    TrackedProcess fork(int child, long nowNanos) {
        TrackedProcess forked = new TrackedProcess(child, 0, comm);
        forked.parent = pid;
        forked.kernelThread = kernelThread;
        forked.executable = executable;
        forked.jvmMain = jvmMain;
        forked.runtime = runtime;
        forked.environment = environment;
        forked.place = place;
        forked.cgroupText = cgroupText;
        forked.mappings = mappings.fork();
        forked.mappingsComplete = mappingsComplete;
        forked.origin = mappingsComplete ? null : this;
        forked.resource = resource;
        forked.excluded = excluded;
        forked.mappingLosses = mappingLosses;
        forked.bornNanos = nowNanos;
        forked.lastUseNanos = nowNanos;
        return forked;
    }

    /** It has the pid of another one, if that was known, from now on. */
    void follow(@Nullable TrackedProcess other) {
        if (other != null) {
            other.former = null;
            former = other.hasExited() && other.image != 0 ? other : null;
        }
    }

    /** What it is after an exec. The mappings of the new program follow as events. */
    TrackedProcess exec(String path, String newComm, long timeNanos) {
        TrackedProcess image = new TrackedProcess(pid, startTicks, newComm);
        image.executable = path;
        image.environment = environment;
        image.place = place;
        image.cgroupText = cgroupText;
        image.parent = parent;
        image.former = former;
        image.mappingsComplete = true;
        image.mappingLosses = mappingLosses;
        image.bornNanos = bornNanos;
        image.lastUseNanos = timeNanos;
        return image;
    }
}
