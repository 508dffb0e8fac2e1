package io.flarepath.store;

import io.flarepath.store.engine.RocksDbEngine;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store as it was at one moment, in files that lie on the same disk as hard links. Closing it
 * removes them; what a killed process leaves is removed when the store is opened again.
 */
public final class Checkpoint implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Checkpoint.class);

    private final Path directory;

    private Checkpoint(Path directory) {
        this.directory = directory;
    }

    static Checkpoint of(RocksDbEngine engine, Path checkpoints) {
        Path directory = checkpoints.resolve(UUID.randomUUID().toString());
        try {
            engine.checkpoint(directory);
        } catch (RuntimeException e) {
            remove(directory);
            throw e;
        }
        return new Checkpoint(directory);
    }

    /** Removes what an earlier process has left. */
    static void sweep(Path checkpoints) {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(checkpoints)) {
            left.forEach(Checkpoint::remove);
        } catch (IOException e) {
            log.warn("{} cannot be swept: {}", checkpoints, e.toString());
        }
    }

    /** The format version of what lies in it. */
    public String format() {
        return StoreDirectory.FORMAT;
    }

    /**
     * Its files, which belong into the directory {@code db} of a store.
     *
     * @throws StoreException DISK when they cannot be listed
     */
    public List<Path> files() {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
            found.forEach(files::add);
        } catch (IOException e) {
            throw new StoreException(
                    StoreException.Reason.DISK, directory + " cannot be listed", e);
        }
        files.sort(null);
        return files;
    }

    @Override
    public void close() {
        remove(directory);
    }

    /** RocksDB makes no directories below its own; a failed attempt has another name at its end. */
    private static void remove(Path directory) {
        for (Path each :
                List.of(directory, directory.resolveSibling(directory.getFileName() + ".tmp"))) {
            if (!Files.isDirectory(each)) {
                continue;
            }
            try (DirectoryStream<Path> files = Files.newDirectoryStream(each)) {
                for (Path file : files) {
                    Files.deleteIfExists(file);
                }
                Files.deleteIfExists(each);
            } catch (IOException e) {
                log.warn("The checkpoint {} stays until the next start: {}", each, e.toString());
            }
        }
    }
}
