package io.flarepath.agent.processes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/**
 * Reads small files as a process sees them, from its root directory. What lies there belongs to the
 * process and may be hostile: a symbolic link counts from that root, as it does for the process,
 * and never leads out of it; only regular files are read.
 */
final class TargetRoot {
    private static final int MAX_STEPS = 64;

    private TargetRoot() {}

    /**
     * Text of a file, or an empty text if it cannot be had.
     *
     * @param root the process's root directory, {@code /proc/PID/root}
     * @param path absolute, as the process would write it
     * @param limit bytes after which the rest is left out
     */
    static String read(Path root, String path, int limit) {
        try {
            return readResolved(root, resolve(root, path), limit);
        } catch (IOException e) {
            return "";
        }
    }

    /** The path's parts with all links followed inside the root. */
    private static List<String> resolve(Path root, String path) throws IOException {
        Deque<String> rest = new ArrayDeque<>(List.of(path.split("/", -1)));
        List<String> resolved = new ArrayList<>();
        int steps = 0;
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
            if (++steps > MAX_STEPS) {
                throw new IOException("too many links or folders: " + path);
            }
            Path here = root.resolve(String.join("/", resolved)).resolve(part);
            if (!Files.isSymbolicLink(here)) {
                resolved.add(part);
                continue;
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
        return resolved;
    }

    /** Opens step by step without following links, so that nothing put there meanwhile is used. */
    private static String readResolved(Path root, List<String> parts, int limit)
            throws IOException {
        // The root is itself a link, made by the kernel: it alone is followed.
        try (DirectoryStream<Path> directory = Files.newDirectoryStream(root)) {
            return readIn(directory, parts, limit);
        }
    }

    private static String readIn(DirectoryStream<Path> directory, List<String> parts, int limit)
            throws IOException {
        if (parts.isEmpty()) {
            return "";
        }
        Path first = Path.of(parts.getFirst());
        if (parts.size() == 1) {
            return readFile(secure(directory), first, limit);
        }
        try (DirectoryStream<Path> inner =
                secure(directory).newDirectoryStream(first, LinkOption.NOFOLLOW_LINKS)) {
            return readIn(inner, parts.subList(1, parts.size()), limit);
        }
    }

    private static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream)
            throws IOException {
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        throw new IOException("this file system has no openat(2)");
    }

    private static String readFile(SecureDirectoryStream<Path> folder, Path name, int limit)
            throws IOException {
        BasicFileAttributeView view =
                folder.getFileAttributeView(
                        name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        // A pipe would block us for ever.
        if (!view.readAttributes().isRegularFile()) {
            return "";
        }
        Set<? extends OpenOption> options =
                Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        try (SeekableByteChannel channel = folder.newByteChannel(name, options)) {
            ByteBuffer bytes = ByteBuffer.allocate(limit);
            int read = channel.read(bytes);
            while (read >= 0 && bytes.hasRemaining()) {
                read = channel.read(bytes);
            }
            return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
        }
    }
}
