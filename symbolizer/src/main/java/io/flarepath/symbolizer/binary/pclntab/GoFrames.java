package io.flarepath.symbolizer.binary.pclntab;

import io.flarepath.symbolizer.binary.unwind.UnwindRule;
import io.flarepath.symbolizer.binary.unwind.UnwindRule.Kind;
import io.flarepath.symbolizer.binary.unwind.UnwindRule.Saved;
import java.io.IOException;

/**
 * The rules of one function from its table {@code pcsp}: how far the stack pointer is below where
 * it was at the entry. The frame address is that many bytes, and eight for the return address,
 * above the stack pointer. Source: {@code pcsp} in {@code runtime/symtab.go}, {@code
 * dwarfEmitFrame} in {@code cmd/link/internal/ld/dwarf.go}.
 *
 * <p>Where the caller's rbp is, the table does not say. The assembler ({@code preprocess} in {@code
 * cmd/internal/obj/x86/obj6.go}) saves it below the return address, if a function has a frame and
 * is not NOFRAME, by code that follows the step of the table from 0:
 *
 * <ul>
 *   <li>up to Go 1.20: {@code SUBQ $n,SP; MOVQ BP,n-8(SP); LEAQ n-8(SP),BP}
 *   <li>from Go 1.21 on: {@code PUSHQ BP; MOVQ SP,BP}, and {@code SUBQ} if there is more
 * </ul>
 *
 * <p>Only where that code stands, rbp is taken to be saved: after it, as long as the step is above
 * 0; parts of the function that jumps reach, behind a return, start with the frame set up. Assembly
 * that pushes without saving rbp is left at "unchanged".
 *
 * <p>A function with the flag SPWRITE (any instruction writes rsp that the table does not follow;
 * {@code FuncFlagSPWrite} in {@code internal/abi/symtab.go}, since Go 1.17) has a table that is
 * right only up to the first such instruction. In the runtime those that have a frame leave rbp
 * alone (but for {@code gogo}), so the frame address is rbp + 16: {@code nanotime1}, {@code
 * walltime}, {@code time.now}, {@code vgetrandom1} (they call the vDSO on the system stack), {@code
 * sigfwd}, {@code callCgoMmap}. Elsewhere the frame pointer is followed, with the checks that
 * belong to it.
 */
final class GoFrames {
    /** Return address, and below it the saved frame pointer. */
    private static final int SAVED_AT = -16;

    /** The return address comes on top of it. {@code runtime.call1073741824} has some 1 GiB. */
    private static final int MOST_STEP = Integer.MAX_VALUE - 8;

    /** Bytes of code of a function, for {@link #findWrite}. */
    private static final int MOST_SEARCHED = 1 << 20;

    /** The addend of rules by which a walk may get from the system stack to a goroutine's. */
    static final int MAY_SWITCH = 1;

    private final GoCode code;
    private final PcValues steps = new PcValues();

    /** From which offset on rbp is saved, and points to where; none: beyond the function. */
    private int savedFrom = Integer.MAX_VALUE;

    private int framedFrom = Integer.MAX_VALUE;

    GoFrames(GoCode code) {
        this.code = code;
    }

    /** The table of the function that the code is at; the caller fills it. */
    PcValues steps() {
        return steps;
    }

    /** Whether the table says anything. */
    boolean isKnown() {
        for (int row = 0; steps.end(row) != Long.MAX_VALUE; row++) {
            if (isStep(steps.value(row))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isStep(int step) {
        return step >= 0 && step <= MOST_STEP;
    }

    /** The rule at an offset, by the table alone and where rbp is saved. */
    UnwindRule rule(int offset) throws IOException {
        int step = steps.at(offset);
        int row = steps.rowAt(offset);
        findSaved(row);
        return !isStep(step) ? UnwindRule.UNKNOWN : bySp(step, step > 0 && offset >= savedFrom);
    }

    /** Adds the rules of a function whose table is right everywhere. */
    void addByTable(long start, long length, RuleRanges target) throws IOException {
        add(start, length, Integer.MAX_VALUE, false, target);
    }

    /**
     * Adds the rules of a function that writes rsp in ways that the table does not follow.
     *
     * @param keepsFp whether it is known to leave rbp alone
     */
    void addWithWrites(long start, long length, boolean keepsFp, RuleRanges target)
            throws IOException {
        add(start, length, Math.max(0, findWrite()), keepsFp, target);
    }

    private void add(long start, long length, int write, boolean keepsFp, RuleRanges target)
            throws IOException {
        reset();
        long at = 0;
        for (int row = 0; at < length && steps.end(row) != Long.MAX_VALUE; row++) {
            findSavedAt(row);
            long end = Math.min(length, steps.end(row));
            int step = steps.value(row);
            if (isStep(step)) {
                addRow(start, at, end, step, write, keepsFp, target);
            }
            at = end;
        }
    }

    private void addRow(
            long start,
            long from,
            long end,
            int step,
            int write,
            boolean keepsFp,
            RuleRanges target)
            throws IOException {
        long saved = step == 0 ? end : Math.clamp(savedFrom, from, end);
        long cut = Math.clamp(write, from, end);
        addBySp(start, from, cut, saved, step, target);
        if (cut == end) {
            return;
        }
        boolean framed = framedFrom != Integer.MAX_VALUE;
        if (framed && step == 0) {
            addBySp(start, cut, end, saved, step, target); // it has left its frame
        } else if (framed && keepsFp) {
            long frame = Math.clamp(framedFrom, cut, end);
            long leave = Math.max(frame, end - bytesOfLeaving((int) end, step));
            addBySp(start, cut, frame, saved, step, target);
            target.add(start + frame, start + leave, byFp());
            addBySp(start, leave, end, saved, step, target);
        } else {
            target.add(start + cut, start + end, UnwindRule.FRAME_POINTER);
        }
    }

    private static void addBySp(
            long start, long from, long end, long saved, int step, RuleRanges target) {
        long middle = Math.clamp(saved, from, end);
        target.add(start + from, start + middle, bySp(step, false));
        target.add(start + middle, start + end, bySp(step, true));
    }

    static UnwindRule bySp(int step, boolean saved) {
        return new UnwindRule(
                Kind.CFA_SP,
                0,
                saved ? Saved.AT_CFA : Saved.SAME,
                0,
                step + 8,
                saved ? SAVED_AT : 0,
                0);
    }

    static UnwindRule byFp() {
        return new UnwindRule(Kind.CFA_FP, 0, Saved.AT_CFA, 0, 16, SAVED_AT, MAY_SWITCH);
    }

    private void reset() {
        savedFrom = Integer.MAX_VALUE;
        framedFrom = Integer.MAX_VALUE;
    }

    private void findSaved(int lastRow) throws IOException {
        reset();
        for (int row = 0; row <= lastRow && steps.end(row) != Long.MAX_VALUE; row++) {
            findSavedAt(row);
        }
    }

    /** Looks whether the code around the start of a row saves rbp, or pushes something else. */
    private void findSavedAt(int row) throws IOException {
        int step = steps.value(row);
        if (row == 0 || step <= 0 || steps.value(row - 1) != 0) {
            return;
        }
        int at = (int) Math.min(Integer.MAX_VALUE, steps.end(row - 1));
        if (step == 8 && code.is(at - 1, 0x55, 0x48, 0x89, 0xe5)) { // PUSHQ BP; MOVQ SP, BP
            savedFrom = at;
            framedFrom = at + 3;
            return;
        }
        int subtracted = subtracted(at);
        if (subtracted == step && storesFp(at, step)) {
            int store = step == 8 ? 4 : step - 8 <= 127 ? 5 : 8;
            savedFrom = at + store;
            framedFrom = savedFrom + store;
        } else if (subtracted == step || (step == 8 && isPush(at))) {
            reset();
        }
    }

    /** What {@code SUBQ $n,SP} that ends at an offset subtracts; 0 if none does. */
    private int subtracted(int end) throws IOException {
        if (code.is(end - 7, 0x48, 0x81, 0xec)) {
            return code.number(end - 4);
        }
        if (code.is(end - 4, 0x48, 0x83, 0xec)) {
            return (byte) code.at(end - 1);
        }
        return code.is(end - 4, 0x48, 0x83, 0xc4, 0x80) ? 128 : 0; // ADDQ $-128, SP
    }

    /** {@code MOVQ BP,n-8(SP); LEAQ n-8(SP),BP}. */
    private boolean storesFp(int at, int step) throws IOException {
        int slot = step - 8;
        if (slot == 0) {
            return code.is(at, 0x48, 0x89, 0x2c, 0x24, 0x48, 0x8d, 0x2c, 0x24);
        }
        if (slot <= 127) {
            return code.is(at, 0x48, 0x89, 0x6c, 0x24, slot, 0x48, 0x8d, 0x6c, 0x24, slot);
        }
        return code.is(at, 0x48, 0x89, 0xac, 0x24)
                && code.number(at + 4) == slot
                && code.is(at + 8, 0x48, 0x8d, 0xac, 0x24)
                && code.number(at + 12) == slot;
    }

    private boolean isPush(int end) throws IOException {
        return (code.at(end - 1) & 0xf8) == 0x50;
    }

    /** Bytes of the {@code ADDQ $n,SP} before a step to 0; before it rbp was loaded already. */
    private int bytesOfLeaving(int end, int step) throws IOException {
        if (steps.at(end) != 0) {
            return 0;
        }
        if (code.is(end - 4, 0x48, 0x83, 0xc4, step)) {
            return 4;
        }
        return code.is(end - 7, 0x48, 0x81, 0xc4) && code.number(end - 4) == step ? 7 : 0;
    }

    /**
     * The first offset at which an instruction may write rsp in a way that the table does not
     * follow; -1 if none is found, or the function is too long to be searched. Bytes are compared,
     * not instructions: a match too early costs precision, not truth.
     */
    int findWrite() throws IOException {
        int last = code.length() <= MOST_SEARCHED ? code.length() - 3 : -1;
        for (int i = 0; i <= last; i++) {
            int rex = code.at(i);
            if ((rex & 0xf8) == 0x48 && writesSp(i, rex, code.at(i + 1), code.at(i + 2))) {
                return i;
            }
        }
        return -1;
    }

    private boolean writesSp(int at, int rex, int opcode, int modrm) throws IOException {
        boolean register = modrm >= 0xc0;
        return switch (opcode) {
            // MOVQ register, SP
            case 0x89 -> register && (modrm & 7) == 4 && (rex & 1) == 0;
            // MOVQ memory, SP and the like
            case 0x8b -> (modrm >> 3 & 7) == 4 && (rex & 4) == 0;
            // ANDQ, SUBQ, ADDQ with a constant
            case 0x83, 0x81 ->
                    register
                            && (modrm & 7) == 4
                            && (rex & 1) == 0
                            && (modrm == 0xe4 || !follows(at + (opcode == 0x83 ? 4 : 7)));
            default -> false;
        };
    }

    /** Whether the table has a step at the end of an instruction. */
    private boolean follows(int end) {
        return steps.at(end) != steps.at(end - 1L);
    }
}
