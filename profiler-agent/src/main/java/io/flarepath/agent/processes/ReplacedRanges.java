package io.flarepath.agent.processes;

/**
 * Ranges of addresses in which other code was mapped than before. A stack that was walked by the
 * mappings of before is not to be trusted from its first frame there on.
 */
public final class ReplacedRanges {
    /** Of more, all between the first and the last are taken for replaced. */
    private static final int MAX = 16;

    /** All addresses of user space. */
    public static final ReplacedRanges ALL = all();

    /** No addresses. */
    public static final ReplacedRanges NONE = new ReplacedRanges();

    private final long[] starts = new long[MAX];
    private final long[] ends = new long[MAX];
    private int count;

    private static ReplacedRanges all() {
        ReplacedRanges all = new ReplacedRanges();
        all.add(0, Long.MAX_VALUE);
        return all;
    }

    void add(long start, long end) {
        if (count == MAX) {
            for (int i = 1; i < MAX; i++) {
                starts[0] = Math.min(starts[0], starts[i]);
                ends[0] = Math.max(ends[0], ends[i]);
            }
            count = 1;
        }
        starts[count] = start;
        ends[count++] = end;
    }

    /** Whether an address lies in one of them. */
    public boolean hold(long address) {
        for (int i = 0; i < count; i++) {
            if (address >= starts[i] && address < ends[i]) {
                return true;
            }
        }
        return false;
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return count == 0;
    }

    /** Adds those of another one. */
    public void addAll(ReplacedRanges from) {
        for (int i = 0; i < from.count; i++) {
            add(from.starts[i], from.ends[i]);
        }
    }

    /** Takes over those of another one, and empties that. */
    public void take(ReplacedRanges from) {
        addAll(from);
        from.count = 0;
    }

    /** Forgets all. */
    public void clear() {
        count = 0;
    }
}
