package io.flarepath.agent.processes;

import io.flarepath.bpf.FileReference;
import io.flarepath.symbolizer.binary.FileKey;
import org.jspecify.annotations.Nullable;

/**
 * A file that is held, so that it can be read when it has no name any more.
 *
 * @param key its state when it was first held
 */
record HeldFile(FileKey key, FileReference reference, long sinceNanos) implements AutoCloseable {

    /** Holds a regular file; null if there is none at the path that may be seen. */
    static @Nullable HeldFile open(String path, long nowNanos) {
        FileReference reference = FileReference.of(path);
        if (reference == null) {
            return null;
        }
        FileKey key =
                new FileKey(
                        reference.device(),
                        reference.inode(),
                        reference.size(),
                        reference.modifiedNanos());
        return new HeldFile(key, reference, nowNanos);
    }

    @Override
    public void close() {
        reference.close();
    }
}
