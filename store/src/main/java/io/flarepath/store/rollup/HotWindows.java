package io.flarepath.store.rollup;

import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The windows in which profiles lie each by itself. Whoever takes {@link #within} first and a view
 * of the engine afterwards misses none that was acknowledged before. Safe for many threads.
 */
public final class HotWindows {
    private final Engine engine;
    private final ConcurrentSkipListSet<Integer> windows = new ConcurrentSkipListSet<>();

    /** Shared by those who write, so that no window is taken for empty while it is written to. */
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

    /** Newest window of which anything was, or is about to be, put together. */
    private volatile int newestFinished = -1;

    /** Finds the windows. */
    public HotWindows(Engine engine) {
        this.engine = engine;
        for (int window = next(Family.PROFILES, 0);
                window >= 0;
                window = next(Family.PROFILES, window + 1)) {
            windows.add(window);
        }
        for (int window = next(Family.MEMBERS, 0);
                window >= 0;
                window = next(Family.MEMBERS, window + 1)) {
            newestFinished = window;
        }
    }

    private int next(Family family, int from) {
        try (Cursor cursor = engine.scan(family)) {
            cursor.seek(ProfileKey.first(from), ProfileKey.first(-1));
            return cursor.next() ? new ByteReader(cursor.key(), 0, 4).u32() : -1;
        }
    }

    /** Writes a batch with profiles of some windows. */
    public void write(Batch batch, Collection<Integer> into) {
        lock.readLock().lock();
        try {
            windows.addAll(into);
            engine.write(batch);
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Those of {@code [from, until)}, in order. */
    public List<Integer> within(int from, int until) {
        return from >= until ? List.of() : List.copyOf(windows.subSet(from, until));
    }

    /** Forgets a window when nothing is left in it. */
    void settle(int window) {
        lock.writeLock().lock();
        try {
            if (next(Family.PROFILES, window) != window) {
                windows.remove(window);
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Says that a window is about to be put together. */
    synchronized void finishing(int window) {
        newestFinished = Math.max(newestFinished, window);
    }

    /** Whether profiles of a window may lie in lists. Ask after looking among the single ones. */
    public boolean mayBeFinished(int window) {
        return window <= newestFinished;
    }
}
