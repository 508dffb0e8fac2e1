package io.flarepath.store.engine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Changes that become visible and durable together, or not at all. One thread. */
public final class Batch {
    /** One change; a null value removes the key. */
    record Change(Family family, byte[] key, byte @Nullable [] value) {}

    private final List<Change> changes = new ArrayList<>();
    private long bytes;

    /** Sets the value of a key. */
    public Batch put(Family family, byte[] key, byte[] value) {
        changes.add(new Change(family, key, value));
        bytes += key.length + value.length;
        return this;
    }

    /** Removes a key. */
    public Batch delete(Family family, byte[] key) {
        changes.add(new Change(family, key, null));
        bytes += key.length;
        return this;
    }

    /** Whether nothing is to be changed. */
    public boolean isEmpty() {
        return changes.isEmpty();
    }

    /** Size of all keys and values, in bytes. */
    public long bytes() {
        return bytes;
    }

    List<Change> changes() {
        return changes;
    }
}
