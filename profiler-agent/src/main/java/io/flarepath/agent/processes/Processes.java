package io.flarepath.agent.processes;

import io.flarepath.agent.processes.labels.EnvironmentLabels;
import io.flarepath.agent.processes.labels.ResourceAttributes;
import io.flarepath.config.Configuration;
import io.flarepath.config.Setting;
import io.flarepath.symbolizer.binary.Executable;
import io.flarepath.symbolizer.binary.ExecutableCache;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All processes of this machine: those found at the start, and those that the kernel tells of. For
 * one thread. Times are those of the monotonic clock, in nanoseconds.
 */
public final class Processes implements ProcessEvents {
    /** A process that ended is kept so long: its last samples, and its children, need it. */
    private static final long KEPT_AFTER_EXIT = 30_000_000_000L;

    /** For so long after its end is told a process may still be sampled, in the kernel. */
    private static final long DYING_NANOS = 1_000_000_000L;

    /** Processes kept; of more, those not seen for longest are forgotten and read again. */
    static final int MAX_PROCESSES = 16_384;

    private static final long FIRST_PAUSE = 200_000_000;
    private static final long LAST_PAUSE = 30_000_000_000L;

    private final ProcFiles files;
    private final MapsSource maps;
    private final ProcessTable table;
    private final ResourceNaming naming;
    private final Executables executables;
    private final SampledPids sampledPids;
    private Consumer<TrackedProcess> ended = process -> {};
    private LiveFiles.Visitor mapped = (pid, main, file, start, end) -> {};
    private int window;
    private long mappingsLeftOut;
    private int mappingLosses;

    Processes(
            ProcFiles files,
            MapsSource maps,
            ProcessTable table,
            ResourceNaming naming,
            Executables executables,
            SampledPids sampledPids) {
        this.files = files;
        this.maps = maps;
        this.table = table;
        this.naming = naming;
        this.executables = executables;
        this.sampledPids = sampledPids;
    }

    /**
     * Follows the processes of this machine.
     *
     * @param configuration which of them are sampled, and the node's name
     * @param cache of executables
     * @param sampledPids told which processes the kernel need not sample
     */
    public static Processes of(
            Configuration configuration, ExecutableCache cache, SampledPids sampledPids) {
        ProcFiles files = new ProcFiles("/proc");
        ProcessTable table = new ProcessTable();
        Executables executables = new Executables("/proc", cache);
        // Seen through the first process, so that it is the machine's root from a container too.
        RuntimeRecords records = new RuntimeRecords(Path.of("/proc/1/root"));
        ResourceNaming naming =
                new ResourceNaming(
                        files,
                        new Containers(files, table, records),
                        new ResourceAttributes(configuration.text(Setting.NODE), files.hostname()),
                        new ProcessSelection(configuration, UserNames.read(Path.of("/etc/passwd"))),
                        executables);
        return new Processes(files, new LiveMaps(), table, naming, executables, sampledPids);
    }

    /** Sets who is told, perhaps more than once, of what has ended or runs no more as it was. */
    public void onEnd(Consumer<TrackedProcess> told) {
        ended = told;
    }

    /** Sets who is told, on the thread of the samples, of code that processes map. */
    public void onMapping(LiveFiles.Visitor told) {
        mapped = told;
    }

    /** Adds somebody who is told of executables that are sampled. */
    public void listener(FoundExecutables told) {
        executables.listener(told);
    }

    /** Reads all processes that run now. Their mappings are read when they are sampled. */
    public void scan(long nowNanos) {
        for (int pid : files.pids()) {
            if (table.get(pid) == null) {
                load(pid, "", nowNanos);
            }
        }
    }

    /**
     * The process of a sample; one that nobody told of is read. A process may still be sampled when
     * its pid has been given away already: it is waited for before its last thread is done
     * (kernel/exit.c, {@code do_exit} behind {@code exit_notify}).
     *
     * @param image as the sample has it: another one than before is another program
     * @param comm name of the thread, for a process that is gone already
     */
    public TrackedProcess find(int pid, long image, String comm, long timeNanos) {
        TrackedProcess process = find(pid, comm, timeNanos);
        TrackedProcess former = process.former;
        if (process.image != image && former != null && former.image == image) {
            return former;
        }
        if (process.image == 0) {
            process.image = image;
        } else if (process.image != image) {
            // Its start, or its exec, was not told of.
            end(process);
            process = load(pid, comm, timeNanos);
            process.image = image;
        }
        if (process.mappingLosses != mappingLosses) {
            process.mappingLosses = mappingLosses;
            readAgain(process);
        }
        return process;
    }

    /** What was mapped while the kernel could not tell of it stands over what is known. */
    private void readAgain(TrackedProcess process) {
        Mappings now = process.isKernelThread() ? null : mappedNow(process);
        if (now != null) {
            process.mappings.addAll(now);
        }
    }

    /**
     * Mappings were made of which the kernel could not tell: those of each process are read again
     * before its next sample is looked at.
     */
    public void mappingEventsLost() {
        mappingLosses++;
    }

    /** The process of an event. */
    TrackedProcess find(int pid, String comm, long timeNanos) {
        TrackedProcess process = table.get(pid);
        if (process == null || isSuccessorOf(process, timeNanos)) {
            if (process != null) {
                end(process);
            }
            process = load(pid, comm, timeNanos);
        }
        process.lastUseNanos = timeNanos;
        return process;
    }

    /** Whether what runs now only has the pid of a process that ended: its start was not seen. */
    private static boolean isSuccessorOf(TrackedProcess ended, long timeNanos) {
        return ended.hasExited() && timeNanos - ended.exitNanos > DYING_NANOS;
    }

    /** The process, if it is known. */
    @Nullable TrackedProcess peek(int pid) {
        return table.get(pid);
    }

    /** The resource that the process belongs to; null if it is not to be sampled. */
    public @Nullable Resource resource(TrackedProcess process) {
        if (process.checkedWindow != window) {
            process.checkedWindow = window;
            if (process.mappings.size() == 0) {
                // They tell the runtime.
                refreshMappings(process, process.lastUseNanos);
            }
            naming.check(process);
        }
        return process.excluded ? null : process.resource;
    }

    /**
     * Who a process is, or was lately. One that nobody told of is read.
     *
     * @param nowNanos of the monotonic clock
     */
    ProcessOwner owner(int pid, long nowNanos) {
        TrackedProcess known = table.get(pid);
        boolean followed = known != null && isSuccessorOf(known, nowNanos) && isRunning(pid);
        TrackedProcess process = known == null || followed ? find(pid, "", nowNanos) : known;
        Resource resource = resource(process);
        boolean read = process.startTicks != 0;
        boolean told = process.parent != 0 || !process.executable.isEmpty();
        return new ProcessOwner(resource == null ? null : resource.attributes(), read || told);
    }

    private boolean isRunning(int pid) {
        return files.stat(pid) != null;
    }

    @Override
    public void onFork(int pid, int parent, String comm, long timeNanos) {
        TrackedProcess from = find(parent, comm, timeNanos);
        TrackedProcess child = from.fork(pid, timeNanos);
        child.follow(table.get(pid));
        table.put(child);
        if (child.environment.profilingOff()) {
            sampledPids.exclude(pid);
        }
    }

    @Override
    public void onExec(
            int pid,
            String path,
            String comm,
            @Nullable EnvironmentLabels environment,
            long timeNanos) {
        TrackedProcess process = find(pid, comm, timeNanos);
        end(process);
        TrackedProcess image = process.exec(path, comm, timeNanos);
        naming.readIdentity(image, environment);
        table.put(image);
        if (image.environment.profilingOff()) {
            image.excluded = true;
            sampledPids.exclude(pid);
        } else if (process.environment.profilingOff()) {
            sampledPids.include(pid);
        }
    }

    @Override
    public void onExit(int pid, long timeNanos) {
        TrackedProcess process = table.get(pid);
        if (process != null) {
            process.exitNanos = timeNanos;
            process.lastUseNanos = timeNanos;
            end(process);
        }
    }

    private void end(TrackedProcess process) {
        ended.accept(process);
    }

    @Override
    public void onMapping(
            int pid, long start, long end, long fileOffset, MappedFile file, long timeNanos) {
        TrackedProcess process = table.get(pid);
        if (process == null) {
            return; // All its mappings are read when it is first sampled.
        }
        if (!process.mappings.add(start, end, fileOffset, file)) {
            mappingsLeftOut++;
        }
        executables.noticed(process, file, start, end, timeNanos);
        mapped.mapped(pid, file.path().equals(process.executable), file, start, end);
        if (naming.decidesRuntime(file)) {
            process.checkedWindow = -1;
        }
    }

    /**
     * Reads the mappings of a process once more, for an address that none of them holds. Does so
     * less and less often when it does not help.
     *
     * @return whether they were read
     */
    public boolean refreshMappings(TrackedProcess process, long nowNanos) {
        boolean first = process.mappingsReadNanos == TrackedProcess.NEVER;
        if (!first && nowNanos - process.mappingsReadNanos < process.mappingsPauseNanos) {
            return false;
        }
        process.mappingsPauseNanos =
                first ? FIRST_PAUSE : Math.min(LAST_PAUSE, process.mappingsPauseNanos * 2);
        process.mappingsReadNanos = nowNanos;
        if (process.isKernelThread()) {
            return false;
        }
        boolean read = readMappings(process);
        TrackedProcess origin = process.origin;
        if (!read && origin != null && !process.mappingsComplete) {
            // It was a copy of its parent, which may still be there to look at.
            read = refreshMappings(origin, nowNanos);
            if (read) {
                process.mappings = origin.mappings.fork();
            }
        }
        process.mappingsComplete |= read;
        process.origin = process.mappingsComplete ? null : origin;
        return read;
    }

    private boolean readMappings(TrackedProcess process) {
        Mappings now = mappedNow(process);
        if (now == null) {
            return false;
        }
        // What the kernel told of stands: this is of now, and the samples are of a while ago.
        process.mappings.addMissing(now);
        return true;
    }

    /**
     * Reads what is mapped now, if it is still mapped by the same program: what the kernel told of
     * last may be some time ago, and the process may have gone on to another program, or have ended
     * and left its pid to another one. Null if it is not.
     */
    private @Nullable Mappings mappedNow(TrackedProcess process) {
        Mappings now = new Mappings();
        boolean is =
                !process.hasExited() && maps.addTo(process.pid(), now) && isStill(process, now);
        return is ? now : null;
    }

    private boolean isStill(TrackedProcess process, Mappings now) {
        if (process.mappings.size() > 0) {
            return process.mappings.sharesFileWith(now);
        }
        boolean hasExeced = !process.executable.isEmpty() && process.mappingsComplete;
        return !hasExeced || files.comm(process.pid()).equals(process.comm);
    }

    /** Begins a window: what could have changed of a process is looked at once in each. */
    public void beginWindow(long nowNanos) {
        window++;
        executables.expire(nowNanos);
        boolean full = table.size() > MAX_PROCESSES;
        long idle = full ? nowNanos - 2 * KEPT_AFTER_EXIT : Long.MIN_VALUE;
        table.retain(p -> {
            TrackedProcess former = p.former;
            if (former != null && isSuccessorOf(former, nowNanos)) {
                p.former = null;
            }
            boolean gone = p.hasExited() && nowNanos - p.exitNanos > KEPT_AFTER_EXIT;
            boolean kept = !gone && p.lastUseNanos >= idle;
            if (!kept) {
                end(p);
            }
            return kept;
        });
    }

    /** Files whose symbols could not be had, since the start. */
    public long unreadableFiles() {
        return executables.failures();
    }

    /** Closes the files that are held open. */
    public void close() {
        executables.close();
    }

    /** Processes known now. */
    public int size() {
        return table.size();
    }

    /** Mappings left out since the start, because their process has too many. */
    public long mappingsLeftOut() {
        return mappingsLeftOut;
    }

    /** Symbols of a file that the process has mapped; null where there are none to be had. */
    public @Nullable Executable executable(TrackedProcess process, int mapping) {
        Mappings mappings = process.mappings();
        return executables.of(
                process, mappings.file(mapping), mappings.start(mapping), mappings.end(mapping));
    }

    /**
     * Opens a file that the process has mapped, if it still has.
     *
     * @return null if it is not there any more, or cannot be opened; to be closed by the caller
     */
    public @Nullable FileChannel openFile(TrackedProcess process, int mapping) {
        Mappings mappings = process.mappings();
        return executables.openFile(
                process, mappings.file(mapping), mappings.start(mapping), mappings.end(mapping));
    }

    private TrackedProcess load(int pid, String comm, long nowNanos) {
        ProcFiles.Stat stat = files.stat(pid);
        String name = files.comm(pid);
        TrackedProcess process =
                new TrackedProcess(
                        pid, stat == null ? 0 : stat.startTicks(), name.isEmpty() ? comm : name);
        process.parent = stat == null ? 0 : stat.parent();
        process.kernelThread = stat != null && stat.kernel();
        process.bornNanos = nowNanos;
        process.lastUseNanos = nowNanos;
        process.mappingLosses = mappingLosses; // Its mappings are read later than these.
        if (stat == null) {
            process.exitNanos = nowNanos;
        } else if (!process.kernelThread) {
            naming.readIdentity(process, null);
            if (process.environment.profilingOff()) {
                process.excluded = true;
                sampledPids.exclude(pid);
            }
        }
        table.put(process);
        return process;
    }
}
