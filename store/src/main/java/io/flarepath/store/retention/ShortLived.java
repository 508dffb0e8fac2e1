package io.flarepath.store.retention;

import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import java.time.Duration;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long, and up to what size, one family is kept that lies beside profiles, under their keys,
 * for a shorter time than they. Sizes are those of keys and values. Safe for many threads.
 */
public final class ShortLived {
    private static final Logger log = LoggerFactory.getLogger(ShortLived.class);

    private final Engine engine;
    private final Family family;
    private final Duration age;
    private final long mostBytes;
    private final AtomicLong dropped = new AtomicLong();

    /** Bytes by window: of what came since it was known what there is. */
    private volatile ConcurrentSkipListMap<Integer, Long> windows = new ConcurrentSkipListMap<>();

    private volatile boolean known;
    private int from;

    /**
     * Bounds over what lies in an engine.
     *
     * @param family what is bounded; its keys are those of profiles
     * @param age from what age on it is dropped
     * @param mostBytes size above which the oldest goes whatever its age
     */
    public ShortLived(Engine engine, Family family, Duration age, long mostBytes) {
        this.engine = engine;
        this.family = family;
        this.age = age;
        this.mostBytes = mostBytes;
    }

    /** Counts what was written of a window. */
    public void wrote(int window, long bytes) {
        windows.merge(window, bytes, Long::sum);
    }

    /** Size of what there is; before the first pass of retention, of what was written. */
    public long bytes() {
        return windows.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Size of what was dropped because there was too much of it, since the store was opened. */
    public long droppedBytes() {
        return dropped.get();
    }

    /** Drops what is too old, and the oldest of what is too much. */
    synchronized void drop(long nowNanos) {
        dropBefore(Retention.window(nowNanos, age));
        if (!known || bytes() > mostBytes) {
            look();
        }
        long left = bytes();
        int until = 0;
        for (var entry : windows.entrySet()) {
            if (left <= mostBytes) {
                break;
            }
            left -= entry.getValue();
            dropped.addAndGet(entry.getValue());
            until = entry.getKey() + 1;
        }
        if (until > 0) {
            log.warn(
                    "{} take more than {} bytes: what is before {} is dropped",
                    family,
                    mostBytes,
                    Retention.instant(until));
            from = Math.max(from, until);
            dropNow(until);
        }
    }

    /**
     * Drops what lies before a window; what came late for a time before goes when that moves on.
     */
    synchronized void dropBefore(int window) {
        if (window > from) {
            from = window;
            dropNow(window);
        }
    }

    private void dropNow(int window) {
        engine.dropRange(family, ProfileKey.first(0), ProfileKey.first(window));
        windows.headMap(window).clear();
    }

    /** Drops a range of keys of one window. */
    void drop(byte[] fromKey, byte[] untilKey) {
        engine.dropRange(family, fromKey, untilKey);
    }

    /** Adds up what there is. What is written meanwhile may count twice until the next look. */
    private void look() {
        ConcurrentSkipListMap<Integer, Long> found = new ConcurrentSkipListMap<>();
        windows = found;
        try (Cursor cursor = engine.scan(family)) {
            cursor.seek(ProfileKey.first(0), ProfileKey.first(-1));
            while (cursor.next()) {
                byte[] key = cursor.key();
                long bytes = (long) key.length + cursor.value().length;
                found.merge(ProfileKey.of(key).window(), bytes, Long::sum);
            }
        }
        known = true;
    }
}
