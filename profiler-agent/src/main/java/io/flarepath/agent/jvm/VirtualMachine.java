package io.flarepath.agent.jvm;

import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.live.hotspot.CodeHeap;
import io.flarepath.symbolizer.live.hotspot.HotSpot;
import io.flarepath.symbolizer.live.hotspot.ProcessMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One JVM: how far it is understood, its code heaps, and frames that were named. */
final class VirtualMachine implements AutoCloseable {
    /** Frames of compiled code that are kept; then all are forgotten. */
    private static final int MAX_FRAMES = 8192;

    /** How far it is understood. */
    enum State {
        /** It has not set itself up yet. */
        STARTING,
        /** Its frames can be walked and named. */
        TRUSTED,
        /** It is not understood, or a check of it failed. */
        REFUSED,
    }

    /** A place in one compilation. */
    private record Place(long address, int compileId, boolean exact) {}

    /** A code heap, and the number of its description. */
    record Described(CodeHeap heap, int number) {}

    final ProcessMemory memory;
    final long bornNanos;
    State state = State.STARTING;
    String reason = "";
    long triedNanos;
    @Nullable HotSpot hotSpot;
    final List<Described> heaps = new ArrayList<>();

    /** Whether the kernel may tell kinds of code apart without reading their names. */
    boolean namesKnown;

    private final Map<Place, List<Frame>> compiled = new HashMap<>();

    VirtualMachine(ProcessMemory memory, long bornNanos) {
        this.memory = memory;
        this.bornNanos = bornNanos;
    }

    List<Frame> compiled(HotSpot vm, long address, int compileId, boolean exact) {
        Place place = new Place(address, compileId, exact);
        List<Frame> known = compiled.get(place);
        if (known == null) {
            known = vm.compiled(address, compileId, exact);
            if (compiled.size() >= MAX_FRAMES) {
                compiled.clear();
            }
            compiled.put(place, known);
        }
        return known;
    }

    @Override
    public void close() {
        try {
            memory.close();
        } catch (IOException e) {
            // It was only read: nothing can be lost.
            return;
        }
    }
}
