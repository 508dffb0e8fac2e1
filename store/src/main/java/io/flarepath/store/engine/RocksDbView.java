package io.flarepath.store.engine;

import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.Snapshot;

/** A RocksDB snapshot. */
final class RocksDbView implements View {
    private final OpenDatabase database;
    private final Snapshot snapshot;
    private final ReadOptions options;
    private final Runnable onClose;
    private boolean closed;

    RocksDbView(OpenDatabase database, Runnable onClose) {
        this.database = database;
        this.onClose = onClose;
        this.snapshot = database.db().getSnapshot();
        this.options = new ReadOptions().setSnapshot(snapshot);
    }

    @Override
    public byte @Nullable [] get(Family family, byte[] key) {
        try {
            return database.db().get(database.handle(family), options, key);
        } catch (RocksDBException e) {
            throw RocksDbEngine.failure("a key of family " + family + " cannot be read", e);
        }
    }

    @Override
    public Cursor scan(Family family) {
        return new RocksDbCursor(
                family, database.db().newIterator(database.handle(family), options), () -> {});
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            options.close();
            database.db().releaseSnapshot(snapshot);
            snapshot.close();
            onClose.run();
        }
    }
}
