package io.flarepath.symbolizer.live.hotspot;

import java.util.Arrays;

/**
 * Lines of the bytecodes of one method, out of its compressed table (CompressedLineNumber…Stream).
 */
final class LineTable {
    static final LineTable NONE = new LineTable(new int[0], 0);

    private static final int ESCAPE = 0xff;
    private static final int MAX_ROWS = 1 << 16;

    /** Pairs of bci and line, in the order of the table. */
    private final int[] rows;

    private final int count;

    private LineTable(int[] rows, int count) {
        this.rows = rows;
        this.count = count;
    }

    /** Reads a table; what follows a damaged place is left out. */
    static LineTable read(byte[] bytes, int start, int end, boolean withoutZeroBytes) {
        CompressedNumbers in = new CompressedNumbers(bytes, start, end, withoutZeroBytes);
        int[] rows = new int[32];
        int count = 0;
        int bci = 0;
        int line = 0;
        try {
            for (int next = in.u8(); next != 0 && count < MAX_ROWS; next = in.u8()) {
                if (next == ESCAPE) {
                    bci += in.signed();
                    line += in.signed();
                } else {
                    bci += next >> 3;
                    line += next & 7;
                }
                if (2 * count == rows.length) {
                    rows = Arrays.copyOf(rows, 2 * rows.length);
                }
                rows[2 * count] = bci;
                rows[2 * count + 1] = line;
                count++;
            }
        } catch (UnreadableException e) {
            // cut: the rows before it are good
        }
        return count == 0 ? NONE : new LineTable(Arrays.copyOf(rows, 2 * count), count);
    }

    /** The line of a bytecode: that of the nearest one at or before it; 0 where there is none. */
    int line(int bci) {
        int best = -1;
        int line = 0;
        for (int i = 0; i < count; i++) {
            int start = rows[2 * i];
            if (start == bci) {
                return Math.max(0, rows[2 * i + 1]);
            }
            if (start < bci && start >= best) {
                best = start;
                line = rows[2 * i + 1];
            }
        }
        return Math.max(0, line);
    }

    /** Heap bytes. */
    int bytes() {
        return 32 + 4 * rows.length;
    }
}
