package io.flarepath.agent.symbols;

import io.flarepath.bpf.FileReference;
import io.flarepath.symbolizer.binary.Executable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * An executable of which a file is to be made.
 *
 * @param file its content, held until it is read: its process may end
 * @param pid of a process that maps it
 * @param path as that process sees it
 */
public record SymbolRequest(Executable executable, FileReference file, int pid, String path)
        implements AutoCloseable {

    /**
     * Holds an executable.
     *
     * @param path where it can be opened
     * @throws IOException if there is no regular file
     */
    public static SymbolRequest open(Executable executable, Path path, int pid, String seenPath)
            throws IOException {
        FileReference file = FileReference.of(path.toString());
        if (file == null) {
            throw new IOException(path + " cannot be opened, or is no file");
        }
        return new SymbolRequest(executable, file, pid, seenPath);
    }

    /** The process's root directory, as seen from here. */
    public Path root() {
        return Path.of("/proc", Integer.toString(pid), "root");
    }

    /**
     * What {@link BuilderMain} takes.
     *
     * @param kind of the request
     * @param target where the file shall be
     * @param scratch folder for what is temporary
     */
    public List<String> fields(String kind, Path target, Path scratch) {
        return List.of(
                kind,
                file.path().toString(),
                path,
                root().toString(),
                target.toString(),
                scratch.toString());
    }

    @Override
    public void close() {
        file.close();
    }
}
