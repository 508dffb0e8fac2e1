package io.flarepath.store.engine;

import io.flarepath.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What may be lost with the WALs of a database that is refused as corrupt: at most what they hold,
 * written between two times. Whatever else of the database is damaged is none of their business.
 */
final class WalDamage {
    private static final Logger log = LoggerFactory.getLogger(WalDamage.class);
    private static final String QUARANTINE = "quarantine";

    private final Path directory;
    private final List<Path> wals;
    private final Instant from;
    private final Instant until;

    private WalDamage(Path directory, List<Path> wals, Instant from, Instant until) {
        this.directory = directory;
        this.wals = wals;
        this.from = from;
        this.until = until;
    }

    /** Whether a failed opening may be the WALs' fault. */
    static boolean isPossible(RocksDBException e) {
        Status status = e.getStatus();
        return status != null && status.getCode() == Status.Code.Corruption;
    }

    /** Looks at the WALs of a database that could not be opened. */
    private static WalDamage of(Path directory) throws IOException {
        TreeMap<Path, BasicFileAttributes> found = new TreeMap<>();
        try (var files = Files.newDirectoryStream(directory, "*.log")) {
            for (Path file : files) {
                found.put(file, Files.readAttributes(file, BasicFileAttributes.class));
            }
        }
        Instant from = Instant.MAX;
        Instant until = Instant.EPOCH;
        for (BasicFileAttributes each : found.values()) {
            Instant made = each.creationTime().toInstant();
            Instant changed = each.lastModifiedTime().toInstant();
            from = made.isBefore(from) ? made : from;
            until = changed.isAfter(until) ? changed : until;
        }
        return new WalDamage(directory, List.copyOf(found.keySet()), from, until);
    }

    /**
     * Opens a refused database up to the damage when that loss is accepted; else says how.
     *
     * @param refusal what the opening failed with; thrown when the WALs are not the reason
     */
    static OpenDatabase openUpToDamage(
            Path directory, RocksDbOptions options, boolean acceptLoss, StoreException refusal) {
        try {
            WalDamage damage = of(directory);
            if (damage.wals.isEmpty()) {
                options.close();
                throw refusal;
            }
            if (!acceptLoss) {
                options.close();
                throw new StoreException(
                        StoreException.Reason.CORRUPT,
                        refusal.getMessage()
                                + ". If it is "
                                + damage
                                + ", opening once with accept-loss=true keeps a copy of it and gives up"
                                + " what was written behind the damage",
                        refusal);
            }
            return damage.quarantine(options, refusal);
        } catch (IOException e) {
            options.close();
            throw new StoreException(
                    StoreException.Reason.DISK, "the WALs in " + directory + " cannot be kept", e);
        }
    }

    private OpenDatabase quarantine(RocksDbOptions options, StoreException refusal)
            throws IOException {
        Path copies = keepCopies();
        try {
            OpenDatabase open = OpenDatabase.open(directory, options.upToDamage());
            log.warn(
                    "Opened {} up to a damage in {}: what was written behind the damage is lost."
                            + " Copies lie in {}",
                    directory,
                    this,
                    copies);
            return open;
        } catch (RocksDBException e) {
            dropCopies(copies);
            refusal.addSuppressed(e);
            throw refusal;
        }
    }

    /** Copies the WALs beside the database, and tells where to. */
    private Path keepCopies() throws IOException {
        Path quarantine =
                Files.createDirectories(directory.resolveSibling(QUARANTINE))
                        .resolve("wal-" + Instant.now().toEpochMilli());
        Files.createDirectory(quarantine);
        for (Path wal : wals) {
            Files.copy(wal, quarantine.resolve(wal.getFileName()));
        }
        return quarantine;
    }

    /** Undoes {@link #keepCopies()}, when the WALs turn out not to be what is damaged. */
    private void dropCopies(Path quarantine) throws IOException {
        for (Path wal : wals) {
            Files.deleteIfExists(quarantine.resolve(wal.getFileName()));
        }
        Files.deleteIfExists(quarantine);
    }

    /** The files, and at most what is lost with them. */
    @Override
    public String toString() {
        List<String> names = new ArrayList<>();
        wals.forEach(wal -> names.add(String.valueOf(wal.getFileName())));
        return "the write-ahead log in "
                + directory
                + " ("
                + String.join(", ", names)
                + "), where what was written between "
                + from
                + " and "
                + until
                + " lies";
    }
}
