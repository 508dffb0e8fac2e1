package io.flarepath.api.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A body that has come in whole, as it was sent: in memory outside of the heap while small, else in
 * a temporary file. Opened and closed on a thread that may block.
 */
public final class RequestBody implements AutoCloseable {
    private final long bytes;
    private final ByteBuf held;
    private final @Nullable Path file;
    private final Runnable release;
    private final AtomicBoolean closed = new AtomicBoolean();

    RequestBody(long bytes, ByteBuf held, @Nullable Path file, Runnable release) {
        this.bytes = bytes;
        this.held = held;
        this.file = file;
        this.release = release;
    }

    /** A body that {@link BoundedBody} has read. */
    public static RequestBody of(Buffer held) {
        return new RequestBody(
                held.length(), Unpooled.wrappedBuffer(held.getBytes()), null, () -> {});
    }

    /** Its size as sent. */
    public long bytes() {
        return bytes;
    }

    /** Reads it from the start; may be called more than once. */
    public InputStream open() throws IOException {
        return file == null ? new ByteBufInputStream(held.duplicate()) : Files.newInputStream(file);
    }

    /** Deletes the file and gives the memory back; does nothing the second time. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            held.release();
            release.run();
        }
    }
}
