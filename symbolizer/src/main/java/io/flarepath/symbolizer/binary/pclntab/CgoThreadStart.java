package io.flarepath.symbolizer.binary.pclntab;

import io.flarepath.symbolizer.binary.unwind.UnwindRule;
import io.flarepath.symbolizer.binary.unwind.UnwindRule.Kind;
import io.flarepath.symbolizer.binary.unwind.UnwindRule.Saved;
import java.io.IOException;

/**
 * The function by which a thread that C made enters Go: {@code crosscall1}, up to Go 1.21 {@code
 * crosscall_amd64}. It is assembly of the C compiler without call frame information, outside of
 * Go's table, and each such thread's stack goes through it. It is found by its code: it pushes the
 * six registers that a callee keeps, calls, and pops them. Source: {@code runtime/cgo/gcc_amd64.S}.
 */
final class CgoThreadStart {
    private static final int[] PUSHES = {
        0x53, 0x55, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57
    };
    private static final int[] POPS = {
        0x41, 0x5f, 0x41, 0x5e, 0x41, 0x5d, 0x41, 0x5c, 0x5d, 0x5b, 0xc3
    };

    /** Bytes of the code between, at most. */
    private static final int MOST_BETWEEN = 32;

    private static final int FRAME = 7 * 8;

    /** Where the second push lies, from the frame address. */
    private static final int FP_AT = -24;

    private CgoThreadStart() {}

    /**
     * Adds its rules.
     *
     * @param code where it may be
     * @param start address of that code
     */
    static void add(GoCode code, long start, RuleRanges target) throws IOException {
        int first = code.find(0, PUSHES);
        int calls = first + PUSHES.length;
        int pops = first < 0 ? -1 : code.find(calls, calls + MOST_BETWEEN, POPS);
        if (pops < 0) {
            return;
        }
        long at = start + first;
        // push %rbx; push %rbp; the rest
        target.add(at, at + 1, rule(8, false));
        target.add(at + 1, at + 2, rule(16, false));
        for (int i = 0; i < 4; i++) {
            target.add(at + 2 + 2L * i, at + 4 + 2L * i, rule(24 + 8 * i, true));
        }
        target.add(start + calls, start + pops + 2, rule(FRAME, true));
        long end = start + pops + 2;
        for (int i = 1; i < 4; i++) {
            target.add(end, end + 2, rule(FRAME - 8 * i, true));
            end += 2;
        }
        target.add(end, end + 1, rule(24, true)); // pop %rbp
        target.add(end + 1, end + 2, rule(16, false));
        target.add(end + 2, end + 3, rule(8, false));
    }

    private static UnwindRule rule(int offset, boolean saved) {
        return new UnwindRule(
                Kind.CFA_SP, 0, saved ? Saved.AT_CFA : Saved.SAME, 0, offset, saved ? FP_AT : 0, 0);
    }
}
