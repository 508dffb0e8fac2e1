package io.flarepath.store.engine;

import io.flarepath.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Checkpoint;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine inside this process: RocksDB in one directory, which it locks. When the disk has
 * refused a write, {@link #sync()} finds out whether it is over, and reopens the database when it
 * does not recover by itself; reads go on meanwhile.
 */
public final class RocksDbEngine implements Engine {
    private static final Logger log = LoggerFactory.getLogger(RocksDbEngine.class);

    /** Room beyond the WAL for what opening writes. */
    private static final long REOPENING_BYTES = 8L << 20;

    /** A WAL of this size is worth emptying at any time. */
    private static final long LARGE_WAL_BYTES = 8L << 20;

    /** One of this size is when nothing was written since the last look. */
    private static final long SMALL_WAL_BYTES = 128L << 10;

    /** How long a reopening waits for a moment in which nobody uses the database. */
    private static final long QUIET_MILLIS = 5_000;

    private final Path directory;
    private final Supplier<RocksDbOptions> options;
    private final UseGuard guard = new UseGuard();
    private final Outage outage = new Outage();
    private final ReentrantLock recovery = new ReentrantLock();
    private final GroupSync groupSync = new GroupSync(this::flushToDisk);

    /** The last write that {@link #settle()} knew of. */
    private long seen = -1;

    /** Null while a reopening has failed; changed only while nobody else is within the guard. */
    private volatile @Nullable OpenDatabase open;

    private RocksDbEngine(Path directory, Supplier<RocksDbOptions> options, OpenDatabase open) {
        this.directory = directory;
        this.options = options;
        this.open = open;
    }

    /**
     * Opens the database, or makes one.
     *
     * @param directory holds its files and nothing else
     * @param libraries where the native library is unpacked
     * @param cacheBytes blocks, indexes and memtables together
     * @param memtableBytes of which memtables
     * @param acceptLoss whether a WAL that is damaged in the middle is cut there, with copies kept
     *     in {@code quarantine} beside the directory, instead of being refused
     * @throws StoreException CORRUPT or DISK when it cannot be opened
     */
    public static RocksDbEngine open(
            Path directory,
            Path libraries,
            long cacheBytes,
            long memtableBytes,
            boolean acceptLoss) {
        try {
            NativeLibrary.load(libraries);
        } catch (IOException e) {
            throw new StoreException(
                    StoreException.Reason.DISK,
                    "RocksDB's native library cannot be unpacked into " + libraries,
                    e);
        }
        Supplier<RocksDbOptions> options = () -> new RocksDbOptions(cacheBytes, memtableBytes);
        OpenDatabase open;
        try {
            open = OpenDatabase.open(directory, options.get());
        } catch (RocksDBException e) {
            StoreException failure = failure("the store in " + directory + " cannot be opened", e);
            if (!WalDamage.isPossible(e)) {
                throw failure;
            }
            open = WalDamage.openUpToDamage(directory, options.get(), acceptLoss, failure);
        }
        return new RocksDbEngine(directory, options, open);
    }

    private OpenDatabase database() {
        OpenDatabase database = open;
        if (database == null) {
            throw new StoreException(
                    StoreException.Reason.DISK,
                    "the store in " + directory + " could not be reopened after its disk failed");
        }
        return database;
    }

    /** A failed write; from a disk that fails it begins an outage. */
    private StoreException failedWrite(String what, RocksDBException e) {
        StoreException failure = failure(what, e);
        if (failure.reason() == StoreException.Reason.DISK) {
            outage.begin();
        }
        return failure;
    }

    @Override
    public void write(Batch batch) {
        guard.enter();
        try (WriteBatch writes = new WriteBatch()) {
            OpenDatabase to = database();
            for (Batch.Change change : batch.changes()) {
                byte[] value = change.value();
                if (value == null) {
                    writes.delete(to.handle(change.family()), change.key());
                } else {
                    writes.put(to.handle(change.family()), change.key(), value);
                }
            }
            to.db().write(to.writeOptions(), writes);
        } catch (RocksDBException e) {
            throw failedWrite("nothing was written", e);
        } finally {
            guard.exit();
        }
    }

    @Override
    public byte @Nullable [] get(Family family, byte[] key) {
        guard.enter();
        try {
            OpenDatabase from = database();
            return from.db().get(from.handle(family), from.readOptions(), key);
        } catch (RocksDBException e) {
            throw failure("a key of family " + family + " cannot be read", e);
        } finally {
            guard.exit();
        }
    }

    @Override
    public Cursor scan(Family family) {
        guard.enter();
        try {
            OpenDatabase from = database();
            return new RocksDbCursor(
                    family,
                    from.db().newIterator(from.handle(family), from.readOptions()),
                    guard::exit);
        } catch (RuntimeException e) {
            guard.exit();
            throw e;
        }
    }

    @Override
    public View view() {
        guard.enter();
        try {
            return new RocksDbView(database(), guard::exit);
        } catch (RuntimeException e) {
            guard.exit();
            throw e;
        }
    }

    @Override
    public void dropRange(Family family, byte[] from, byte[] until) {
        guard.enter();
        try {
            OpenDatabase in = database();
            // Whole files first, which costs nothing; the tombstone then covers the edges.
            in.db().deleteFilesInRanges(in.handle(family), List.of(from, until), false);
            in.db().deleteRange(in.handle(family), in.writeOptions(), from, until);
        } catch (RocksDBException e) {
            throw failedWrite("a range of family " + family + " cannot be dropped", e);
        } finally {
            guard.exit();
        }
    }

    /**
     * Puts everything as it is at this moment into another directory of the same disk, which must
     * not exist yet: hard links of the files that never change, copies of the others. Writes and
     * reads go on meanwhile.
     *
     * @throws StoreException DISK when there is no room, and nothing of it is left
     */
    public void checkpoint(Path to) {
        guard.enter();
        try (Checkpoint checkpoint = Checkpoint.create(database().db())) {
            checkpoint.createCheckpoint(to.toString());
        } catch (RocksDBException e) {
            throw failure("no checkpoint can be made in " + to, e);
        } finally {
            guard.exit();
        }
    }

    @Override
    public void sync() {
        if (outage.isOn()) {
            recover();
        }
        guard.enter();
        try {
            groupSync.await();
        } finally {
            guard.exit();
        }
    }

    void flushToDisk() {
        try {
            database().db().syncWal();
        } catch (RocksDBException e) {
            throw failedWrite("the WAL cannot be synced", e);
        }
    }

    /** Returns when writes work again; throws DISK while they do not. */
    private void recover() {
        recovery.lock();
        try {
            StoreException failure = probe();
            if (failure == null) {
                outage.end();
                return;
            }
            if (!outage.needsReopening(hasRoom(), System.nanoTime())) {
                throw failure;
            }
            if (!guard.alone(QUIET_MILLIS, this::reopen)) {
                throw failure;
            }
            outage.end();
        } finally {
            recovery.unlock();
        }
    }

    private @Nullable StoreException probe() {
        guard.enter();
        try (WriteBatch nothing = new WriteBatch()) {
            OpenDatabase to = database();
            to.db().write(to.writeOptions(), nothing);
            return null;
        } catch (RocksDBException e) {
            return failure("the disk still refuses writes", e);
        } catch (StoreException e) {
            return e;
        } finally {
            guard.exit();
        }
    }

    @Override
    public synchronized void settle() {
        guard.enter();
        try {
            OpenDatabase of = database();
            long last = of.db().getLatestSequenceNumber();
            long least = last == seen ? SMALL_WAL_BYTES : LARGE_WAL_BYTES;
            seen = last;
            if (!outage.isOn() && walBytes() >= least) {
                of.settle();
            }
        } catch (IOException e) {
            throw new StoreException(
                    StoreException.Reason.DISK, directory + " cannot be listed", e);
        } catch (RocksDBException e) {
            throw failedWrite("the WAL cannot be emptied", e);
        } finally {
            guard.exit();
        }
    }

    private long walBytes() throws IOException {
        long bytes = 0;
        try (var wals = Files.newDirectoryStream(directory, "*.log")) {
            for (Path wal : wals) {
                bytes += sizeOf(wal);
            }
        }
        return bytes;
    }

    /** Whether what the WALs hold could be written once more: opening does that. */
    private boolean hasRoom() {
        try {
            return Files.getFileStore(directory).getUsableSpace() >= REOPENING_BYTES + walBytes();
        } catch (IOException e) {
            return false; // a disk that cannot be asked is not one to reopen from
        }
    }

    private void reopen() {
        log.warn("The store in {} does not recover from a failed write: reopening it", directory);
        OpenDatabase before = open;
        open = null;
        if (before != null) {
            try {
                before.close();
            } catch (RocksDBException e) {
                // What was acknowledged lies in the WAL, which is read below.
                log.warn("The store in {} did not close cleanly: {}", directory, e.getMessage());
            }
        }
        try {
            open = OpenDatabase.open(directory, options.get());
        } catch (RocksDBException e) {
            throw failure("the store in " + directory + " cannot be reopened", e);
        }
    }

    /** Cursors and views that are open, and calls that are under way: what holds native memory. */
    public int uses() {
        return guard.users();
    }

    @Override
    public long bytesOnDisk() {
        long bytes = 0;
        try (var files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                bytes += sizeOf(file);
            }
            return bytes;
        } catch (IOException e) {
            throw new StoreException(
                    StoreException.Reason.DISK, directory + " cannot be listed", e);
        }
    }

    private static long sizeOf(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0; // compacted away since it was listed
        }
    }

    @Override
    public void close() {
        if (!guard.close()) {
            return;
        }
        OpenDatabase last = open;
        if (last == null) {
            return;
        }
        try {
            if (!outage.isOn()) {
                last.settle();
            }
        } catch (RocksDBException e) {
            log.warn("The WAL of the store in {} is kept: {}", directory, e.getMessage());
        }
        try {
            last.close();
        } catch (RocksDBException e) {
            throw failure("the store was closed, but its WAL may not be on the disk", e);
        }
    }

    static StoreException failure(String what, RocksDBException e) {
        Status status = e.getStatus();
        Status.Code code = status == null ? Status.Code.Undefined : status.getCode();
        StoreException.Reason reason =
                switch (code) {
                    case Corruption, NotSupported, InvalidArgument -> StoreException.Reason.CORRUPT;
                    case Busy, TryAgain, TimedOut -> StoreException.Reason.BUSY;
                    default -> StoreException.Reason.DISK;
                };
        return new StoreException(reason, what + ": " + e.getMessage(), e);
    }
}
