package io.flarepath.store.retention;

import io.flarepath.store.chunk.Level;
import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import io.flarepath.store.index.Space;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The first window of which there may still be profiles one by one, and sums of each level: before
 * it a reader has to do with coarser ones. It only ever moves forward, and is stored before
 * anything is dropped.
 */
public final class KeptFrom {
    private static final char PREFIX = 'k';
    private static final int DETAIL = 0;

    private final Engine engine;
    private final int firstShelf;
    private final AtomicIntegerArray windows = new AtomicIntegerArray(1 + Level.values().length);

    /** Reads what is stored of series of a kind. */
    public KeptFrom(Engine engine, Space space) {
        this.engine = engine;
        this.firstShelf = space.firstShelf();
        for (int shelf = 0; shelf < windows.length(); shelf++) {
            byte[] stored = engine.get(Family.META, key(shelf));
            if (stored != null) {
                windows.set(shelf, new ByteReader(stored, 0, stored.length).u32());
            }
        }
    }

    private byte[] key(int shelf) {
        return new ByteWriter(2).u8(PREFIX).u8(firstShelf + shelf).toArray();
    }

    /** The first window with profiles one by one. */
    public int detail() {
        return windows.get(DETAIL);
    }

    /** The first window with sums of a level. */
    public int of(Level level) {
        return windows.get(1 + level.code());
    }

    boolean moveDetail(int window) {
        return move(DETAIL, window);
    }

    boolean move(Level level, int window) {
        return move(1 + level.code(), window);
    }

    /** Whether it moved. */
    private boolean move(int shelf, int window) {
        if (window <= windows.get(shelf)) {
            return false;
        }
        engine.write(
                new Batch().put(Family.META, key(shelf), new ByteWriter(4).u32(window).toArray()));
        windows.set(shelf, window);
        return true;
    }
}
