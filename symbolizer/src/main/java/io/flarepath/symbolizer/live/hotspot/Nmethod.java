package io.flarepath.symbolizer.live.hotspot;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the compiler noted of one compiled method (OpenJDK, code/nmethod.hpp, pcDesc.hpp,
 * scopeDesc.hpp): for places in the code the chain of inlined calls.
 */
final class Nmethod {
    private static final int MAX_PC_BYTES = 1 << 20;
    private static final int MAX_SCOPE_BYTES = 2 << 20;
    private static final int MAX_METHODS = 1 << 16;
    private static final int MAX_DEPTH = 64;

    /**
     * Of the first entry of each table (PcDesc::lower_offset_limit); the last lies behind the code.
     */
    private static final int FIRST_OFFSET = -1;

    /** In place of a bytecode: the monitor of a synchronized method is entered. */
    private static final int ENTRY_BCI = -1;

    /** One call of a chain. */
    record Scope(int methodIndex, int bci) {}

    final CodeBlob blob;
    final long method;
    final int compileId;
    final boolean isNative;
    private final int frameComplete;
    private final Layout layout;
    private final byte[] pcs;
    private final byte[] scopes;
    private final long[] methods;
    private final @Nullable Method[] resolved;

    private Nmethod(
            Layout layout,
            CodeBlob blob,
            long method,
            int compileId,
            byte[] pcs,
            byte[] scopes,
            long[] methods)
            throws UnreadableException {
        this.layout = layout;
        this.blob = blob;
        this.method = method;
        this.compileId = compileId;
        this.isNative = blob.name().equals(CodeBlob.NATIVE_NMETHOD);
        this.frameComplete = (int) layout.blobFrameComplete.in(blob.header());
        this.pcs = pcs;
        this.scopes = scopes;
        this.methods = methods;
        this.resolved = new Method[methods.length + 1];
    }

    /** Reads the tables that belong to a blob, which must be an nmethod. */
    static Nmethod read(MemoryReader reader, Layout layout, CodeBlob blob)
            throws UnreadableException {
        byte[] header = blob.header();
        if (header.length < layout.nmethodBytes) {
            throw new UnreadableException("an nmethod is cut");
        }
        long start = blob.address();
        long method = layout.method.in(header);
        int compileId = (int) layout.compileId.in(header);
        if (blob.name().equals(CodeBlob.NATIVE_NMETHOD)) {
            return new Nmethod(
                    layout, blob, method, compileId, new byte[0], new byte[0], new long[0]);
        }
        long pcs;
        long pcsEnd;
        long scopes;
        long scopesEnd;
        if (layout.immutableData.exists()) {
            long data = layout.immutableData.in(header);
            pcs = data + layout.scopesPcs.in(header);
            scopes = data + layout.scopesData.in(header);
            pcsEnd = scopes;
            scopesEnd = data + layout.immutableDataSize.in(header);
        } else {
            pcs = start + layout.scopesPcs.in(header);
            pcsEnd = start + layout.dependencies.in(header);
            scopes = layout.scopesData.in(header) + (layout.scopesDataIsPointer ? 0 : start);
            scopesEnd = pcs;
        }
        long metadata;
        long metadataEnd;
        if (!layout.metadataOffset.exists()) {
            metadata = layout.blobMutableData.in(header) + layout.blobRelocationSize.in(header);
            metadataEnd = layout.blobMutableData.in(header) + layout.blobMutableDataSize.in(header);
        } else if (layout.immutableData.exists()) {
            metadata = start + layout.blobDataOffset.in(header) + layout.metadataOffset.in(header);
            metadataEnd = blob.end();
        } else {
            metadata = start + layout.metadataOffset.in(header);
            metadataEnd = scopes;
        }
        byte[] pcBytes = range(reader, pcs, pcsEnd, MAX_PC_BYTES);
        byte[] scopeBytes = range(reader, scopes, scopesEnd, MAX_SCOPE_BYTES);
        byte[] pointers = range(reader, metadata, metadataEnd, 8 * MAX_METHODS);
        long[] methods = new long[pointers.length / 8];
        for (int i = 0; i < methods.length; i++) {
            methods[i] = MemoryReader.i64(pointers, 8 * i);
        }
        return new Nmethod(layout, blob, method, compileId, pcBytes, scopeBytes, methods);
    }

    private static byte[] range(MemoryReader reader, long start, long end, int most)
            throws UnreadableException {
        if (end - start < 0 || end - start > most) {
            throw new UnreadableException("a table of " + (end - start) + " bytes");
        }
        return end == start ? new byte[0] : reader.bytes(start, (int) (end - start));
    }

    int pcCount() {
        return pcs.length / layout.pcDescBytes;
    }

    int pcOffset(int index) {
        return MemoryReader.i32(pcs, index * layout.pcDescBytes + layout.pcOffset.offset());
    }

    private boolean isSentinel(int index) {
        return scopeOffset(index) == 0;
    }

    private int scopeOffset(int index) {
        return MemoryReader.i32(pcs, index * layout.pcDescBytes + layout.pcScope.offset());
    }

    /** Whether the table of places is as every compiler leaves it. */
    boolean isSorted() {
        int count = pcCount();
        if (count < 2 || pcOffset(0) != FIRST_OFFSET || !isSentinel(0) || !isSentinel(count - 1)) {
            return false;
        }
        for (int i = 1; i < count; i++) {
            if (pcOffset(i) <= pcOffset(i - 1)) {
                return false;
            }
        }
        return true;
    }

    /**
     * The chain of calls at a place: the innermost first. Empty where the compiler noted nothing,
     * which is so behind the last place, in native wrappers, and before the frame stands.
     *
     * <p>The table has return addresses of calls and places of safepoints. The call or the loop
     * that an interrupted instruction belongs to ends in the next one.
     */
    List<Scope> scopesAt(long pc, boolean leaf) throws UnreadableException {
        if (leaf && isBeforeFrame(pc)) {
            return List.of();
        }
        int place = placeAtOrAfter(pc);
        return place >= pcCount() - 1 ? List.of() : scopes(place);
    }

    /** Whether the table tells of this very place: then its line is that of the instruction. */
    boolean hasPlace(long pc) {
        int place = placeAtOrAfter(pc);
        return place < pcCount() && pcOffset(place) == pc - blob.codeBegin();
    }

    private int placeAtOrAfter(long pc) {
        long offset = pc - blob.codeBegin();
        int low = 0;
        int high = pcCount();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (pcOffset(middle) < offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Whether it runs the entry of the method, where no inlined call has begun. */
    boolean isBeforeFrame(long pc) {
        return !isNative && frameComplete > 0 && pc - blob.codeBegin() < frameComplete;
    }

    /** The chain of calls of one entry of the table. */
    List<Scope> scopes(int pcIndex) throws UnreadableException {
        int at = scopeOffset(pcIndex);
        List<Scope> chain = new ArrayList<>(4);
        while (at != 0) {
            if (chain.size() == MAX_DEPTH) {
                throw new UnreadableException("more than " + MAX_DEPTH + " inlined calls");
            }
            CompressedNumbers in =
                    new CompressedNumbers(scopes, at, scopes.length, layout.withoutZeroBytes);
            int sender = in.unsigned();
            int methodIndex = in.unsigned();
            int bci = in.unsigned() - 1;
            if (sender < 0 || sender >= at || methodIndex < 1 || methodIndex > methods.length) {
                throw new UnreadableException("a scope that leads nowhere");
            }
            chain.add(new Scope(methodIndex, bci == ENTRY_BCI ? 0 : bci));
            at = sender;
        }
        return chain;
    }

    /** Whether the chain ends in the method that was compiled, as every one does. */
    boolean endsInOwnMethod(List<Scope> chain) {
        return !chain.isEmpty() && methods[chain.getLast().methodIndex - 1] == method;
    }

    /** The address of the method of a scope; of the compiled method for index 0. */
    long methodAddress(int methodIndex) {
        return methodIndex == 0 ? method : methods[methodIndex - 1];
    }

    @Nullable Method resolved(int methodIndex) {
        return resolved[methodIndex];
    }

    void resolve(int methodIndex, Method to) {
        resolved[methodIndex] = to;
    }

    /** Heap bytes, about. */
    int bytes() {
        return 512 + pcs.length + scopes.length + 12 * methods.length + blob.header().length;
    }
}
