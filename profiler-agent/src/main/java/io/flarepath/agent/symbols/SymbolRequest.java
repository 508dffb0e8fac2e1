package io.flarepath.agent.symbols;

import io.flarepath.symbolizer.binary.Executable;
import io.flarepath.symbolizer.binary.FileKey;
import java.io.IOException;
import java.nio.channels.FileChannel;

/**
 * An executable for which a symbol file is wanted.
 *
 * @param file its content, held open until it is read: its process may end
 * @param key of that file
 * @param pid of a process that maps it
 * @param path as that process sees it
 */
record SymbolRequest(Executable executable, FileChannel file, FileKey key, int pid, String path)
        implements AutoCloseable {
    @Override
    public void close() throws IOException {
        file.close();
    }
}
