package io.flarepath.agent.window;

import io.flarepath.agent.processes.Resource;
import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Folds equal stacks of one thread of one process while a window lasts. What goes in comes out: a
 * stack for which there is no room is counted under {@code [stack table full]}. For one thread.
 */
public final class StackWindow {
    /** Different stacks of a window, before those that are left are counted together. */
    public static final int MAX_STACKS = 16_384;

    private static final Frame[] FULL = {Frame.error("stack table full")};

    private final int maxStacks;
    private @Nullable Fold[] slots = new @Nullable Fold[1024];
    private int size;
    private long samples;
    private long overflowed;

    /** A window of the usual size. */
    public StackWindow() {
        this(MAX_STACKS);
    }

    StackWindow(int maxStacks) {
        this.maxStacks = maxStacks;
    }

    /**
     * Finds the fold of a stack, to add samples to. It holds until the window is taken.
     *
     * @param frames leaf first; kept if the stack is new
     */
    public Fold fold(Resource resource, int pid, int tid, Frame[] frames) {
        return fold(resource, pid, tid, frames, false);
    }

    private Fold fold(Resource resource, int pid, int tid, Frame[] frames, boolean full) {
        int hash = hash(resource, pid, tid, frames);
        int slot = slotOf(hash, resource, pid, tid, frames);
        Fold there = slots[slot];
        if (there != null) {
            return there;
        }
        if (size >= maxStacks && !full) {
            return fold(resource, 0, 0, FULL, true);
        }
        Fold fold = new Fold(this, hash, resource, pid, tid, frames, full);
        slots[slot] = fold;
        if (++size * 2 > slots.length) {
            grow();
        }
        return fold;
    }

    /** Samples in the window. */
    public long samples() {
        return samples;
    }

    /** Samples counted under {@code [stack table full]} since the start. */
    public long overflowed() {
        return overflowed;
    }

    /**
     * Ends the window: gives all that is in it, and empties it.
     *
     * @param startNanos start of the window, nanoseconds since 1970
     * @param durationNanos its length
     * @param periodNanos CPU time that one sample stands for
     * @return one profile a resource, none of them empty
     */
    public List<WindowProfile> take(long startNanos, long durationNanos, long periodNanos) {
        Map<Resource, List<FoldedStack>> byResource = new LinkedHashMap<>();
        for (Fold fold : slots) {
            if (fold != null && fold.count > 0) {
                byResource
                        .computeIfAbsent(fold.resource, r -> new ArrayList<>())
                        .add(fold.toStack());
            }
        }
        List<WindowProfile> profiles = new ArrayList<>(byResource.size());
        byResource.forEach((resource, stacks) ->
                profiles.add(
                        new WindowProfile(
                                resource.attributes(),
                                startNanos,
                                durationNanos,
                                periodNanos,
                                stacks)));
        slots = new @Nullable Fold[Math.max(1024, Integer.highestOneBit(size) * 4)];
        size = 0;
        samples = 0;
        return profiles;
    }

    private void grow() {
        @Nullable Fold[] old = slots;
        slots = new @Nullable Fold[old.length * 2];
        for (Fold fold : old) {
            if (fold != null) {
                slots[slotOf(fold.hash, fold.resource, fold.pid, fold.tid, fold.frames)] = fold;
            }
        }
    }

    private int slotOf(int hash, Resource resource, int pid, int tid, Frame[] frames) {
        int mask = slots.length - 1;
        int slot = hash & mask;
        while (true) {
            Fold there = slots[slot];
            if (there == null || (there.hash == hash && there.isOf(resource, pid, tid, frames))) {
                return slot;
            }
            slot = (slot + 1) & mask;
        }
    }

    private static int hash(Resource resource, int pid, int tid, Frame[] frames) {
        int hash = resource.id() * 31 + pid;
        hash = hash * 31 + tid;
        for (Frame frame : frames) {
            hash = hash * 31 + frame.hashCode();
        }
        hash *= 0x9E3779B9;
        return hash ^ (hash >>> 15);
    }

    /** The samples of one stack. */
    public static final class Fold {
        private final StackWindow window;
        private final int hash;
        private final Resource resource;
        private final int pid;
        private final int tid;
        private final Frame[] frames;
        private final boolean full;
        private String threadName = "";
        private long[] times = new long[2];
        private int count;

        private Fold(
                StackWindow window,
                int hash,
                Resource resource,
                int pid,
                int tid,
                Frame[] frames,
                boolean full) {
            this.full = full;
            this.window = window;
            this.hash = hash;
            this.resource = resource;
            this.pid = pid;
            this.tid = tid;
            this.frames = frames;
        }

        /** Name of the error frame that ends the stack, or empty if it is whole. */
        public String error() {
            Frame root = frames[frames.length - 1];
            return root.kind() == FrameKind.ERROR ? root.function() : "";
        }

        /**
         * Adds a sample.
         *
         * @param name name of the thread
         * @param unixNanos when it was taken, nanoseconds since 1970
         */
        public void add(String name, long unixNanos) {
            if (count == times.length) {
                times = Arrays.copyOf(times, count * 2);
            }
            times[count++] = unixNanos;
            window.samples++;
            if (full) {
                window.overflowed++;
            } else {
                threadName = name;
            }
        }

        private boolean isOf(Resource otherResource, int otherPid, int otherTid, Frame[] other) {
            return resource == otherResource
                    && pid == otherPid
                    && tid == otherTid
                    && Arrays.equals(frames, other);
        }

        private FoldedStack toStack() {
            return new FoldedStack(
                    List.of(frames), pid, tid, threadName, Arrays.copyOf(times, count));
        }
    }
}
