package io.flarepath.agent.export;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The folder of the queue: ours alone (mode 0700), locked against a second agent, and no symbolic
 * link, nor any file in it that we open. Holds one file a segment, named by its number.
 */
final class QueueFolder implements AutoCloseable {
    private static final Pattern SEGMENT = Pattern.compile("[0-9a-f]{16}\\.seg");
    private static final int MOST_FILES = 100_000;

    private final Path path;
    private final FileChannel lockFile;

    private QueueFolder(Path path, FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    /**
     * Makes the folder if need be and locks it.
     *
     * @throws IOException if it cannot be used; says why and what helps
     */
    static QueueFolder open(Path path) throws IOException {
        create(path);
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(
                    path + " is no folder, or a symbolic link: name another queue.path");
        }
        Object owner = Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        Object self = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        if (!owner.equals(self)) {
            throw new IOException(
                    "%s belongs to user %s, but the agent runs as %s: chown it or name another queue.path"
                            .formatted(path, owner, self));
        }
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
        FileChannel lockFile =
                FileChannel.open(
                        path.resolve("lock"),
                        Set.of(
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE,
                                LinkOption.NOFOLLOW_LINKS),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        if (!lock(lockFile)) {
            lockFile.close();
            throw new IOException(
                    path + " is in use by another agent: stop it or name another queue.path");
        }
        return new QueueFolder(path, lockFile);
    }

    private static void create(Path path) throws IOException {
        var ownerOnly =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        Path parent = path.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        try {
            Files.createDirectory(path, ownerOnly);
        } catch (FileAlreadyExistsException e) {
            // What is there is checked by the caller.
        }
    }

    private static boolean lock(FileChannel file) throws IOException {
        try {
            // Held until the channel is closed or the process ends, however it ends.
            FileLock lock = file.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    /** The segments, oldest first. Other files are left alone. */
    List<Path> segments() throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
            for (Path file : files) {
                if (SEGMENT.matcher(file.getFileName().toString()).matches()
                        && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    found.add(file);
                }
                if (found.size() > MOST_FILES) {
                    throw new IOException(
                            path + " holds more files than the limit of " + MOST_FILES);
                }
            }
        }
        Collections.sort(found);
        return found;
    }

    /** The file of a segment. */
    Path segment(long number) {
        return path.resolve("%016x.seg".formatted(number));
    }

    /** The number in the name of a segment's file. */
    static long number(Path segment) {
        return Long.parseUnsignedLong(segment.getFileName().toString().substring(0, 16), 16);
    }

    static void delete(Path file) throws IOException {
        try {
            Files.delete(file);
        } catch (NoSuchFileException e) {
            // Somebody tidied up; that it is gone is what was wanted.
        }
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
