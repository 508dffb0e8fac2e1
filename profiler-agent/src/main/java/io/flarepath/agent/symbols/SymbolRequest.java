package io.flarepath.agent.symbols;

import io.flarepath.symbolizer.binary.Executable;
import io.flarepath.symbolizer.binary.FileKey;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;

/**
 * An executable of which a file is to be made.
 *
 * @param file its content, held open until it is read: its process may end
 * @param key of that file
 * @param pid of a process that maps it
 * @param path as that process sees it
 */
public record SymbolRequest(
        Executable executable, FileChannel file, FileKey key, int pid, String path)
        implements AutoCloseable {

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
    public List<String> fields(String kind, Path target, Path scratch) throws IOException {
        Path descriptor = Descriptors.find(key);
        if (descriptor == null) {
            throw new IOException("its descriptor cannot be found");
        }
        return List.of(
                kind,
                descriptor.toString(),
                path,
                root().toString(),
                target.toString(),
                scratch.toString());
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
