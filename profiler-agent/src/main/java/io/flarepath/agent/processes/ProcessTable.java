package io.flarepath.agent.processes;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Processes by pid: open addressing, so that a look-up for every sample allocates nothing. */
final class ProcessTable {
    private @Nullable TrackedProcess[] slots = new @Nullable TrackedProcess[1024];
    private int size;

    int size() {
        return size;
    }

    @Nullable TrackedProcess get(int pid) {
        return slots[slotOf(pid)];
    }

    void put(TrackedProcess process) {
        if (size * 2 >= slots.length) {
            rebuild(slots.length * 2, p -> true);
        }
        int slot = slotOf(process.pid());
        if (slots[slot] == null) {
            size++;
        }
        slots[slot] = process;
    }

    /** Keeps only these. */
    void retain(Predicate<TrackedProcess> kept) {
        rebuild(slots.length, kept);
    }

    /** All of them, in no order. The array has holes and must not be changed. */
    @Nullable TrackedProcess[] all() {
        return slots;
    }

    private void rebuild(int length, Predicate<TrackedProcess> kept) {
        @Nullable TrackedProcess[] old = slots;
        slots = new @Nullable TrackedProcess[length];
        size = 0;
        for (TrackedProcess process : old) {
            if (process != null && kept.test(process)) {
                slots[slotOf(process.pid())] = process;
                size++;
            }
        }
    }

    private int slotOf(int pid) {
        int mask = slots.length - 1;
        int slot = ((pid * 0x9E3779B9) >>> 8) & mask;
        while (true) {
            TrackedProcess there = slots[slot];
            if (there == null || there.pid() == pid) {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
    }
}
