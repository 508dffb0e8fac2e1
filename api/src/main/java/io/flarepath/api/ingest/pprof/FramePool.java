package io.flarepath.api.ingest.pprof;

import io.flarepath.store.profile.Frame;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * Frames with a name that came lately, found by 128 bits of hash of all that a pprof says of them.
 * All frames of an upload are looked for one after the other, so that the processor can fetch
 * several at a time: to wait for memory is most of what finding them costs. Of fixed size, a new
 * frame pushes an old one out. Safe for many threads.
 */
final class FramePool {
    /** A hash falls into one of so many sets, of {@link #WAYS} places each. */
    private static final int SETS = 1 << 13;

    private static final int WAYS = 8;

    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

    /** Two words a place. */
    private final long[] hashes = new long[2 * WAYS * SETS];

    private final @Nullable Frame[] frames = new @Nullable Frame[WAYS * SETS];

    /**
     * Finds frames.
     *
     * @param keys two words a frame: its hash
     * @param into a place a frame; those that are not known are null
     */
    void find(long[] keys, @Nullable Frame[] into, int count) {
        lock.readLock().lock();
        try {
            for (int i = 0; i < count; i++) {
                into[i] = find(keys[2 * i], keys[2 * i + 1]);
            }
        } finally {
            lock.readLock().unlock();
        }
    }

    private @Nullable Frame find(long a, long b) {
        int first = set(a);
        for (int place = first; place < first + WAYS; place++) {
            if (hashes[2 * place] == a && hashes[2 * place + 1] == b) {
                return frames[place];
            }
        }
        return null;
    }

    private static int set(long a) {
        return WAYS * ((int) (a >>> 40) & (SETS - 1));
    }

    /**
     * Keeps a frame that was not found, in place of the oldest of its set.
     *
     * @return the frame, or the same one that somebody has kept since
     */
    Frame kept(long a, long b, Frame frame) {
        lock.writeLock().lock();
        try {
            Frame other = find(a, b);
            if (other != null) {
                return other;
            }
            int first = set(a);
            System.arraycopy(hashes, 2 * first, hashes, 2 * first + 2, 2 * (WAYS - 1));
            System.arraycopy(frames, first, frames, first + 1, WAYS - 1);
            hashes[2 * first] = a;
            hashes[2 * first + 1] = b;
            frames[first] = frame;
            return frame;
        } finally {
            lock.writeLock().unlock();
        }
    }
}
