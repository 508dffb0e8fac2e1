package io.flarepath.api.ingest.pprof;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Gives the ids of a pprof (any 64-bit number but 0) dense indices in order of first sight. Small
 * ids, which nearly all writers use, go through an array.
 */
final class IdTable {
    private static final int DIRECT = 1 << 20;
    private static final int BYTES_AN_ENTRY = 100;

    private final Charged memory;
    private int[] direct = new int[1024];
    private final Map<Long, Integer> far = new HashMap<>();
    private int size;

    /** Of the ids that go through the array. */
    private int largest;

    IdTable(Charged memory) {
        this.memory = memory;
    }

    /** The index of an id, which is added when it is new. */
    int index(long id) {
        if (id > 0 && id < DIRECT) {
            return directIndex((int) id);
        }
        Integer known = far.get(id);
        if (known != null) {
            return known;
        }
        memory.charge(BYTES_AN_ENTRY);
        far.put(id, size);
        return size++;
    }

    private int directIndex(int id) {
        if (id >= direct.length) {
            int length = Math.max(id + 1, direct.length * 2);
            memory.charge(4L * (length - direct.length));
            direct = Arrays.copyOf(direct, length);
        }
        int known = direct[id];
        if (known == 0) {
            known = ++size;
            direct[id] = known;
            largest = Math.max(largest, id);
        }
        return known - 1;
    }

    /** Forgets all ids; the room stays. */
    void clear() {
        Arrays.fill(direct, 0, largest + 1, 0);
        largest = 0;
        far.clear();
        size = 0;
    }

    /** Number of ids seen. */
    int size() {
        return size;
    }
}
