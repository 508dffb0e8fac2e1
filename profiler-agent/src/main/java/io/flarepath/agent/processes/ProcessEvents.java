package io.flarepath.agent.processes;

import io.flarepath.agent.processes.labels.EnvironmentLabels;
import org.jspecify.annotations.Nullable;

/** What the kernel tells of processes, in the order in which it happened. */
public interface ProcessEvents {
    /** A process came to be as a copy of another; threads do not count. */
    void onFork(int pid, int parent, String comm, long timeNanos);

    /**
     * A process runs a new program.
     *
     * @param path as it was named, or empty
     * @param environment of the new program; null where the kernel could not tell
     */
    void onExec(
            int pid,
            String path,
            String comm,
            @Nullable EnvironmentLabels environment,
            long timeNanos);

    /** The last thread of a process ended. */
    void onExit(int pid, long timeNanos);

    /** Code was mapped. */
    void onMapping(int pid, long start, long end, long fileOffset, MappedFile file, long timeNanos);
}
