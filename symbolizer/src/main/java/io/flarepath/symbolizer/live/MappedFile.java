package io.flarepath.symbolizer.live;

import io.flarepath.symbolizer.binary.FileKey;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * The file behind a mapping, found in a way that the target cannot mislead.
 *
 * @param path where our own process can open it
 * @param key its state, for {@link io.flarepath.symbolizer.binary.ExecutableCache}
 * @param fileName name for frames: the last part of the path as the target sees it
 */
public record MappedFile(Path path, FileKey key, String fileName) {

    /**
     * Finds the file. First by {@code /proc/PID/map_files}, which is exactly what is mapped,
     * deleted or not, but needs CAP_CHECKPOINT_RESTORE; then by its path under {@code
     * /proc/PID/root}, if the inode is the mapping's. The device is not compared: on overlayfs and
     * btrfs the kernel shows another one in maps than in stat.
     *
     * @throws IOException if neither leads to a regular file, with the reason of both
     */
    public static MappedFile find(int pid, MemoryMapping mapping) throws IOException {
        if (!mapping.hasFile()) {
            throw new IOException("no file stands behind the mapping " + mapping.path());
        }
        Path process = Path.of("/proc/" + pid);
        String range = Long.toHexString(mapping.start()) + "-" + Long.toHexString(mapping.end());
        try {
            return checked(process.resolve("map_files").resolve(range), mapping, false);
        } catch (IOException exact) {
            try {
                Path inRoot = process.resolve("root").resolve(mapping.path().substring(1));
                return checked(inRoot, mapping, true);
            } catch (IOException | InvalidPathException byPath) {
                byPath.addSuppressed(exact);
                throw new IOException(
                        "the file of a mapping cannot be opened: neither by map_files ("
                                + exact
                                + ") nor by its path in the target's root ("
                                + byPath
                                + ")",
                        byPath);
            }
        }
    }

    private static MappedFile checked(Path path, MemoryMapping mapping, boolean compareInode)
            throws IOException {
        // Asked before opening: opening a FIFO would wait for a writer.
        if (!Files.readAttributes(path, BasicFileAttributes.class).isRegularFile()) {
            throw new IOException(path + " is not a regular file");
        }
        FileKey key = FileKey.of(path);
        if (compareInode && key.inode() != mapping.inode()) {
            throw new IOException(
                    path
                            + " was replaced since it was mapped: inode "
                            + mapping.inode()
                            + " is mapped, inode "
                            + key.inode()
                            + " stands there now");
        }
        return new MappedFile(path, key, mapping.fileName());
    }

    /** Opens it for reading; the caller closes the channel. */
    public FileChannel open() throws IOException {
        return FileChannel.open(path, StandardOpenOption.READ);
    }
}
