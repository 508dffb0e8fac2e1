package io.flarepath.agent.jvm;

import io.flarepath.bpf.UnwindLayout;
import io.flarepath.symbolizer.live.hotspot.CodeHeap;
import io.flarepath.symbolizer.live.hotspot.UnwindFacts;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;

/** The descriptions of code heaps that the unwinder in the kernel reads. For one thread. */
final class CodeHeapTable {
    private static final VarHandle INTS =
            MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final ByteBuffer heaps;
    private final BitSet used = new BitSet();

    CodeHeapTable(ByteBuffer heaps) {
        this.heaps = heaps;
        used.set(0, UnwindLayout.FIRST_CODE_HEAP);
    }

    /**
     * Describes a code heap.
     *
     * @return its number; 0 if there are too many
     */
    int add(CodeHeap heap, UnwindFacts facts) {
        int number = used.nextClearBit(0);
        if (number >= UnwindLayout.CODE_HEAPS) {
            return 0;
        }
        used.set(number);
        write(number, heap, facts);
        return number;
    }

    /** Describes it anew. */
    void write(int number, CodeHeap heap, UnwindFacts facts) {
        int at = number * UnwindLayout.HEAP_BYTES;
        int generation = heaps.getInt(at + UnwindLayout.HEAP_GENERATION);
        INTS.setRelease(heaps, at + UnwindLayout.HEAP_GENERATION, generation | 1);
        VarHandle.fullFence();
        heaps.putInt(at + UnwindLayout.HEAP_SEGMENT_SHIFT, facts.segmentShift());
        heaps.putLong(at + UnwindLayout.HEAP_START, heap.start());
        heaps.putLong(at + UnwindLayout.HEAP_SEGMENT_MAP, heap.segmentMap());
        heaps.putLong(at + UnwindLayout.HEAP_NMETHOD_NAME, facts.nmethodName());
        heaps.putLong(at + UnwindLayout.HEAP_NATIVE_NAME, facts.nativeNmethodName());
        heaps.putLong(at + UnwindLayout.HEAP_INTERPRETER_NAME, facts.interpreterName());
        heaps.putLong(at + UnwindLayout.HEAP_RETURN_BARRIER, facts.returnBarrierStart());
        heaps.putInt(
                at + UnwindLayout.HEAP_RETURN_BARRIER_BYTES,
                (int) (facts.returnBarrierEnd() - facts.returnBarrierStart()));
        heaps.putInt(at + UnwindLayout.HEAP_BLOCK_HEADER, facts.blockHeaderBytes());
        field(at + UnwindLayout.HEAP_NAME, facts.nameOffset(), Long.BYTES, true);
        field(at + UnwindLayout.HEAP_SIZE, facts.sizeOffset(), Integer.BYTES, false);
        field(
                at + UnwindLayout.HEAP_FRAME_SIZE,
                facts.frameSizeOffset(),
                facts.frameSizeBytes(),
                false);
        field(
                at + UnwindLayout.HEAP_FRAME_COMPLETE,
                facts.frameCompleteOffset(),
                facts.frameCompleteBytes(),
                false);
        field(
                at + UnwindLayout.HEAP_CODE_BEGIN,
                facts.codeBeginOffset(),
                facts.codeBeginBytes(),
                facts.codeBeginIsPointer());
        field(at + UnwindLayout.HEAP_COMPILE_ID, facts.compileIdOffset(), Integer.BYTES, false);
        field(at + UnwindLayout.HEAP_ORIGINAL_PC, facts.origPcOffset(), facts.origPcBytes(), false);
        field(
                at + UnwindLayout.HEAP_DEOPT_HANDLER,
                facts.deoptOffset(),
                facts.deoptBytes(),
                facts.deoptIsPointer());
        field(
                at + UnwindLayout.HEAP_DEOPT_MH_HANDLER,
                facts.deoptMhOffset(),
                facts.deoptMhOffset() < 0 ? 0 : facts.deoptMhBytes(),
                facts.deoptIsPointer());
        heaps.putShort(at + UnwindLayout.HEAP_CONST_METHOD, (short) facts.constMethodOffset());
        heaps.putShort(at + UnwindLayout.HEAP_BYTECODES, (short) facts.constMethodBytes());
        heaps.putShort(at + UnwindLayout.HEAP_BYTECODES_SIZE, (short) facts.codeSizeOffset());
        heaps.putShort(at + UnwindLayout.HEAP_BYTECODE_SLOT, (short) facts.bcpSlot());
        INTS.setRelease(heaps, at + UnwindLayout.HEAP_GENERATION, (generation | 1) + 1);
    }

    private void field(int at, int offset, int bytes, boolean isAddress) {
        int kept = bytes == 0 ? 0 : offset;
        heaps.putShort(at, (short) kept);
        heaps.put(at + UnwindLayout.FIELD_BYTES, (byte) bytes);
        heaps.put(at + UnwindLayout.FIELD_IS_ADDRESS, (byte) (isAddress ? 1 : 0));
    }

    /** Takes a description back. */
    void remove(int number) {
        int at = number * UnwindLayout.HEAP_BYTES + UnwindLayout.HEAP_GENERATION;
        INTS.setRelease(heaps, at, heaps.getInt(at) | 1);
        used.clear(number);
    }

    /** Code heaps that are described. */
    int size() {
        return used.cardinality() - UnwindLayout.FIRST_CODE_HEAP;
    }
}
