package io.flarepath.store;

import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.TreeSet;

/** The directory of a store: made when it is not there, refused when it is something else's. */
final class StoreDirectory {
    /** Version of everything that lies in a store; docs/store-format.md describes it. */
    static final String FORMAT = "7";

    /**
     * A store of version 6 is one without times of samples, in which every window of a series has
     * sums of its own, and with spreads over profiles of the older form only. One of version 5 is
     * besides one without calls and without sums by labels, one of version 4 besides one without
     * metrics, one of version 3 besides one without exemplars, one of version 2 besides one in
     * which no window was put together; one of version 1 has no flags of frames but "inlined",
     * besides.
     */
    private static final Set<String> OLDER_FORMATS = Set.of("1", "2", "3", "4", "5", "6");

    private static final byte[] FORMAT_KEY = "version".getBytes(StandardCharsets.UTF_8);
    private static final String DATABASE = "db";
    private static final String LIBRARIES = "native";
    private static final String CHECKPOINTS = "checkpoints";

    /** What may lie in a directory that a store is made in; a mount point has the last. */
    private static final Set<String> OURS =
            Set.of(DATABASE, LIBRARIES, CHECKPOINTS, "quarantine", "lost+found");

    private static final long LEAST_FREE = 256L << 20;

    private final Path path;

    // Not a FileStore: that wants to find the mount in /proc, which a changed root hides.
    private final File disk;

    private StoreDirectory(Path path) {
        this.path = path;
        this.disk = path.toFile();
    }

    static StoreDirectory prepare(Path path) {
        try {
            makePrivate(path);
            Set<String> strangers = new TreeSet<>();
            try (var entries = Files.newDirectoryStream(path)) {
                entries.forEach(entry -> strangers.add(String.valueOf(entry.getFileName())));
            }
            strangers.removeAll(OURS);
            if (!strangers.isEmpty() && !Files.exists(path.resolve(DATABASE).resolve("CURRENT"))) {
                throw new StoreException(
                        StoreException.Reason.CORRUPT,
                        path
                                + " is not a store and not empty (it holds "
                                + strangers.iterator().next()
                                + "): name an empty directory or one that does not exist");
            }
            makePrivate(path.resolve(DATABASE));
            makePrivate(path.resolve(LIBRARIES));
            makePrivate(path.resolve(CHECKPOINTS));
            return new StoreDirectory(path);
        } catch (IOException | UncheckedIOException e) {
            throw new StoreException(
                    StoreException.Reason.DISK,
                    "the directory of the store cannot be prepared: " + e,
                    e);
        }
    }

    private static void makePrivate(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(
                    directory,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        }
    }

    Path database() {
        return path.resolve(DATABASE);
    }

    Path libraries() {
        return path.resolve(LIBRARIES);
    }

    /** Where checkpoints lie while somebody reads them. */
    Path checkpoints() {
        return path.resolve(CHECKPOINTS);
    }

    /** Whether a store of a version is read; an older one is of this version from then on. */
    static boolean reads(String format) {
        return format.equals(FORMAT) || OLDER_FORMATS.contains(format);
    }

    /**
     * Writes the version into a new store, and into one of a version before, which is then no
     * longer read by what wrote it; refuses any other.
     */
    void checkFormat(Engine engine) {
        byte[] found = engine.get(Family.META, FORMAT_KEY);
        if (found != null) {
            String version = new String(found, StandardCharsets.UTF_8);
            if (OLDER_FORMATS.contains(version)) {
                writeFormat(engine);
            } else if (!version.equals(FORMAT)) {
                throw refused("has format version " + version);
            }
            return;
        }
        for (Family family : Family.values()) {
            try (Cursor cursor = engine.scan(family)) {
                cursor.seek(new byte[0], new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1});
                if (cursor.next()) {
                    throw refused("holds data and no format version");
                }
            }
        }
        writeFormat(engine);
    }

    private static void writeFormat(Engine engine) {
        engine.write(
                new Batch().put(Family.META, FORMAT_KEY, FORMAT.getBytes(StandardCharsets.UTF_8)));
        engine.sync();
    }

    private StoreException refused(String what) {
        return new StoreException(
                StoreException.Reason.CORRUPT,
                "the store in "
                        + path
                        + " "
                        + what
                        + "; this Flarepath reads version "
                        + FORMAT
                        + ". Start the version that wrote it, or name another directory");
    }

    /** Refuses a write when the disk is nearly full: flushes and compactions need room. */
    void checkFree(long minimumFreeBytes) {
        long least =
                minimumFreeBytes >= 0
                        ? minimumFreeBytes
                        : Math.max(LEAST_FREE, disk.getTotalSpace() / 100);
        long free = disk.getUsableSpace();
        if (free < least) {
            throw new StoreException(
                    StoreException.Reason.DISK,
                    "the disk of "
                            + path
                            + " has "
                            + free
                            + " bytes free, fewer than the "
                            + least
                            + " that must stay: free some, or shorten the retention");
        }
    }
}
