package io.flarepath.symbolizer.binary.unwind;

/**
 * A row of call frame information: how the frame address is computed, and where the three registers
 * are that an unwinder follows (DWARF 5, section 6.4.1).
 */
final class FrameState {
    /** Columns of registers; all others are not followed. */
    static final int RBP = 0;

    static final int RSP = 1;
    static final int RETURN_ADDRESS = 2;
    private static final int COLUMNS = 3;

    /** How a register is found. */
    enum Way {
        /** Nothing was said of it. */
        UNSPECIFIED,
        UNDEFINED,
        SAME,
        /** At frame address + value. */
        OFFSET,
        /** It is frame address + value. */
        VAL_OFFSET,
        /** In the register of this number. */
        REGISTER,
        /** At the address that the expression at this offset gives. */
        EXPRESSION,
        /** It is what the expression at this offset gives. */
        VAL_EXPRESSION
    }

    /** Whether anything was said of the frame address. */
    boolean cfaDefined;

    /** Offset of the expression, length included, or -1. */
    long cfaExpression;

    long cfaRegister;
    long cfaOffset;
    final Way[] ways = new Way[COLUMNS];
    final long[] values = new long[COLUMNS];

    FrameState() {
        clear();
    }

    void clear() {
        cfaDefined = false;
        cfaExpression = -1;
        cfaRegister = 0;
        cfaOffset = 0;
        for (int i = 0; i < COLUMNS; i++) {
            set(i, Way.UNSPECIFIED, 0);
        }
    }

    void copy(FrameState other) {
        cfaDefined = other.cfaDefined;
        cfaExpression = other.cfaExpression;
        cfaRegister = other.cfaRegister;
        cfaOffset = other.cfaOffset;
        for (int i = 0; i < COLUMNS; i++) {
            set(i, other.ways[i], other.values[i]);
        }
    }

    /** Says where a register is; column -1 is one that is not followed. */
    void set(int column, Way way, long value) {
        if (column >= 0) {
            ways[column] = way;
            values[column] = value;
        }
    }

    void restore(int column, FrameState initial) {
        if (column >= 0) {
            set(column, initial.ways[column], initial.values[column]);
        }
    }

    void cfa(long register, long offset) {
        cfaDefined = true;
        cfaExpression = -1;
        cfaRegister = register;
        cfaOffset = offset;
    }

    void cfaExpression(long at) {
        cfaDefined = true;
        cfaExpression = at;
    }
}
