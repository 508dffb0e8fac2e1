package io.flarepath.api.server;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A body that has come in whole, as it was sent: in memory while small, else in a temporary file.
 * Opened and closed on a thread that may block.
 */
public final class RequestBody implements AutoCloseable {
    private final long bytes;
    private final Buffer held;
    private final @Nullable Path file;
    private final Runnable release;

    RequestBody(long bytes, Buffer held, @Nullable Path file, Runnable release) {
        this.bytes = bytes;
        this.held = held;
        this.file = file;
        this.release = release;
    }

    /** A body that {@link BoundedBody} has read. */
    public static RequestBody of(Buffer held) {
        return new RequestBody(held.length(), held, null, () -> {});
    }

    /** Its size as sent. */
    public long bytes() {
        return bytes;
    }

    /** Reads it from the start; may be called more than once. */
    public InputStream open() throws IOException {
        return file == null
                ? new ByteArrayInputStream(held.getBytes())
                : Files.newInputStream(file);
    }

    /** Deletes the file and gives the memory back. */
    @Override
    public void close() {
        release.run();
    }
}
