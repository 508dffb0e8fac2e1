package io.flarepath.agent.unwind;

import io.flarepath.bpf.UnwindLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The rows of mappings that the kernel reads, given out in blocks. A block is written before anyone
 * is told of it, and its header changes before it is given to another process: who still holds the
 * old one notices. For one thread.
 */
final class MappingRows {
    private static final VarHandle LONGS =
            MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS =
            MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    /** Blocks have a multiple of this many rows: few sizes leave few gaps. */
    private static final int STEP = 8;

    private final ByteBuffer rows;
    private final UnwindTables tables;
    private final FreeRanges free = new FreeRanges(UnwindLayout.MAPPING_ROWS);
    private long generations;

    MappingRows(ByteBuffer rows, UnwindTables tables) {
        this.rows = rows;
        this.tables = tables;
    }

    /**
     * Sets rows aside for mappings, which are to be written before anyone is told of the block.
     *
     * @return null if there is no room for so many
     */
    @Nullable MappingBlock allocate(int mappings) {
        int wanted = (mappings + STEP) / STEP * STEP;
        int header = wanted > UnwindLayout.BLOCK_ROWS_MAX ? -1 : free.take(wanted);
        if (header < 0) {
            return null;
        }
        MappingBlock block = new MappingBlock(header, wanted, mappings, ++generations);
        LONGS.setRelease(rows, at(header) + UnwindLayout.MAPPING_START, block.generation());
        return block;
    }

    /** Writes a mapping of a block that nobody was told of. */
    void write(MappingBlock block, int index, long start, long end) {
        int at = at(block.first() + index);
        rows.putLong(at + UnwindLayout.MAPPING_START, start);
        rows.putLong(at + UnwindLayout.MAPPING_END, end);
        rows.putLong(at + UnwindLayout.MAPPING_BIAS, 0);
        rows.putInt(at + UnwindLayout.MAPPING_EXECUTABLE, 0);
        rows.putInt(at + UnwindLayout.MAPPING_KIND, UnwindLayout.MAPPED_FILE);
    }

    /** Tells which executable is mapped, also when the block is in use. */
    void executable(MappingBlock block, int index, int executable, long bias) {
        int at = at(block.first() + index);
        tables.retain(executable);
        rows.putLong(at + UnwindLayout.MAPPING_BIAS, bias);
        // The kernel reads the executable first: who sees it sees the bias.
        INTS.setRelease(rows, at + UnwindLayout.MAPPING_EXECUTABLE, executable);
    }

    /** Tells that no file describes the code, also when the block is in use. */
    void code(MappingBlock block, int index) {
        int at = at(block.first() + index) + UnwindLayout.MAPPING_KIND;
        INTS.setRelease(rows, at, UnwindLayout.MAPPED_CODE);
    }

    /**
     * Tells that a JVM has generated the code, before anyone is told of the block.
     *
     * @param end to which the code heap may grow, up to the next mapping
     */
    void codeHeap(MappingBlock block, int index, int heap, long end) {
        int at = at(block.first() + index);
        rows.putLong(at + UnwindLayout.MAPPING_END, end);
        rows.putInt(at + UnwindLayout.MAPPING_EXECUTABLE, heap);
        rows.putInt(at + UnwindLayout.MAPPING_KIND, UnwindLayout.MAPPED_CODE_HEAP);
    }

    /** Tells that something else may be mapped by the time of a sample. */
    void unsettled(MappingBlock block, int index) {
        int at = at(block.first() + index) + UnwindLayout.MAPPING_KIND;
        INTS.setRelease(rows, at, UnwindLayout.MAPPED_VOLATILE);
    }

    /** Whether a row says already what is mapped. */
    boolean isTold(MappingBlock block, int index) {
        int at = at(block.first() + index);
        return rows.getInt(at + UnwindLayout.MAPPING_EXECUTABLE) != 0
                || rows.getInt(at + UnwindLayout.MAPPING_KIND) == UnwindLayout.MAPPED_CODE;
    }

    /** Gives the rows back. */
    void free(MappingBlock block) {
        LONGS.setRelease(rows, at(block.header()) + UnwindLayout.MAPPING_START, 0L);
        VarHandle.fullFence();
        for (int i = 0; i < block.count(); i++) {
            int at = at(block.first() + i);
            if (rows.getInt(at + UnwindLayout.MAPPING_KIND) != UnwindLayout.MAPPED_CODE_HEAP) {
                tables.release(rows.getInt(at + UnwindLayout.MAPPING_EXECUTABLE));
            }
        }
        free.give(block.header(), block.rows());
    }

    /** Rows that are given out. */
    int used() {
        return UnwindLayout.MAPPING_ROWS - free.size();
    }

    private static int at(int row) {
        return row * UnwindLayout.MAPPING_BYTES;
    }
}
