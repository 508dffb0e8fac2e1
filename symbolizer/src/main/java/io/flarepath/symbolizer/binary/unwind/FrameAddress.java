package io.flarepath.symbolizer.binary.unwind;

import io.flarepath.symbolizer.binary.Cursor;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * An address of the form that rules can express: register + offset, or the word at that place plus
 * an addend; read from a DWARF expression (DWARF 5, section 2.5).
 *
 * @param register DWARF number
 * @param offset bytes
 * @param deref whether the word at register + offset is meant
 * @param addend what is added to the word
 */
record FrameAddress(int register, long offset, boolean deref, long addend) {
    private static final int OP_DEREF = 0x06;
    private static final int OP_CONST1U = 0x08;
    private static final int OP_CONST1S = 0x09;
    private static final int OP_CONST2U = 0x0a;
    private static final int OP_CONST2S = 0x0b;
    private static final int OP_CONST4U = 0x0c;
    private static final int OP_CONST4S = 0x0d;
    private static final int OP_CONSTU = 0x10;
    private static final int OP_CONSTS = 0x11;
    private static final int OP_AND = 0x1a;
    private static final int OP_MINUS = 0x1c;
    private static final int OP_PLUS = 0x22;
    private static final int OP_PLUS_UCONST = 0x23;
    private static final int OP_SHL = 0x24;
    private static final int OP_GE = 0x2a;
    private static final int OP_LIT0 = 0x30;
    private static final int OP_LIT15 = OP_LIT0 + 15;
    private static final int OP_LIT31 = OP_LIT0 + 31;
    private static final int OP_BREG0 = 0x70;
    private static final int OP_BREG16 = OP_BREG0 + 16;
    private static final int OP_BREG31 = OP_BREG0 + 31;
    private static final int OP_BREGX = 0x92;

    /** Registers of which the innermost frame may be asked: rax to r15. */
    static final int MOST_REGISTER = 15;

    /** The address that an expression gives; null if it is of another form. */
    static @Nullable FrameAddress read(Cursor cursor) throws IOException {
        long length = cursor.uleb();
        long end = cursor.position() + length;
        if (length <= 0 || end > cursor.window().size()) {
            return null;
        }
        int first = cursor.u8();
        long register = (long) first - OP_BREG0;
        if (first == OP_BREGX) {
            register = cursor.uleb();
        } else if (first < OP_BREG0 || first > OP_BREG31) {
            return null;
        }
        if (register < 0 || register > MOST_REGISTER) {
            return null;
        }
        FrameAddress address = new FrameAddress((int) register, cursor.sleb(), false, 0);
        while (address != null && cursor.position() < end) {
            address = address.then(cursor);
        }
        return address != null && cursor.position() == end ? address : null;
    }

    /** This address after one more step of an expression, which adds, subtracts, or reads. */
    private @Nullable FrameAddress then(Cursor cursor) throws IOException {
        int op = cursor.u8();
        if (op == OP_DEREF) {
            return deref ? null : new FrameAddress(register, offset, true, 0);
        }
        if (op == OP_PLUS_UCONST) {
            return plus(cursor.uleb());
        }
        long constant;
        switch (op) {
            case OP_CONST1U -> constant = cursor.u8();
            case OP_CONST1S -> constant = (byte) cursor.u8();
            case OP_CONST2U -> constant = cursor.u16();
            case OP_CONST2S -> constant = (short) cursor.u16();
            case OP_CONST4U -> constant = cursor.u32();
            case OP_CONST4S -> constant = (int) cursor.u32();
            case OP_CONSTU -> constant = cursor.uleb();
            case OP_CONSTS -> constant = cursor.sleb();
            default -> {
                if (op < OP_LIT0 || op > OP_LIT31) {
                    return null;
                }
                constant = (long) op - OP_LIT0;
            }
        }
        return switch (cursor.u8()) {
            case OP_PLUS -> plus(constant);
            case OP_MINUS -> plus(-constant);
            default -> null;
        };
    }

    private FrameAddress plus(long constant) {
        return deref
                ? new FrameAddress(register, offset, true, addend + constant)
                : new FrameAddress(register, offset + constant, false, 0);
    }

    /**
     * Reads what linkers write for their lazy stubs: {@code rsp + n + ((rip & 15) >= t) << 3}.
     *
     * @return the rule, or null if the expression is something else
     */
    static @Nullable UnwindRule readLinkageStub(Cursor cursor) throws IOException {
        long length = cursor.uleb();
        long end = cursor.position() + length;
        if (length < 11 || length > 16 || cursor.u8() != OP_BREG0 + UnwindRule.RSP) {
            return null;
        }
        long offset = cursor.sleb();
        boolean pcModulo16 =
                cursor.u8() == OP_BREG16
                        && cursor.sleb() == 0
                        && cursor.u8() == OP_LIT15
                        && cursor.u8() == OP_AND;
        int threshold = pcModulo16 ? cursor.u8() - OP_LIT0 : -1;
        boolean timesEight =
                threshold >= 0
                        && threshold <= 15
                        && cursor.u8() == OP_GE
                        && cursor.u8() == OP_LIT0 + 3
                        && cursor.u8() == OP_SHL
                        && cursor.u8() == OP_PLUS
                        && cursor.position() == end;
        if (!timesEight || offset != (int) offset) {
            return null;
        }
        return new UnwindRule(
                UnwindRule.Kind.PLT, 0, UnwindRule.Saved.SAME, 0, (int) offset, 0, threshold);
    }
}
