package io.flarepath.agent.processes;

import io.flarepath.symbolizer.binary.FileKey;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * A file that is open, so that it can be read when it has no name any more.
 *
 * @param key its state when it was opened
 */
record HeldFile(FileKey key, FileChannel channel, long sinceNanos) {

    /** Opens a regular file; null if that cannot be done, or it became another one meanwhile. */
    static @Nullable HeldFile open(Path path, long nowNanos) {
        try {
            // Opening a pipe would wait for its writer.
            if (!Files.readAttributes(path, BasicFileAttributes.class).isRegularFile()) {
                return null;
            }
            FileKey key = FileKey.of(path);
            HeldFile held =
                    new HeldFile(key, FileChannel.open(path, StandardOpenOption.READ), nowNanos);
            if (key.equals(FileKey.of(path))) {
                return held;
            }
            held.close();
            return null;
        } catch (IOException e) {
            return null;
        }
    }

    void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // It was only read: nothing can be lost.
            return;
        }
    }
}
