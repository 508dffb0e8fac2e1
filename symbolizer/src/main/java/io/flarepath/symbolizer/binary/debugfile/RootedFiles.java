package io.flarepath.symbolizer.binary.debugfile;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Opens files below a root directory, such as {@code /proc/PID/root}: a symbolic link counts from
 * there and never leads out; only regular files are opened.
 */
final class RootedFiles {
    private static final int MAX_STEPS = 64;

    private RootedFiles() {}

    /**
     * Opens a file for reading; null if it is not there.
     *
     * @param path absolute, as a process with this root would write it
     */
    static @Nullable FileChannel open(Path root, String path) {
        try {
            Path resolved = resolve(root, path);
            // Opening a pipe would wait for its writer.
            if (resolved == null || !Files.isRegularFile(resolved, LinkOption.NOFOLLOW_LINKS)) {
                return null;
            }
            return FileChannel.open(resolved, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException | InvalidPathException e) {
            return null;
        }
    }

    private static @Nullable Path resolve(Path root, String path) throws IOException {
        Deque<String> rest = new ArrayDeque<>(List.of(path.split("/", -1)));
        List<String> resolved = new ArrayList<>();
        int links = 0;
        while (!rest.isEmpty()) {
            String part = rest.remove();
            if (part.isEmpty() || part.equals(".")) {
                continue;
            }
            if (part.equals("..")) {
                if (!resolved.isEmpty()) {
                    resolved.removeLast();
                }
                continue;
            }
            Path here = root.resolve(String.join("/", resolved)).resolve(part);
            if (!Files.isSymbolicLink(here)) {
                resolved.add(part);
                continue;
            }
            if (++links > MAX_STEPS) {
                return null;
            }
            String target = Files.readSymbolicLink(here).toString();
            if (target.startsWith("/")) {
                resolved.clear();
            }
            String[] parts = target.split("/", -1);
            for (int i = parts.length - 1; i >= 0; i--) {
                rest.addFirst(parts[i]);
            }
        }
        return root.resolve(String.join("/", resolved));
    }
}
