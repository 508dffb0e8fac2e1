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
    private static final Frame NO_METHOD = Frame.error("no method");

    /** So many blocks of each heap are looked at for the names of kinds of code. */
    private static final int NAMING_BLOCKS = 2048;

    /** Longer than a loader needs to relocate the tables. */
    private static final int RELOCATION_MS = 20;

    private static final int OLDEST = 8;
    private static final int WITH_CONTINUATIONS = 21;

    private final MemoryReader reader;
    private final Layout layout;
    private final String version;
    private final CodeBlobs blobs;
    private final Methods methods;
    private final CompiledFrames compiled;
    private final StubNames stubs;
    private long nmethodName;
    private long nativeNmethodName;
    private long interpreterName;
    private long barrierStart;
    private long barrierEnd;

    private HotSpot(
            MemoryReader reader, VmTables vm, Layout layout, String version, CodeBlobs blobs) {
        this.reader = reader;
        this.layout = layout;
        this.version = version;
        this.blobs = blobs;
        this.methods = new Methods(reader, layout);
        boolean exactLeaves = VmFlags.isOn(reader, vm, "DebugNonSafepoints");
        this.compiled = new CompiledFrames(reader, layout, blobs, methods, exactLeaves);
        this.stubs = new StubNames(reader, vm, blobs);
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
        try {
            return attempt(memory, libjvm, bias);
        } catch (UnknownLayoutException e) {
            // The loader may be at these very tables: what stays so is meant so.
            if (!pause()) {
                throw e;
            }
            return attempt(memory, libjvm, bias);
        }
    }

    private static boolean pause() {
        try {
            Thread.sleep(RELOCATION_MS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static @Nullable HotSpot attempt(TargetMemory memory, JvmLibrary libjvm, long bias)
            throws UnknownLayoutException {
        MemoryReader reader = new MemoryReader(memory);
        VmTables vm = VmTables.read(reader, libjvm, bias);
        if (vm == null) {
            return null;
        }
        VmVersion version = VmVersion.read(reader, vm);
        if (version == null) {
            return null;
        }
        if (version.major() < OLDEST) {
            throw new UnknownLayoutException("Java " + version.major() + " is too old");
        }
        Layout layout = new Layout(vm, version.major());
        CodeBlobs blobs = new CodeBlobs(reader, vm, layout);
        if (!blobs.readHeaps()) {
            return null;
        }
        HotSpot vmFromOutside = new HotSpot(reader, vm, layout, version.text(), blobs);
        vmFromOutside.findNames();
        // The interpreter is made right after the heaps: without it the VM runs no Java yet.
        return vmFromOutside.interpreterName == 0 ? null : vmFromOutside;
    }

    /** Its version as far as it tells, such as {@code 17.0.15+6}. */
    public String version() {
        return version;
    }

    /** What an unwinder needs; the names and stubs in it are those which exist by now. */
    public UnwindFacts unwindFacts() {
        findNames();
        return new UnwindFacts(
                layout.javaMajor,
                blobs.segmentShift(),
                layout.heapBlockBytes,
                layout.blobName.offset(),
                layout.blobSize.offset(),
                layout.blobFrameSize.offset(),
                layout.blobFrameSize.bytes(),
                layout.blobFrameComplete.offset(),
                layout.blobFrameComplete.bytes(),
                layout.codeBeginIsPointer,
                layout.blobCodeBegin.offset(),
                layout.blobCodeBegin.bytes(),
                layout.compileId.offset(),
                layout.origPc.offset(),
                layout.origPc.bytes(),
                layout.deoptIsPointer,
                layout.deopt.offset(),
                layout.deopt.bytes(),
                layout.deoptMh.offset(),
                layout.deoptMh.bytes(),
                layout.constMethod.offset(),
                layout.constMethodBytes,
                layout.codeSize.offset(),
                layout.bcpSlot,
                nmethodName,
                nativeNmethodName,
                interpreterName,
                stubs.callStubStart(),
                stubs.callStubEnd(),
                stubs.callStubReturn(),
                barrierStart,
                barrierEnd);
    }

    /** Looks for what exists only once the VM has made the first of its kind. */
    private void findNames() {
        if (hasAllNames()) {
            return;
        }
        refreshHeaps();
        blobs.walk(
                NAMING_BLOCKS,
                (block, blob) -> {
                    if (blob != null) {
                        note(blob);
                    }
                    return !hasAllNames();
                });
    }

    private boolean hasAllNames() {
        return nmethodName != 0
                && nativeNmethodName != 0
                && interpreterName != 0
                && (barrierStart != 0 || layout.javaMajor < WITH_CONTINUATIONS);
    }

    private void note(CodeBlob blob) {
        switch (blob.name()) {
            case CodeBlob.NMETHOD -> nmethodName = blob.nameAddress();
            case CodeBlob.NATIVE_NMETHOD -> nativeNmethodName = blob.nameAddress();
            case CodeBlob.INTERPRETER -> interpreterName = blob.nameAddress();
            default -> {
                if (blob.isContinuationStubs()) {
                    barrierStart = blob.codeBegin();
                    barrierEnd = blob.end();
                }
            }
        }
    }

    /** How much of the heaps is in use grows; where they are does not change. */
    private void refreshHeaps() {
        try {
            blobs.readHeaps();
        } catch (UnknownLayoutException e) {
            // what was read before stands
        }
    }

    /** The code heaps, with the ranges that are reserved for them. */
    public List<CodeHeap> codeHeaps() {
        return blobs.heaps();
    }

    /**
     * Names a frame of a compiled method: the inlined calls, innermost first, and the method that
     * was compiled last, which alone is not {@code inlined}. Where the code was replaced since, or
     * is not understood, one frame of kind ERROR: {@code [code replaced]}, {@code [compiled code
     * not understood]}.
     *
     * <p>The VM knows the chain of calls exactly at return addresses and safepoints. Anywhere else
     * the next such place is taken, and the line of a leaf is marked as approximate, unless the VM
     * was told to keep more ({@code -XX:+DebugNonSafepoints}).
     *
     * @param pc of a leaf: where it ran; of a caller: the return address itself, not one less
     * @param compileId what the unwinder found in the nmethod
     * @param leaf whether the pc was interrupted, rather than returned to
     */
    public List<Frame> compiled(long pc, int compileId, boolean leaf) {
        return compiled.frames(pc, compileId, leaf);
    }

    /**
     * Names an interpreted frame.
     *
     * @param method address of the Method
     * @param bci index of the bytecode, or -1 for none: the frame then has no line
     * @return a frame of kind ERROR, {@code [no method]}, where no method is found at that address
     */
    public Frame interpreted(long method, int bci) {
        try {
            Method found = methods.at(method);
            boolean inside = bci >= 0 && bci < found.codeSize();
            return CompiledFrames.frame(found, inside ? bci : -1, false);
        } catch (UnreadableException e) {
            return NO_METHOD;
        }
    }

    /**
     * Names code of the VM that is no method: a stub, an adapter, the interpreter.
     *
     * @return a frame of kind ERROR where nothing is ({@code [no code]}) or where a method is by
     *     now ({@code [code replaced]})
     */
    public Frame stub(long pc) {
        return stubs.frame(pc);
    }

    /**
     * Checks that the layout is understood: walks blocks of each code heap and resolves the names
     * and tables of some methods. Takes some milliseconds.
     *
     * @return what is wrong; empty if this VM can be trusted
     */
    public List<String> selfCheck() {
        refreshHeaps();
        return new SelfCheck(reader, layout, blobs, methods).problems();
    }

    /** Whether {@link #selfCheck} finds nothing wrong. */
    public boolean verified() {
        return selfCheck().isEmpty();
    }

    /**
     * Bounds what is kept of methods and of compiled code from now on, besides the bounds that they
     * have anyway.
     *
     * @param bytes of both together
     */
    public void keepAtMost(int bytes) {
        methods.keepAtMost(bytes / 2);
        compiled.keepAtMost(bytes / 2);
    }

    /** Drops all that is cached. */
    public void forget() {
        methods.forget();
        compiled.forget();
        stubs.forget();
        blobs.forget();
    }
}
