package io.flarepath.bpf;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A regular file that stays what it is and can be read while this is open, whatever becomes of its
 * name: a descriptor that was opened with {@code O_PATH} (open(2)). It has a name of its own, by
 * which other processes of ours can open it as well. The state is that of the very file, as it was
 * when it was referred to.
 */
public final class FileReference implements AutoCloseable {
    private static final String OWN = "/proc/" + ProcessHandle.current().pid() + "/fd/";

    private final int descriptor;
    private final long device;
    private final long inode;
    private final long size;
    private final long modifiedNanos;
    private final AtomicBoolean closed = new AtomicBoolean();

    private FileReference(int descriptor, long[] state) {
        this.descriptor = descriptor;
        device = state[0];
        inode = state[1];
        size = state[2];
        modifiedNanos = state[3];
    }

    /**
     * Refers to the file at a path, links followed.
     *
     * @return null if there is none that may be seen, or it is no regular file
     */
    public static @Nullable FileReference of(String path) {
        if (path.indexOf('\0') >= 0) {
            return null; // Cut there it would name another file.
        }
        NativeLibrary.load();
        long[] state = new long[4];
        int descriptor = SamplerNatives.refer(path.getBytes(StandardCharsets.UTF_8), state);
        return descriptor < 0 ? null : new FileReference(descriptor, state);
    }

    int descriptor() {
        return descriptor;
    }

    /** {@code st_dev}. */
    public long device() {
        return device;
    }

    /** {@code st_ino}. */
    public long inode() {
        return inode;
    }

    /** Bytes. */
    public long size() {
        return size;
    }

    /** Time of the last change, in nanoseconds since 1970. */
    public long modifiedNanos() {
        return modifiedNanos;
    }

    /** Whether it still stands for its file. */
    public boolean isOpen() {
        return !closed.get();
    }

    /** Its name for us and for other processes, while this is open. */
    public Path path() {
        return Path.of(OWN + descriptor);
    }

    /** Opens the file for reading; to be closed by the caller, before or after this. */
    public FileChannel read() throws IOException {
        return FileChannel.open(path(), StandardOpenOption.READ);
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            SamplerNatives.forgo(descriptor);
        }
    }
}
