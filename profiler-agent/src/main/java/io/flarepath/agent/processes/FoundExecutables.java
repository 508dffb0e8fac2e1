package io.flarepath.agent.processes;

import io.flarepath.symbolizer.binary.Executable;
import io.flarepath.symbolizer.binary.FileKey;
import java.nio.file.Path;

/** Told of executables that are sampled, on the thread of the samples: must be quick. */
public interface FoundExecutables {
    /**
     * An executable was found, perhaps not for the first time.
     *
     * @param file where it can be opened now
     * @param pid of the process that maps it, which may have ended
     * @param path of the file, as that process sees it
     */
    void found(Executable executable, Path file, int pid, String path);

    /**
     * The same, of a file that is held open, and may have no other way to it.
     *
     * @param held its state; one of our own descriptors refers to it during the call
     */
    void found(Executable executable, FileKey held, int pid, String path);
}
