package io.flarepath.agent.processes;

import io.flarepath.symbolizer.binary.FileKey;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Names of our own open files: another process opens a file by them that has no other name. */
public final class Descriptors {
    private Descriptors() {}

    /** A descriptor of ours that refers to a file, as a path for other processes; null if none. */
    public static @Nullable Path find(FileKey key) {
        try {
            return all(key).stream().findFirst().orElse(null);
        } catch (IOException e) {
            return null;
        }
    }

    /** All descriptors of ours that refer to a file. */
    public static Set<Path> all(FileKey key) throws IOException {
        Set<Path> found = new HashSet<>();
        Path own = Path.of("/proc", Long.toString(ProcessHandle.current().pid()), "fd");
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(own)) {
            for (Path descriptor : descriptors) {
                if (isOf(descriptor, key)) {
                    found.add(descriptor);
                }
            }
        }
        return found;
    }

    private static boolean isOf(Path descriptor, FileKey key) {
        try {
            FileKey found = FileKey.of(descriptor);
            return found.inode() == key.inode() && found.device() == key.device();
        } catch (IOException e) {
            return false; // Closed meanwhile, or a socket.
        }
    }
}
