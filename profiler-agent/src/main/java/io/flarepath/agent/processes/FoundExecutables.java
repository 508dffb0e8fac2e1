package io.flarepath.agent.processes;

import io.flarepath.symbolizer.binary.Executable;
import java.nio.file.Path;

/** Told of executables that are sampled, on the thread of the samples: must be quick. */
public interface FoundExecutables {
    /**
     * An executable was found, perhaps not for the first time.
     *
     * @param file where it can be opened now, during this call
     * @param pid of the process that maps it, which may have ended
     * @param path of the file, as that process sees it
     */
    void found(Executable executable, Path file, int pid, String path);
}
