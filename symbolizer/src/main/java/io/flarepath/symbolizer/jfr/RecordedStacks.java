package io.flarepath.symbolizer.jfr;

import io.flarepath.symbolizer.Frame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * The different frames and stacks of a recording, over all of its chunks. A stack is a run of frame
 * numbers, leaf first.
 */
public final class RecordedStacks {
    private static final int BYTES_A_FRAME = 250;
    private static final int BYTES_A_STACK = 40;

    private final LongConsumer memory;
    private final List<Frame> frames = new ArrayList<>();
    private final Map<Frame, Integer> numbers = new HashMap<>();
    private int[] references = new int[1024];
    private int[] starts = new int[64];
    private int[] slots = new int[128];
    private int stacks;

    RecordedStacks(LongConsumer memory) {
        this.memory = memory;
    }

    /** The frames; stacks hold indices into them. */
    public List<Frame> frames() {
        return Collections.unmodifiableList(frames);
    }

    /** How many stacks there are so far. */
    public int count() {
        return stacks;
    }

    /** How many frames a stack has. */
    public int depth(int stack) {
        return starts[stack + 1] - starts[stack];
    }

    /** A frame of a stack, as an index into {@link #frames()}; 0 is the leaf. */
    public int frame(int stack, int place) {
        return references[starts[stack] + place];
    }

    int number(Frame frame) {
        Integer known = numbers.get(frame);
        if (known != null) {
            return known;
        }
        memory.accept(BYTES_A_FRAME + 2L * frame.function().length());
        numbers.put(frame, frames.size());
        frames.add(frame);
        return frames.size() - 1;
    }

    /** The number of a stack, the first {@code depth} of the frames. */
    int add(int[] leafFirst, int depth) {
        int hash = 1;
        for (int i = 0; i < depth; i++) {
            hash = 31 * hash + leafFirst[i];
        }
        int slot = slotOf(mixed(hash), leafFirst, depth);
        if (slots[slot] != 0) {
            return slots[slot] - 1;
        }
        append(leafFirst, depth);
        slots[slot] = stacks;
        if (stacks * 2 > slots.length) {
            grow();
        }
        return stacks - 1;
    }

    private void append(int[] leafFirst, int depth) {
        memory.accept(BYTES_A_STACK + 8L * depth);
        int start = starts[stacks];
        if (start + depth > references.length) {
            references = Arrays.copyOf(references, Math.max(start + depth, references.length * 2));
        }
        if (stacks + 2 > starts.length) {
            starts = Arrays.copyOf(starts, starts.length * 2);
        }
        System.arraycopy(leafFirst, 0, references, start, depth);
        stacks++;
        starts[stacks] = start + depth;
    }

    private static int mixed(int hash) {
        int mixed = hash * 0x9E3779B9;
        return mixed ^ mixed >>> 15;
    }

    private int slotOf(int hash, int[] leafFirst, int depth) {
        int mask = slots.length - 1;
        int slot = hash & mask;
        while (slots[slot] != 0 && !isStack(slots[slot] - 1, leafFirst, depth)) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private boolean isStack(int stack, int[] leafFirst, int depth) {
        int start = starts[stack];
        return Arrays.equals(references, start, starts[stack + 1], leafFirst, 0, depth);
    }

    private void grow() {
        int[] old = slots;
        slots = new int[old.length * 2];
        int mask = slots.length - 1;
        for (int one : old) {
            if (one == 0) {
                continue;
            }
            int hash = 1;
            for (int i = starts[one - 1]; i < starts[one]; i++) {
                hash = 31 * hash + references[i];
            }
            int slot = mixed(hash) & mask;
            while (slots[slot] != 0) {
                slot = (slot + 1) & mask;
            }
            slots[slot] = one;
        }
    }
}
