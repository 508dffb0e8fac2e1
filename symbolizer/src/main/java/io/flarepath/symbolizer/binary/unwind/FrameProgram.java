package io.flarepath.symbolizer.binary.unwind;

import io.flarepath.symbolizer.binary.Cursor;
import io.flarepath.symbolizer.binary.MalformedBinaryException;
import io.flarepath.symbolizer.binary.unwind.FrameState.Way;
import java.io.IOException;

/** Runs the instructions of call frame information (DWARF 5, section 6.4.2). */
final class FrameProgram {
    private static final int MAX_REMEMBERED = 64;

    /** Takes rows, in the order of their addresses. */
    @FunctionalInterface
    interface RowTarget {
        /** The row holds from the start to the end, which lies behind it. */
        void row(long start, long end, FrameState state) throws IOException;
    }

    private final long sectionAddress;
    private final long dataBase;
    private final FrameState state = new FrameState();
    private final FrameState[] remembered = new FrameState[MAX_REMEMBERED];
    private int depth;
    private long rowStart;
    private long end;

    FrameProgram(long sectionAddress, long dataBase) {
        this.sectionAddress = sectionAddress;
        this.dataBase = dataBase;
    }

    /** The row after the instructions of a common entry, which stand up to {@code limit}. */
    void runInitial(Cursor cursor, long limit, CommonEntry entry) throws IOException {
        state.clear();
        depth = 0;
        rowStart = 0;
        end = 0;
        run(cursor, limit, entry, (start, stop, row) -> {});
        entry.initial().copy(state);
    }

    /**
     * Hands over the rows of a range of code.
     *
     * @throws MalformedBinaryException if the instructions cannot be read; {@link #reached} tells
     *     from where on there are no rows
     */
    void run(Cursor cursor, long limit, CommonEntry entry, long low, long high, RowTarget target)
            throws IOException {
        state.copy(entry.initial());
        depth = 0;
        rowStart = low;
        end = high;
        run(cursor, limit, entry, target);
        if (rowStart < end) {
            target.row(rowStart, end, state);
        }
        rowStart = end;
    }

    /** The address behind the last row that was handed over. */
    long reached() {
        return rowStart;
    }

    private void run(Cursor cursor, long limit, CommonEntry entry, RowTarget target)
            throws IOException {
        while (cursor.position() < limit) {
            step(cursor, entry, target);
        }
        if (cursor.position() > limit) {
            throw new MalformedBinaryException("an instruction leaves its entry");
        }
    }

    private void step(Cursor cursor, CommonEntry entry, RowTarget target) throws IOException {
        int op = cursor.u8();
        int low = op & 0x3f;
        switch (op >> 6) {
            case 1 -> advance(low * entry.codeFactor(), target);
            case 2 -> {
                long offset = cursor.uleb() * entry.dataFactor();
                state.set(entry.column(low), Way.OFFSET, offset);
            }
            case 3 -> state.restore(entry.column(low), entry.initial());
            default -> extended(op, cursor, entry, target);
        }
    }

    private void extended(int op, Cursor cursor, CommonEntry entry, RowTarget target)
            throws IOException {
        switch (op) {
            case 0x00, 0x2d -> {} // nop, GNU_window_save
            case 0x01 ->
                    moveTo(
                            EncodedPointer.read(cursor, entry.encoding(), sectionAddress, dataBase),
                            target);
            case 0x02 -> advance(cursor.u8() * entry.codeFactor(), target);
            case 0x03 -> advance(cursor.u16() * entry.codeFactor(), target);
            case 0x04 -> advance(cursor.u32() * entry.codeFactor(), target);
            case 0x1d -> advance(cursor.i64() * entry.codeFactor(), target);
            case 0x0a -> remember();
            case 0x0b -> recall();
            case 0x0c -> state.cfa(cursor.uleb(), cursor.uleb());
            case 0x12 -> state.cfa(cursor.uleb(), cursor.sleb() * entry.dataFactor());
            case 0x0d -> state.cfa(cursor.uleb(), state.cfaOffset);
            case 0x0e -> state.cfa(state.cfaRegister, cursor.uleb());
            case 0x13 -> state.cfa(state.cfaRegister, cursor.sleb() * entry.dataFactor());
            case 0x0f -> state.cfaExpression(expression(cursor));
            case 0x2e -> cursor.uleb(); // GNU_args_size: of the callee's arguments
            default -> register(op, cursor, entry);
        }
    }

    private void register(int op, Cursor cursor, CommonEntry entry) throws IOException {
        int column = entry.column(cursor.uleb());
        long factor = entry.dataFactor();
        switch (op) {
            case 0x05 -> state.set(column, Way.OFFSET, cursor.uleb() * factor);
            case 0x06 -> state.restore(column, entry.initial());
            case 0x07 -> state.set(column, Way.UNDEFINED, 0);
            case 0x08 -> state.set(column, Way.SAME, 0);
            case 0x09 -> state.set(column, Way.REGISTER, cursor.uleb());
            case 0x10 -> state.set(column, Way.EXPRESSION, expression(cursor));
            case 0x11 -> state.set(column, Way.OFFSET, cursor.sleb() * factor);
            case 0x14 -> state.set(column, Way.VAL_OFFSET, cursor.uleb() * factor);
            case 0x15 -> state.set(column, Way.VAL_OFFSET, cursor.sleb() * factor);
            case 0x16 -> state.set(column, Way.VAL_EXPRESSION, expression(cursor));
            case 0x2f -> state.set(column, Way.OFFSET, -cursor.uleb() * factor);
            default ->
                    throw new MalformedBinaryException(
                            "no instruction of call frames has number 0x"
                                    + Integer.toHexString(op));
        }
    }

    /** Passes over an expression; its place stands for it. */
    private static long expression(Cursor cursor) throws IOException {
        long at = cursor.position();
        cursor.skip(cursor.uleb());
        return at;
    }

    private void advance(long bytes, RowTarget target) throws IOException {
        moveTo(rowStart + bytes, target);
    }

    private void moveTo(long address, RowTarget target) throws IOException {
        if (address < rowStart) {
            throw new MalformedBinaryException("call frame rows go backwards");
        }
        long next = Math.min(address, end);
        if (next > rowStart) {
            target.row(rowStart, next, state);
        }
        rowStart = next;
    }

    private void remember() throws MalformedBinaryException {
        if (depth == MAX_REMEMBERED) {
            throw new MalformedBinaryException(
                    "more than " + MAX_REMEMBERED + " rows are remembered");
        }
        if (remembered[depth] == null) {
            remembered[depth] = new FrameState();
        }
        remembered[depth++].copy(state);
    }

    private void recall() throws MalformedBinaryException {
        if (depth == 0) {
            throw new MalformedBinaryException("a row is recalled that was not remembered");
        }
        state.copy(remembered[--depth]);
    }
}
