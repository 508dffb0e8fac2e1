package io.flarepath.agent.symbols;

import io.flarepath.agent.processes.Descriptors;
import io.flarepath.symbolizer.binary.Executable;
import io.flarepath.symbolizer.binary.FileKey;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;

/**
 * An executable of which a file is to be made.
 *
 * @param file its content, held open until it is read: its process may end
 * @param descriptor name of that open file, for the builder
 * @param pid of a process that maps it
 * @param path as that process sees it
 */
public record SymbolRequest(
        Executable executable, FileChannel file, Path descriptor, int pid, String path)
        implements AutoCloseable {

    /**
     * Opens an executable. One thread at a time may: what is open afterwards and was not before is
     * known to be this one's.
     *
     * @param path where it can be opened
     */
    public static SymbolRequest open(Executable executable, Path path, int pid, String seenPath)
            throws IOException {
        FileKey key = FileKey.of(path);
        Set<Path> before = Descriptors.all(key);
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        for (Path descriptor : Descriptors.all(key)) {
            if (!before.contains(descriptor)) {
                return new SymbolRequest(executable, channel, descriptor, pid, seenPath);
            }
        }
        channel.close();
        throw new IOException("the descriptor of " + path + " cannot be found");
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
