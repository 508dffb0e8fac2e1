package io.flarepath.agent.jvm;

import io.flarepath.bpf.JvmFrame;
import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import io.flarepath.symbolizer.live.hotspot.CodeHeap;
import io.flarepath.symbolizer.live.hotspot.HotSpot;
import io.flarepath.symbolizer.live.hotspot.ProcessMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One JVM: how far it is understood, its code heaps, and frames that were named. */
final class VirtualMachine implements AutoCloseable {
    /** Frames that are kept, of compiled code and of other code each; then all are forgotten. */
    private static final int MAX_FRAMES = 2048;

    private static final int MIN_FRAMES = 128;

    /** What its frames are called once its memory is gone, if they were not named before. */
    static final List<Frame> ENDED = List.of(Frame.error("JVM ended"));

    private static final long GOOD_NANOS = 1_000_000_000L;

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
    private record CompiledPlace(long address, int compileId, boolean exact) {}

    /** A method and its bytecode, or a stub. */
    private record Place(long address, long word) {}

    private record Named(List<Frame> frames, long sinceNanos) {}

    /** A code heap, and the number of its description. */
    record Described(CodeHeap heap, int number) {}

    final ProcessMemory memory;
    final long bornNanos;

    /** When it was found starting last. */
    long startingNanos;

    State state = State.STARTING;

    /** Why it is refused, or empty. */
    String reason = "";

    /** Of one that is refused: whether it writes down itself what its code is called. */
    boolean hasPerfMap;

    long triedNanos;
    int tries;

    /** What is being found out of it. */
    @Nullable CompletableFuture<Introspection.Outcome> looking;

    @Nullable HotSpot hotSpot;
    final List<Described> heaps = new ArrayList<>();

    /** When it was sampled last. */
    long usedNanos;

    private int mostFrames = MAX_FRAMES;

    /** Whether the kernel may tell kinds of code apart without reading their names. */
    boolean namesKnown;

    private final Map<CompiledPlace, List<Frame>> compiled = new HashMap<>();
    private final Map<Place, Named> others = new HashMap<>();

    VirtualMachine(ProcessMemory memory, long bornNanos) {
        this.memory = memory;
        this.bornNanos = bornNanos;
        this.startingNanos = bornNanos;
    }

    /**
     * The frame of an interpreted method or of a stub. A name is good for a second, in which a
     * class is hardly unloaded and another one put in its place; and for the last samples of a
     * process that has ended.
     */
    List<Frame> frame(HotSpot vm, long address, long word, long nowNanos) {
        boolean interpreted = JvmFrame.kind(word) == JvmFrame.Kind.INTERPRETED;
        Place place = new Place(interpreted ? 0 : address, word);
        Named known = others.get(place);
        if (known != null && nowNanos - known.sinceNanos < GOOD_NANOS) {
            return known.frames;
        }
        Frame now =
                interpreted
                        ? vm.interpreted(JvmFrame.method(word), JvmFrame.bytecodeIndex(word))
                        : vm.stub(address);
        if (now.kind() == FrameKind.ERROR) {
            if (!hasEnded()) {
                return List.of(now);
            }
            return known == null ? ENDED : known.frames;
        }
        if (others.size() >= mostFrames) {
            others.clear();
        }
        List<Frame> frames =
                known != null && known.frames.getFirst().equals(now) ? known.frames : List.of(now);
        others.put(place, new Named(frames, nowNanos));
        return frames;
    }

    private boolean hasEnded() {
        return heaps.isEmpty()
                || memory.read(heaps.getFirst().heap().start(), new byte[1], 0, 1) == 0;
    }

    List<Frame> compiled(HotSpot vm, long address, int compileId, boolean exact) {
        CompiledPlace place = new CompiledPlace(address, compileId, exact);
        List<Frame> known = compiled.get(place);
        if (known == null) {
            known = vm.compiled(address, compileId, exact);
            if (known.getFirst().kind() == FrameKind.ERROR) {
                return hasEnded() ? ENDED : known;
            }
            if (compiled.size() >= mostFrames) {
                compiled.clear();
            }
            compiled.put(place, known);
        }
        return known;
    }

    /**
     * Bounds what is kept of it from now on.
     *
     * @param frames of compiled code, and of other code
     * @param bytes of methods and compilations
     */
    void keepAtMost(int frames, int bytes) {
        mostFrames = Math.clamp(frames, MIN_FRAMES, MAX_FRAMES);
        if (hotSpot != null) {
            hotSpot.keepAtMost(bytes);
        }
    }

    /** Drops what is kept of it. */
    void forget() {
        compiled.clear();
        others.clear();
        if (hotSpot != null) {
            hotSpot.forget();
        }
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
