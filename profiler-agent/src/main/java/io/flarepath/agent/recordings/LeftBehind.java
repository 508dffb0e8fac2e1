package io.flarepath.agent.recordings;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import org.jspecify.annotations.Nullable;

/**
 * Holds on to a directory that was made in a target, so that it can be removed after the target has
 * ended and its {@code /proc} entry with it. No link is followed.
 */
final class LeftBehind implements AutoCloseable {
    private final @Nullable SecureDirectoryStream<Path> parent;
    private final Path name;

    /**
     * @param directory as the target sees it
     */
    LeftBehind(TargetProcess target, String directory) {
        Path path = Path.of(directory);
        this.name = path.getFileName();
        this.parent = open(target.root().resolve("." + path.getParent()));
    }

    @SuppressWarnings("StreamResourceLeak") // Held until it is closed with this.
    private static @Nullable SecureDirectoryStream<Path> open(Path folder) {
        try {
            DirectoryStream<Path> stream = Files.newDirectoryStream(folder);
            if (stream instanceof SecureDirectoryStream<Path> secure) {
                return secure;
            }
            stream.close();
            return null;
        } catch (IOException e) {
            // Then only the target itself can be asked to remove it.
            return null;
        }
    }

    /** Removes the directory if it is still there. */
    void remove() throws IOException {
        if (parent == null) {
            throw new IOException("its parent directory cannot be read");
        }
        try (SecureDirectoryStream<Path> inside =
                parent.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
            for (Path file : inside) {
                inside.deleteFile(file.getFileName());
            }
        }
        parent.deleteDirectory(name);
    }

    @Override
    public void close() throws IOException {
        if (parent != null) {
            parent.close();
        }
    }
}
