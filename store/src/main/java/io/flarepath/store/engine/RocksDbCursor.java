package io.flarepath.store.engine;

import java.util.Arrays;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/** A RocksDB iterator between two keys. */
final class RocksDbCursor implements Cursor {
    private final Family family;
    private final RocksIterator iterator;
    private final Runnable onClose;
    private byte[] until = new byte[0];
    private byte[] key = new byte[0];
    private boolean started;
    private boolean closed;

    RocksDbCursor(Family family, RocksIterator iterator, Runnable onClose) {
        this.family = family;
        this.iterator = iterator;
        this.onClose = onClose;
    }

    @Override
    public void seek(byte[] from, byte[] end) {
        until = end;
        started = false;
        iterator.seek(from);
    }

    @Override
    public boolean next() {
        if (started) {
            iterator.next();
        }
        started = true;
        if (!iterator.isValid()) {
            try {
                iterator.status();
            } catch (RocksDBException e) {
                throw RocksDbEngine.failure("family " + family + " cannot be read on", e);
            }
            started = false;
            return false;
        }
        key = iterator.key();
        boolean within = Arrays.compareUnsigned(key, until) < 0;
        if (!within) {
            started = false;
        }
        return within;
    }

    @Override
    public byte[] key() {
        return key;
    }

    @Override
    public byte[] value() {
        return iterator.value();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            iterator.close();
            onClose.run();
        }
    }
}
