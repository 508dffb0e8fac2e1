package io.flarepath.api.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Files for what has to be read by position and is too large for memory. They vanish when they are
 * closed; what a killed process left is swept with the bodies. Safe for many threads.
 */
public final class TemporaryFiles {
    private static final int BUFFER_BYTES = 64 << 10;

    private final Path directory;
    private final MemoryBudget disk;

    /**
     * Files in a directory of the server's own.
     *
     * @param mostBytes what all of them may hold at once
     */
    public TemporaryFiles(Path directory, long mostBytes) {
        this.directory = directory;
        this.disk = new MemoryBudget("recordings in temporary files", mostBytes);
    }

    /**
     * Copies a stream to a file; blocks.
     *
     * @throws Overloaded when all files together would hold too much
     */
    public TemporaryFile copy(InputStream in) throws IOException {
        Path path = directory.resolve(UUID.randomUUID() + ".body");
        TemporaryFile file =
                new TemporaryFile(
                        FileChannel.open(
                                path,
                                StandardOpenOption.CREATE_NEW,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE,
                                StandardOpenOption.DELETE_ON_CLOSE),
                        disk.open());
        boolean whole = false;
        try {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                file.append(ByteBuffer.wrap(buffer, 0, n));
            }
            whole = true;
            return file;
        } finally {
            if (!whole) {
                file.close();
            }
        }
    }

    /** A file that is gone once it is closed. */
    public static final class TemporaryFile implements AutoCloseable {
        private final FileChannel channel;
        private final MemoryBudget.Reservation disk;

        private TemporaryFile(FileChannel channel, MemoryBudget.Reservation disk) {
            this.channel = channel;
            this.disk = disk;
        }

        private void append(ByteBuffer bytes) throws IOException {
            disk.grow(bytes.remaining());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }

        /** What reads it. */
        public FileChannel channel() {
            return channel;
        }

        @Override
        public void close() throws IOException {
            disk.close();
            channel.close();
        }
    }
}
