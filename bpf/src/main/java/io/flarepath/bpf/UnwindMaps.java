package io.flarepath.bpf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * The memory that the unwinder in the kernel reads: rules, tables of executables, mappings of
 * processes. What is written here is seen by the kernel at once; {@code unwind.h} says what lies
 * where, and in which order it must be written. For one thread, and only until the sampler is
 * closed: its memory is gone then.
 */
public final class UnwindMaps {
    private static final int RULES = 0;
    private static final int PAGES = 1;
    private static final int EXECUTABLES = 2;
    private static final int MAPPINGS = 3;
    private static final int CODE_HEAPS = 4;

    private final Sampler sampler;
    private final ByteBuffer rules;
    private final ByteBuffer pages;
    private final ByteBuffer executables;
    private final ByteBuffer mappings;
    private final ByteBuffer codeHeaps;

    UnwindMaps(Sampler sampler, long handle) {
        this.sampler = sampler;
        rules = array(handle, RULES);
        pages = array(handle, PAGES);
        executables = array(handle, EXECUTABLES);
        mappings = array(handle, MAPPINGS);
        codeHeaps = array(handle, CODE_HEAPS);
    }

    private static ByteBuffer array(long handle, int array) {
        return SamplerNatives.unwindArray(handle, array).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** {@link UnwindLayout#RULES} rules. */
    public ByteBuffer rules() {
        return rules;
    }

    /** {@link UnwindLayout#PAGES} descriptors of pages of code. */
    public ByteBuffer pages() {
        return pages;
    }

    /** {@link UnwindLayout#EXECUTABLES} descriptors of executables. */
    public ByteBuffer executables() {
        return executables;
    }

    /** {@link UnwindLayout#MAPPING_ROWS} rows of mappings. */
    public ByteBuffer mappings() {
        return mappings;
    }

    /** {@link UnwindLayout#CODE_HEAPS} descriptions of code heaps of JVMs. */
    public ByteBuffer codeHeaps() {
        return codeHeaps;
    }

    /**
     * A segment of {@link UnwindLayout#SEGMENT_ROWS} rows, made when it is first asked for.
     *
     * @param number 0 to {@link UnwindLayout#SEGMENTS} - 1
     * @throws BpfException when the kernel has no memory for it
     */
    public ByteBuffer segment(int number) {
        Objects.checkIndex(number, UnwindLayout.SEGMENTS);
        return sampler.use(handle -> SamplerNatives.unwindSegment(handle, number))
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Tells where the mappings of a process lie.
     *
     * @param image of the process, as its samples have it
     * @param first row of its first mapping, behind the header
     * @param count of mappings; may be 0
     * @param generation as the header has it
     * @param unwalkable whether what cannot be walked of it now cannot be later either
     * @throws BpfException when there are too many processes
     */
    public void setProcess(
            int pid, long image, int first, int count, long generation, boolean unwalkable) {
        sampler.use(handle -> {
            SamplerNatives.setProcess(handle, pid, image, first, count, generation, unwalkable);
            return true;
        });
    }

    /** Forgets a process, if the number still belongs to this image. */
    public void removeProcess(int pid, long image) {
        sampler.use(handle -> {
            SamplerNatives.removeProcess(handle, pid, image);
            return true;
        });
    }

    /**
     * Goes on with the walk of a sample that has a copy of its stack.
     *
     * @param from direct; holds the SAMPLE record, which a reader has checked, at a position
     * @param first row of the first mapping of its process
     * @param count of mappings
     * @param generation as the header of the mappings has it
     * @param to direct; takes the sample as it is then, from index 0: with its stack still, if it
     *     can go on later
     * @return bytes of the record
     */
    public int resume(
            ByteBuffer from, int position, int first, int count, long generation, ByteBuffer to) {
        if (!from.isDirect() || !to.isDirect() || to.isReadOnly()) {
            throw new IllegalArgumentException("both buffers must be direct, the second writable");
        }
        Objects.checkIndex(position, from.capacity());
        return sampler.use(handle ->
                SamplerNatives.resume(
                        handle, from, position, first, count, generation, to, to.capacity()));
    }

    /** All constants, in the order in which the native library gives its own. */
    static long[] layout() {
        return new long[] {
            UnwindLayout.RULES,
            UnwindLayout.EXECUTABLES,
            UnwindLayout.PAGES,
            UnwindLayout.PAGE_BITS,
            UnwindLayout.INDEX_BITS,
            UnwindLayout.INDEX_ENTRIES,
            UnwindLayout.INDEX_ROWS,
            UnwindLayout.MAPPING_ROWS,
            UnwindLayout.BLOCK_ROWS_MAX,
            UnwindLayout.PROCESSES,
            UnwindLayout.SEGMENTS,
            UnwindLayout.SEGMENT_ROWS,
            UnwindLayout.SEGMENT_BYTES,
            UnwindLayout.RULE_BYTES,
            UnwindLayout.ROW_BYTES,
            UnwindLayout.ROW_LOW,
            UnwindLayout.ROW_RULE,
            UnwindLayout.PAGE_BYTES,
            UnwindLayout.PAGE_FIRST,
            UnwindLayout.PAGE_COUNT,
            UnwindLayout.EXECUTABLE_BYTES,
            UnwindLayout.EXECUTABLE_GENERATION,
            UnwindLayout.EXECUTABLE_STATE,
            UnwindLayout.EXECUTABLE_FIRST_PAGE,
            UnwindLayout.EXECUTABLE_PAGE_COUNT,
            UnwindLayout.EXECUTABLE_PAGE_BASE,
            UnwindLayout.EXECUTABLE_USES,
            UnwindLayout.MAPPING_BYTES,
            UnwindLayout.MAPPING_START,
            UnwindLayout.MAPPING_END,
            UnwindLayout.MAPPING_BIAS,
            UnwindLayout.MAPPING_EXECUTABLE,
            UnwindLayout.MAPPING_KIND,
            UnwindLayout.ABSENT,
            UnwindLayout.LOADED,
            UnwindLayout.NO_RULES,
            UnwindLayout.NO_ROOM,
            UnwindLayout.MAPPED_FILE,
            UnwindLayout.MAPPED_CODE,
            UnwindLayout.MAPPED_VOLATILE,
            UnwindLayout.MAPPED_CODE_HEAP,
            UnwindLayout.CODE_HEAPS,
            UnwindLayout.HEAP_STARTING,
            UnwindLayout.HEAP_REFUSED,
            UnwindLayout.FIRST_CODE_HEAP,
            UnwindLayout.BLOB_BYTES,
            UnwindLayout.HEAP_BYTES,
            UnwindLayout.HEAP_GENERATION,
            UnwindLayout.HEAP_SEGMENT_SHIFT,
            UnwindLayout.HEAP_START,
            UnwindLayout.HEAP_SEGMENT_MAP,
            UnwindLayout.HEAP_NMETHOD_NAME,
            UnwindLayout.HEAP_NATIVE_NAME,
            UnwindLayout.HEAP_INTERPRETER_NAME,
            UnwindLayout.HEAP_RETURN_BARRIER,
            UnwindLayout.HEAP_BLOCK_HEADER,
            UnwindLayout.HEAP_NAME,
            UnwindLayout.HEAP_SIZE,
            UnwindLayout.HEAP_FRAME_SIZE,
            UnwindLayout.HEAP_FRAME_COMPLETE,
            UnwindLayout.HEAP_CODE_BEGIN,
            UnwindLayout.HEAP_COMPILE_ID,
            UnwindLayout.HEAP_ORIGINAL_PC,
            UnwindLayout.HEAP_DEOPT_HANDLER,
            UnwindLayout.HEAP_DEOPT_MH_HANDLER,
            UnwindLayout.HEAP_CONST_METHOD,
            UnwindLayout.HEAP_BYTECODES,
            UnwindLayout.HEAP_BYTECODES_SIZE,
            UnwindLayout.HEAP_BYTECODE_SLOT,
            UnwindLayout.HEAP_RETURN_BARRIER_BYTES,
            UnwindLayout.FIELD_BYTES,
            UnwindLayout.FIELD_IS_ADDRESS,
        };
    }
}
