package io.flarepath.symbolizer.live.hotspot;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what was read of a VM within a number of entries and of bytes; the least used goes first.
 */
final class BoundedCache<K, V> {
    private final LinkedHashMap<K, V> entries = new LinkedHashMap<>(64, 0.75f, true);
    private final ToIntFunction<V> size;
    private final int mostEntries;
    private final int mostBytesEver;
    private int mostBytes;
    private int bytes;

    /**
     * @param size bytes of a value; always the same for one value
     */
    BoundedCache(int mostEntries, int mostBytes, ToIntFunction<V> size) {
        this.mostEntries = mostEntries;
        this.mostBytesEver = mostBytes;
        this.mostBytes = mostBytes;
        this.size = size;
    }

    @Nullable V get(K key) {
        return entries.get(key);
    }

    void put(K key, V value) {
        @Nullable V before = entries.put(key, value);
        bytes += size.applyAsInt(value) - (before == null ? 0 : size.applyAsInt(before));
        Iterator<Map.Entry<K, V>> eldest = entries.entrySet().iterator();
        while (entries.size() > mostEntries || (bytes > mostBytes && entries.size() > 1)) {
            bytes -= size.applyAsInt(eldest.next().getValue());
            eldest.remove();
        }
    }

    /** Bounds the bytes from the next entry on, never above the bound that it was made with. */
    void keepAtMost(int limit) {
        mostBytes = Math.min(limit, mostBytesEver);
    }

    void clear() {
        entries.clear();
        bytes = 0;
    }
}
