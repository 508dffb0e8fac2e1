package io.flarepath.symbolizer.live.hotspot;

import io.flarepath.symbolizer.Frame;
import io.flarepath.symbolizer.FrameKind;
import java.util.ArrayList;
import java.util.List;

/**
 * Frames of compiled methods. A compile id is given once in the life of a VM, so what was read
 * under one stays true, also when the code itself is gone.
 */
final class CompiledFrames {
    private static final Frame REPLACED = Frame.error("code replaced");
    private static final Frame NOT_UNDERSTOOD = Frame.error("compiled code not understood");

    private static final int MAX_CACHED_BYTES = 256 << 10;
    private static final int MAX_CACHED = 256;

    private record Key(long address, int compileId) {}

    private final MemoryReader reader;
    private final Layout layout;
    private final CodeBlobs blobs;
    private final Methods methods;
    private final boolean exactLeaves;
    private final BoundedCache<Key, Nmethod> cached =
            new BoundedCache<>(MAX_CACHED, MAX_CACHED_BYTES, Nmethod::bytes);

    /**
     * Frames of compiled code.
     *
     * @param exactLeaves whether the VM keeps the lines of all instructions, not just of calls and
     *     safepoints
     */
    CompiledFrames(
            MemoryReader reader,
            Layout layout,
            CodeBlobs blobs,
            Methods methods,
            boolean exactLeaves) {
        this.reader = reader;
        this.layout = layout;
        this.blobs = blobs;
        this.methods = methods;
        this.exactLeaves = exactLeaves;
    }

    List<Frame> frames(long pc, int compileId, boolean leaf) {
        Nmethod nmethod;
        try {
            nmethod = nmethod(blobs.find(pc), compileId);
        } catch (UnreadableException e) {
            return List.of(REPLACED);
        }
        try {
            List<Nmethod.Scope> chain = nmethod.scopesAt(pc, leaf);
            if (chain.isEmpty()) {
                Method own = method(nmethod, 0);
                return List.of(frame(own, nmethod.isBeforeFrame(pc) ? 0 : -1, false));
            }
            if (!nmethod.endsInOwnMethod(chain)) {
                return List.of(NOT_UNDERSTOOD);
            }
            List<Frame> frames = new ArrayList<>(chain.size());
            for (int i = 0; i < chain.size(); i++) {
                Nmethod.Scope scope = chain.get(i);
                Method method = method(nmethod, scope.methodIndex());
                frames.add(frame(method, scope.bci(), i + 1 < chain.size()));
            }
            if (leaf && !exactLeaves && !nmethod.hasPlace(pc)) {
                frames.set(0, frames.getFirst().withApproximateLine());
            }
            return List.copyOf(frames);
        } catch (UnreadableException e) {
            return List.of(blobs.isUnchanged(nmethod.blob) ? NOT_UNDERSTOOD : REPLACED);
        }
    }

    /** A frame of a method at a bytecode; none (no line) is -1. */
    static Frame frame(Method method, int bci, boolean inlined) {
        int line = bci < 0 ? 0 : method.lines().line(bci);
        return new Frame(
                method.function(),
                method.file(),
                line,
                "",
                "",
                0,
                FrameKind.JVM,
                inlined,
                method.systemName(),
                0);
    }

    private Nmethod nmethod(CodeBlob blob, int compileId) throws UnreadableException {
        Key key = new Key(blob.address(), compileId);
        Nmethod known = cached.get(key);
        if (known != null) {
            return known;
        }
        if (!blob.isNmethod() || (int) layout.compileId.in(blob.header()) != compileId) {
            throw new UnreadableException("another nmethod");
        }
        Nmethod nmethod = Nmethod.read(reader, layout, blob);
        if (!blobs.isUnchanged(blob)) {
            throw new UnreadableException("the nmethod changed while it was read");
        }
        cached.put(key, nmethod);
        return nmethod;
    }

    private Method method(Nmethod nmethod, int index) throws UnreadableException {
        Method known = nmethod.resolved(index);
        if (known != null) {
            return known;
        }
        Method method = methods.at(nmethod.methodAddress(index));
        // While the nmethod is there, its methods are: their classes cannot be unloaded.
        if (!blobs.isUnchanged(nmethod.blob)) {
            throw new UnreadableException("the nmethod is gone");
        }
        nmethod.resolve(index, method);
        return method;
    }

    void keepAtMost(int bytes) {
        cached.keepAtMost(bytes);
    }

    void forget() {
        cached.clear();
    }
}
