package io.flarepath.agent.unwind;

import io.flarepath.bpf.BpfException;
import io.flarepath.bpf.UnwindLayout;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rows of rules that the kernel reads, given out by pages of code. For one thread. */
final class RowMemory {
    private static final Logger LOG = LoggerFactory.getLogger(RowMemory.class);

    private final UnwindMemory memory;
    private final ByteBuffer[] segments = new ByteBuffer[UnwindLayout.SEGMENTS];
    private final FreeRanges[] free = new FreeRanges[UnwindLayout.SEGMENTS];
    private int made;
    private int limit;
    private long used;

    /**
     * @param segments that may be made
     */
    RowMemory(UnwindMemory memory, int segments) {
        this.memory = memory;
        this.limit = Math.min(segments, UnwindLayout.SEGMENTS);
    }

    /** Sets rows aside that follow one another in one segment; the first, or -1: no room. */
    int take(int rows) {
        for (int i = 0; i < made; i++) {
            int at = free[i].size() < rows ? -1 : free[i].take(rows);
            if (at >= 0) {
                used += rows;
                return i * UnwindLayout.SEGMENT_ROWS + at;
            }
        }
        return make() ? take(rows) : -1;
    }

    private boolean make() {
        if (made >= limit) {
            return false;
        }
        try {
            segments[made] = memory.segment(made);
        } catch (BpfException e) {
            // The kernel will not have more for us soon: what there is must do.
            limit = made;
            LOG.warn("unwind tables have {} MiB and no more: {}", made, e.toString());
            return false;
        }
        free[made++] = new FreeRanges(UnwindLayout.SEGMENT_ROWS);
        return true;
    }

    /** Where a row's segment is; its position is that of the row. */
    ByteBuffer at(int row) {
        ByteBuffer segment = segments[row / UnwindLayout.SEGMENT_ROWS];
        segment.position(row % UnwindLayout.SEGMENT_ROWS * UnwindLayout.ROW_BYTES);
        return segment;
    }

    /** Gives rows back. */
    void give(int row, int rows) {
        free[row / UnwindLayout.SEGMENT_ROWS].give(row % UnwindLayout.SEGMENT_ROWS, rows);
        used -= rows;
    }

    /** Rows that can still be given out, not all of them in one place. */
    long free() {
        return (long) limit * UnwindLayout.SEGMENT_ROWS - used;
    }

    /** Bytes of rows that are given out. */
    long usedBytes() {
        return used * UnwindLayout.ROW_BYTES;
    }
}
