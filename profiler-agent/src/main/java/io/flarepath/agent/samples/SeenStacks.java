package io.flarepath.agent.samples;

import io.flarepath.agent.processes.Resource;
import io.flarepath.agent.processes.TrackedProcess;
import io.flarepath.agent.window.StackWindow.Fold;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The stacks of addresses seen in this window, and where their samples are folded: a stack that
 * comes again is not named again. When it is full, stacks are named each time; nothing is lost.
 */
final class SeenStacks {
    private static final int MAX_ADDRESSES = 1 << 18;
    private static final int MAX_STACKS = 1 << 14;

    private record Seen(
            long hash,
            long shape,
            int start,
            int depth,
            int tid,
            TrackedProcess process,
            int mappingGeneration,
            Resource resource,
            Fold fold) {}

    private final List<Seen> stacks = new ArrayList<>();
    private int[] slots = new int[1024];
    private long[] addresses = new long[1 << 13];
    private int used;

    /** Where the stack is folded; null if it was not seen. */
    @Nullable Fold find(
            RawStack stack, long hash, TrackedProcess process, Resource resource, int tid) {
        int mask = slots.length - 1;
        int slot = slot(hash, tid, mask);
        while (slots[slot] != 0) {
            Seen seen = stacks.get(slots[slot] - 1);
            if (seen.hash == hash
                    && seen.tid == tid
                    && seen.process == process
                    && seen.resource == resource
                    && seen.mappingGeneration == process.mappings().generation()
                    && seen.shape == stack.shape()
                    && seen.depth == stack.depth()
                    && stack.isAt(addresses, seen.start)) {
                return seen.fold;
            }
            slot = (slot + 1) & mask;
        }
        return null;
    }

    /** Remembers where a stack is folded that was not seen before. */
    void add(
            RawStack stack,
            long hash,
            TrackedProcess process,
            Resource resource,
            int tid,
            Fold fold) {
        int depth = stack.depth();
        if (stacks.size() >= MAX_STACKS || used + depth > MAX_ADDRESSES) {
            return;
        }
        if (used + depth > addresses.length) {
            addresses = Arrays.copyOf(addresses, Math.max(addresses.length * 2, used + depth));
        }
        stack.copyTo(addresses, used);
        stacks.add(
                new Seen(
                        hash,
                        stack.shape(),
                        used,
                        depth,
                        tid,
                        process,
                        process.mappings().generation(),
                        resource,
                        fold));
        used += depth;
        if (stacks.size() * 2 > slots.length) {
            slots = new int[slots.length * 2];
            for (int i = 0; i < stacks.size(); i++) {
                put(i);
            }
        } else {
            put(stacks.size() - 1);
        }
    }

    /** Forgets all, at the end of a window. */
    void clear() {
        stacks.clear();
        Arrays.fill(slots, 0);
        used = 0;
    }

    private void put(int index) {
        Seen seen = stacks.get(index);
        int mask = slots.length - 1;
        int slot = slot(seen.hash, seen.tid, mask);
        while (slots[slot] != 0) {
            slot = (slot + 1) & mask;
        }
        slots[slot] = index + 1;
    }

    private static int slot(long hash, int tid, int mask) {
        long mixed = (hash + tid) * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 32) & mask;
    }
}
