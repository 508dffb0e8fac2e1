package io.flarepath.symbolizer.binary.unwind;

import java.nio.ByteBuffer;

/**
 * How to find the caller's frame from a place in the code, on x86-64: the canonical frame address
 * (the caller's stack pointer after the return), the caller's frame pointer, and the return
 * address. Stands in tables as the twelve bytes of {@code struct unwind_rule} in {@code unwind.h}.
 *
 * @param kind how the frame address is computed, or what else ends or continues the walk
 * @param register DWARF number of the register, where the kind names one; else 0
 * @param saved where the caller's frame pointer is
 * @param returnRegister 0 if the return address is below the frame address; else the DWARF number
 *     plus one of the register that holds it, which only the innermost frame can have
 * @param offset as the kind says, bytes
 * @param savedOffset as {@code saved} says, bytes
 * @param addend as the kind says
 */
public record UnwindRule(
        Kind kind,
        int register,
        Saved saved,
        int returnRegister,
        int offset,
        int savedOffset,
        int addend) {

    /** Bytes of a rule in a table. */
    public static final int BYTES = 12;

    /** DWARF numbers of registers (System V ABI for AMD64, figure 3.36). */
    public static final int RBP = 6;

    public static final int RSP = 7;

    /** The walk ends with an error. */
    public static final UnwindRule UNKNOWN = of(Kind.UNKNOWN);

    /** The outermost frame of a thread. */
    public static final UnwindRule STOP = of(Kind.STOP);

    /** Nothing is known: the frame pointer is followed if it looks like one. */
    public static final UnwindRule FRAME_POINTER = of(Kind.FRAME_POINTER);

    /** Kinds, each with its number in tables; {@code fp} is rbp, {@code sp} is rsp. */
    public enum Kind {
        /** Not known, or the format cannot express it. */
        UNKNOWN,
        /** The outermost frame. */
        STOP,
        /** frame address = sp + offset. */
        CFA_SP,
        /** frame address = fp + offset. addend 1: it may lie on another stack. */
        CFA_FP,
        /**
         * frame address = register + offset; only the innermost frame knows its registers. addend
         * 1: it may lie on another stack.
         */
        CFA_REGISTER,
        /** frame address = word at (sp + offset) + addend. */
        CFA_SP_DEREF,
        /** frame address = word at (fp + offset) + addend. */
        CFA_FP_DEREF,
        /** frame address = sp + offset + ((pc and 15) >= addend ? 8 : 0): a linkage stub. */
        PLT,
        /** A signal handler returns here: registers are in the ucontext at sp + offset. */
        SIGNAL,
        /** No rule covers this code: the frame pointer is followed, with checks. */
        FRAME_POINTER,
        /**
         * {@code runtime.asmcgocall}, while C code runs: at sp + offset the depth of the stack of
         * g, and behind it g; frame address = g.stack.hi - depth + addend.
         */
        GO_ASMCGOCALL,
        /**
         * Go's system stack: goes on where the goroutine left its own, by {@code m.curg}. offset:
         * of {@code sched} in g; addend: of {@code curg} in m; register times 8: of {@code m} in g;
         * savedOffset: of the frame pointer in g. The end, if {@code curg} is 0.
         */
        GO_CURG,
        /** Go's scheduler: goes on where g0 says. offset, savedOffset: as for {@link #GO_CURG}. */
        GO_G0
    }

    /** Where the caller's frame pointer is, each with its number in tables. */
    public enum Saved {
        /** In the register, unchanged. */
        SAME,
        /** At frame address + savedOffset. */
        AT_CFA,
        /** At fp + savedOffset. */
        AT_FP,
        /** Nowhere. */
        UNDEFINED
    }

    private static UnwindRule of(Kind kind) {
        return new UnwindRule(kind, 0, Saved.SAME, 0, 0, 0, 0);
    }

    // Written out for the reason that Frame has: rules are compared once a row of a table.
    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof UnwindRule rule
                        && kind == rule.kind
                        && offset == rule.offset
                        && saved == rule.saved
                        && savedOffset == rule.savedOffset
                        && register == rule.register
                        && returnRegister == rule.returnRegister
                        && addend == rule.addend);
    }

    @Override
    public int hashCode() {
        int hash = offset * 31 + savedOffset;
        hash = hash * 31 + register;
        hash = hash * 31 + returnRegister;
        return hash * 31 + addend;
    }

    /** Whether all parts have room in a table; what has not must become {@link #UNKNOWN}. */
    public boolean fits() {
        return register >= 0
                && register <= 255
                && returnRegister >= 0
                && returnRegister <= 255
                && savedOffset == (short) savedOffset
                && addend == (short) addend;
    }

    /** Writes the rule's twelve bytes to a little-endian buffer, at its position. */
    @SuppressWarnings("EnumOrdinal") // The constants stand in the order of unwind.h.
    public void put(ByteBuffer target) {
        target.put((byte) kind.ordinal());
        target.put((byte) register);
        target.put((byte) saved.ordinal());
        target.put((byte) returnRegister);
        target.putInt(offset);
        target.putShort((short) savedOffset);
        target.putShort((short) addend);
    }
}
