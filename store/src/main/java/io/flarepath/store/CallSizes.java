package io.flarepath.store;

import io.flarepath.store.call.CallIndex;
import io.flarepath.store.call.CallKey;
import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * How many bytes of calls lie in which window. Blocks themselves are not read for it when a store
 * is opened: the index says how large they are. Safe for many threads.
 */
final class CallSizes {
    private final ConcurrentSkipListMap<Integer, Long> windows = new ConcurrentSkipListMap<>();

    CallSizes(Engine engine, ZstdPool zstd, Damage damage) {
        try (Cursor index = engine.scan(Family.CALL_INDEX);
                Cursor parts = engine.scan(Family.CALL_PARTS)) {
            index.seek(ProfileKey.first(0), ProfileKey.first(-1));
            while (index.next()) {
                byte[] value = index.value();
                long block = 0;
                try {
                    block = CallIndex.open(value, zstd).blockBytes();
                } catch (CorruptValueException e) {
                    damage.found("the index of calls: " + e.getMessage());
                }
                add(CallKey.of(index.key()).window(), block + value.length);
            }
            parts.seek(ProfileKey.first(0), ProfileKey.first(-1));
            while (parts.next()) {
                add(CallKey.of(parts.key()).window(), parts.value().length);
            }
        }
    }

    void add(int window, long bytes) {
        windows.merge(window, bytes, Long::sum);
    }

    /** All of a window is gone. */
    void remove(int window) {
        windows.remove(window);
    }

    /** Windows with calls, in order. */
    Iterable<Integer> windows() {
        return windows.keySet();
    }

    boolean isEmpty() {
        return windows.isEmpty();
    }

    int first() {
        return windows.firstKey();
    }

    int last() {
        return windows.lastKey();
    }

    /** Of all windows together. */
    long total() {
        long total = 0;
        for (long bytes : windows.values()) {
            total += bytes;
        }
        return total;
    }

    long of(int window) {
        return windows.getOrDefault(window, 0L);
    }
}
