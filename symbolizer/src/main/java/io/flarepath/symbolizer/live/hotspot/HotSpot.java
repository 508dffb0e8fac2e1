package io.flarepath.symbolizer.live.hotspot;

import io.flarepath.symbolizer.Frame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One running HotSpot JVM, seen from outside: where its code is, how its frames are walked, and
 * what they are called. Its memory is hostile input: whatever stands there, a call returns within
 * bounds, and a frame that cannot be named for sure is a typed error frame. Not safe for use by
 * several threads at once.
 */
public final class HotSpot {
    private final UnwindFacts facts;

    HotSpot(UnwindFacts facts) {
        this.facts = facts;
    }

    /**
     * Reads what the VM exports.
     *
     * @param memory of the process
     * @param libjvm the library that it has mapped
     * @param bias what is added to ELF virtual addresses of that library
     * @return null while the VM is still starting: try again later
     * @throws UnknownLayoutException if it does not export what is needed; the message names it
     */
    public static @Nullable HotSpot open(TargetMemory memory, JvmLibrary libjvm, long bias)
            throws UnknownLayoutException {
        libjvm.symbol("Structs");
        return null;
    }

    /** Its version as far as it tells, such as {@code 17.0.15+6}. */
    public String version() {
        return "";
    }

    /** What an unwinder needs; the names and stubs in it are those which exist by now. */
    public UnwindFacts unwindFacts() {
        return facts;
    }

    /** The code heaps, with the ranges that are reserved for them. */
    public List<CodeHeap> codeHeaps() {
        return List.of();
    }

    /**
     * Names a frame of a compiled method: the inlined calls, innermost first, and the method that
     * was compiled last, which alone is not {@code inlined}. Where the code was replaced since, or
     * is not understood, one frame of kind ERROR.
     *
     * @param pc of a leaf: where it ran; of a caller: the return address itself, not one less
     * @param compileId what the unwinder found in the nmethod
     * @param leaf whether the pc was interrupted, rather than returned to
     */
    public List<Frame> compiled(long pc, int compileId, boolean leaf) {
        return List.of(Frame.error("code replaced"));
    }

    /**
     * Names an interpreted frame.
     *
     * @param method address of the Method
     * @param bci index of the bytecode, or -1 for none: the frame then has no line
     * @return a frame of kind ERROR, {@code [no method]}, where no method is found at that address
     */
    public Frame interpreted(long method, int bci) {
        return Frame.error("no method");
    }

    /** Names code of the VM that is no method: a stub, an adapter, the interpreter. */
    public Frame stub(long pc) {
        return Frame.error("no code");
    }

    /**
     * Checks that the layout is understood: walks blocks of each code heap and resolves the names
     * and tables of some methods.
     *
     * @return what is wrong; empty if this VM can be trusted
     */
    public List<String> selfCheck() {
        return List.of("nothing to check");
    }

    /** Whether {@link #selfCheck} finds nothing wrong. */
    public boolean verified() {
        return selfCheck().isEmpty();
    }

    /** Drops all that is cached. */
    public void forget() {}
}
