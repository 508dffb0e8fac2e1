package io.flarepath.symbolizer.binary.pclntab;

import static io.flarepath.symbolizer.binary.pclntab.GoCode.ANY;

import io.flarepath.symbolizer.binary.unwind.UnwindRule;
import io.flarepath.symbolizer.binary.unwind.UnwindRule.Kind;
import io.flarepath.symbolizer.binary.unwind.UnwindRule.Saved;
import java.io.IOException;
import java.util.Set;

/**
 * The functions of Go's runtime at which a stack ends, or goes on on another stack. Each is found
 * by its name, and what it does by its machine code, which is the same from Go 1.16 to 1.26 but for
 * what is said here; code of another shape gets no rule of its own. The numbers of fields are those
 * that the code itself uses. Source: {@code runtime/asm_amd64.s}, {@code sys_linux_amd64.s}, {@code
 * rt0_linux_amd64.s}.
 *
 * <ul>
 *   <li>{@code goexit}, below every goroutine, {@code rt0_go} and what jumps to it: the end.
 *   <li>{@code clone}: from {@code MOVQ SI,SP} on the child runs on its new stack, and calls {@code
 *       mstart}, whose return address is the end of a thread in a program without cgo. With cgo,
 *       {@code mstart} returns to C, {@code crosscall1}: its table holds in both. From Go 1.26 on
 *       {@code mstart} clears rbp.
 *   <li>{@code systemstack}: on the system stack from the load of rsp before {@code CALL DI} to the
 *       load of {@code g.sched.sp} behind it; the goroutine goes on at {@code m.curg.sched}, in
 *       {@code systemstack_switch}, up to Go 1.20 at its very start. {@code noswitch} jumps.
 *   <li>{@code morestack}: the same, from the load of rsp to the end; {@code sched} is set there.
 *   <li>{@code mcall}: from the load of rsp on, on the system stack. What it calls never returns;
 *       {@code g0.sched} says who called into the scheduler: {@code mstart1} saved it. {@code
 *       cgocallback} changes {@code g0.sched.sp} without {@code pc} ("the g0 goroutine never uses
 *       sched.pc"), so in a program that has it the stack ends here, as Go's own traceback does.
 *   <li>{@code asmcgocall}: C runs on the system stack, where g and how far rsp was below {@code
 *       g.stack.hi} are kept next to each other: at 48 and 40 from rsp in Go 1.21, in Go 1.24 at 8
 *       and 0. On a stack that is no goroutine's, the old rsp is kept instead of the depth, as in
 *       {@code asmcgocall_no_g}.
 *   <li>{@code cgocallback}: Go called by C runs on the goroutine's stack, below a frame of the
 *       same size as on g0's, whose return address is {@code g.sched.pc}: the table holds, and the
 *       walk goes on in what called C. The slot of rbp in this second frame is not written.
 *   <li>{@code sigreturn}, {@code sigreturn__sigaction} from Go 1.21 on: a handler returns here,
 *       with rsp at the ucontext. It starts one byte early: return addresses are looked up at their
 *       call.
 * </ul>
 */
final class GoStackSwitches {
    private static final int RDX = 1;
    private static final int NOT_FOUND = -1;

    private static final Set<String> ENDS =
            Set.of("runtime.goexit", "runtime.rt0_go", "_rt0_amd64", "_rt0_amd64_linux");
    private static final Set<String> NAMES =
            Set.of(
                    "runtime.goexit",
                    "runtime.rt0_go",
                    "_rt0_amd64",
                    "_rt0_amd64_linux",
                    "runtime.mstart",
                    "runtime.clone",
                    "runtime.systemstack",
                    "runtime.systemstack_switch",
                    "runtime.morestack",
                    "runtime.mcall",
                    "runtime.asmcgocall",
                    "runtime.asmcgocall_no_g",
                    "runtime.cgocallback",
                    "runtime.sigreturn",
                    "runtime.sigreturn__sigaction");

    private final GoCode code;
    private final GoFrames frames;
    private boolean hasFlags;
    private boolean isCalledByC;
    private boolean hasUsualThreadPointer;

    /** Offsets: of m in g, curg in m, sched and the saved rbp in g. */
    private int machine = NOT_FOUND;

    private int current = NOT_FOUND;
    private int schedule = NOT_FOUND;
    private int savedFp = NOT_FOUND;

    GoStackSwitches(GoCode code, GoFrames frames) {
        this.code = code;
        this.frames = frames;
    }

    /** Whether a function may be one of these. */
    static boolean concerns(String name) {
        return NAMES.contains(plain(name));
    }

    /** The name without what tells its calling conventions apart, where the linker wrote that. */
    private static String plain(String name) {
        return name.endsWith(".abi0") ? name.substring(0, name.length() - 5) : name;
    }

    /** Learns from a function, before any rules are added. */
    void survey(String name, int flags) throws IOException {
        hasFlags |= flags != 0;
        switch (plain(name)) {
            case "runtime.cgocallback" -> isCalledByC = true;
            case "runtime.systemstack" -> findFields();
            case "runtime.morestack" -> findSavedFp();
            default -> {}
        }
    }

    /** Whether the program has C code that calls Go, as all that use cgo may. */
    boolean isCalledByC() {
        return isCalledByC;
    }

    /** Whether functions of this program have flags: from Go 1.17 on. */
    boolean hasFlags() {
        return hasFlags;
    }

    /**
     * Adds the rules by which a function differs from what its table says.
     *
     * @return whether the table holds in the rest of it, whatever it does with rsp
     */
    boolean add(String name, long start, long end, RuleRanges target) throws IOException {
        String plain = plain(name);
        if (ENDS.contains(plain)) {
            target.add(start, end, UnwindRule.STOP);
            return true;
        }
        return switch (plain) {
            case "runtime.mstart" -> addStart(start, end, target);
            case "runtime.clone" -> addClone(start, end, target);
            case "runtime.systemstack" -> addSystemStack(start, end, target);
            case "runtime.systemstack_switch" -> {
                target.add(start - 1, start, frames.rule(0));
                yield false;
            }
            case "runtime.morestack" -> addMoreStack(start, end, target);
            case "runtime.mcall" -> addSchedulerCall(start, end, target);
            case "runtime.asmcgocall" -> addCallOfC(start, target);
            case "runtime.asmcgocall_no_g" -> addKeptStack(0, start, target);
            case "runtime.cgocallback" -> addCallback(start, target);
            case "runtime.sigreturn", "runtime.sigreturn__sigaction" ->
                    addSignal(start, end, target);
            default -> false;
        };
    }

    private void findFields() throws IOException {
        // MOVQ m(AX), BX; CMPQ AX, gsignal(BX)
        int m = code.find(0, 0x48, 0x8b, 0x58, ANY, 0x48, 0x3b, 0x43);
        // CMPQ AX, curg(BX)
        int curg = code.find(m + 1, 0x48, 0x3b, 0x83, ANY, ANY, 0, 0);
        int call = systemStackCall();
        int back = call < 0 ? NOT_FOUND : loadOfScheduled(call);
        hasUsualThreadPointer = loadsUsually();
        if (m >= 0 && curg >= 0 && back >= 0 && code.at(m + 3) % 8 == 0) {
            machine = code.at(m + 3);
            current = code.number(curg + 3);
            schedule = code.at(back + 3);
        }
    }

    /** {@code MOVQ -8(FS),AX}, or the same by CX, as in position-independent programs. */
    private boolean loadsUsually() throws IOException {
        return code.find(0, 0x64, 0x48, 0x8b, 0x04, 0x25, 0xf8, 0xff, 0xff, 0xff) >= 0
                || code.find(0, 0x48, 0xc7, 0xc1, 0xf8, 0xff, 0xff, 0xff, 0x64, 0x48, 0x8b, 0x01)
                        >= 0;
    }

    private void findSavedFp() throws IOException {
        // MOVQ BP, bp(SI), or as in Go 1.24 bp(DI)
        int store = code.find(0, 0x48, 0x89, 0x6e, ANY);
        store = store >= 0 ? store : code.find(0, 0x48, 0x89, 0x6f, ANY);
        savedFp = store >= 0 ? code.at(store + 3) : NOT_FOUND;
    }

    /** Rules that start at g find it by the thread pointer: they hold where the program does so. */
    private boolean knowsFields() {
        return hasUsualThreadPointer
                && machine > 0
                && current > 0
                && schedule > 0
                && savedFp > schedule;
    }

    private UnwindRule toCurrent() {
        return new UnwindRule(Kind.GO_CURG, machine / 8, Saved.SAME, 0, schedule, savedFp, current);
    }

    private boolean addStart(long start, long end, RuleRanges target) throws IOException {
        int clear = code.find(0, 0x48, 0xc7, 0xc5, 0, 0, 0, 0); // MOVQ $0, BP
        if (clear >= 0) {
            int step = frames.steps().at(clear);
            target.add(start + clear + 7, end, withoutFp(step));
        }
        return false;
    }

    private static UnwindRule withoutFp(int step) {
        return new UnwindRule(Kind.CFA_SP, 0, Saved.UNDEFINED, 0, step + 8, 0, 0);
    }

    private boolean addClone(long start, long end, RuleRanges target) throws IOException {
        int child = code.find(0, 0x48, 0x89, 0xf4); // MOVQ SI, SP
        if (child < 0) {
            return false;
        }
        target.add(start + child, end, UnwindRule.STOP);
        return true;
    }

    /** {@code MOVQ DI,DX; MOVQ 0(DI),DI; CALL DI}. */
    private int systemStackCall() throws IOException {
        return code.find(0, 0x48, 0x89, 0xfa, 0x48, 0x8b, 0x3f, 0xff, 0xd7);
    }

    /** {@code MOVQ sched(AX),SP}. */
    private int loadOfScheduled(int from) throws IOException {
        return code.find(from, 0x48, 0x8b, 0x60, ANY);
    }

    private boolean addSystemStack(long start, long end, RuleRanges target) throws IOException {
        int call = systemStackCall();
        // MOVQ sched(DX), SP, or up to Go 1.20 MOVQ BX, SP
        boolean loads =
                code.is(call - 4, 0x48, 0x8b, 0x62, ANY) || code.is(call - 3, 0x48, 0x89, 0xdc);
        if (call < 0 || !loads || !knowsFields()) {
            return false;
        }
        int back = loadOfScheduled(call);
        target.add(start + call, start + back + 4, toCurrent());
        // POPQ BP; JMP DI: the table takes the frame to be gone in what stands behind.
        int leave = code.find(back, 0x5d, 0xff, 0xe7);
        if (leave >= 0) {
            target.add(start + leave + 3, end, GoFrames.byFp());
        }
        return true;
    }

    private boolean addMoreStack(long start, long end, RuleRanges target) throws IOException {
        int load = code.find(0, 0x48, 0x8b, 0x63, schedule); // MOVQ sched(BX), SP
        if (load < 0 || !knowsFields()) {
            return false;
        }
        target.add(start + load + 4, lastOwn(end), toCurrent());
        return true;
    }

    private boolean addSchedulerCall(long start, long end, RuleRanges target) throws IOException {
        int load = code.find(0, 0x49, 0x8b, 0x66, schedule); // MOVQ sched(R14), SP
        load = load >= 0 ? load : code.find(0, 0x48, 0x8b, 0x66, schedule); // up to Go 1.16: SI
        if (load < 0 || !knowsFields()) {
            return false;
        }
        UnwindRule toSystem =
                new UnwindRule(Kind.GO_G0, machine / 8, Saved.SAME, 0, schedule, savedFp, 0);
        target.add(start + load + 4, lastOwn(end), isCalledByC ? UnwindRule.STOP : toSystem);
        return true;
    }

    /**
     * A return address at the very start of the next function is looked up in this one's last byte,
     * to which nothing returns that this one calls.
     */
    private static long lastOwn(long end) {
        return end - 1;
    }

    /** Offset of a store to rsp + n: the byte of n, or none for 0. */
    private int slot(int store) throws IOException {
        return (code.at(store + 2) & 0xc0) == 0x40 ? code.at(store + 4) : 0;
    }

    private int storeEnd(int store) throws IOException {
        return store + ((code.at(store + 2) & 0xc0) == 0x40 ? 5 : 4);
    }

    private boolean addCallOfC(long start, RuleRanges target) throws IOException {
        int kept = code.find(0, 0x48, 0x89, 0xe2); // MOVQ SP, DX
        // MOVQ sched(SI), SP
        int load = code.find(kept + 1, 0x48, 0x8b, 0x66, ANY, 0x48, 0x83, 0xec);
        // MOVQ DI, n(SP); MOVQ stack_hi(DI), DI; SUBQ DX, DI; MOVQ DI, n-8(SP)
        int storeG =
                code.find(
                        load + 1, 0x48, 0x89, 0x7c, 0x24, ANY, 0x48, 0x8b, 0x7f, 0x08, 0x48, 0x29,
                        0xd7, 0x48, 0x89);
        if (kept < 0 || load < 0 || storeG < 0 || load > storeG) {
            return false;
        }
        int storeDepth = storeG + 12;
        boolean stores =
                code.is(storeDepth, 0x48, 0x89, 0x3c, 0x24)
                        || code.is(storeDepth, 0x48, 0x89, 0x7c, 0x24);
        int depth = slot(storeDepth);
        int back = code.find(storeEnd(storeDepth), 0x48, 0x89, 0xf4); // MOVQ SI, SP
        if (!stores || slot(storeG) != depth + 8 || back < 0) {
            return false;
        }
        int step = frames.steps().at(kept);
        UnwindRule ordinary = frames.rule(kept);
        UnwindRule toGoroutine =
                new UnwindRule(
                        Kind.GO_ASMCGOCALL,
                        0,
                        ordinary.saved(),
                        0,
                        depth,
                        ordinary.savedOffset(),
                        step + 8);
        target.add(start + load + 4, start + storeEnd(storeDepth), inRegister(ordinary, step));
        target.add(start + storeEnd(storeDepth), start + back + 3, toGoroutine);
        return addKeptStack(back + 3, start, target);
    }

    private static UnwindRule inRegister(UnwindRule ordinary, int step) {
        return new UnwindRule(
                Kind.CFA_REGISTER,
                RDX,
                ordinary.saved(),
                0,
                step + 8,
                ordinary.savedOffset(),
                GoFrames.MAY_SWITCH);
    }

    /** C on a stack that is no goroutine's: rsp is kept in rdx, then in a slot on the stack. */
    private boolean addKeptStack(int from, long start, RuleRanges target) throws IOException {
        // SUBQ $n, SP; ANDQ $~15, SP
        int align = code.find(from, 0x48, 0x83, 0xec, ANY, 0x48, 0x83, 0xe4, 0xf0);
        int near = code.find(align + 1, 0x48, 0x89, 0x54, 0x24); // MOVQ DX, n(SP)
        int zero = code.find(align + 1, 0x48, 0x89, 0x14, 0x24); // MOVQ DX, 0(SP)
        int store = near >= 0 ? near : zero;
        int inSi = code.find(store + 1, 0x48, 0x89, 0xf4); // MOVQ SI, SP
        int inDx = code.find(store + 1, 0x48, 0x89, 0xd4); // MOVQ DX, SP
        int back = inSi >= 0 ? inSi : inDx;
        if (align < 0 || store < 0 || back < 0) {
            return false;
        }
        int kept = code.find(0, 0x48, 0x89, 0xe2); // MOVQ SP, DX
        int step = frames.steps().at(align);
        UnwindRule ordinary = frames.rule(align);
        if (kept < 0 || kept > align || ordinary.kind() != Kind.CFA_SP) {
            return false;
        }
        UnwindRule inSlot =
                new UnwindRule(
                        Kind.CFA_SP_DEREF,
                        0,
                        ordinary.saved(),
                        0,
                        slot(store),
                        ordinary.savedOffset(),
                        step + 8);
        target.add(start + align + 4, start + storeEnd(store), inRegister(ordinary, step));
        target.add(start + storeEnd(store), start + back + 3, inSlot);
        return true;
    }

    private boolean addCallback(long start, RuleRanges target) throws IOException {
        int there = code.find(0, 0x48, 0x89, 0xfc); // MOVQ DI, SP
        // MOVQ sched(SI), SP
        int back = code.find(there + 1, 0x48, 0x8b, 0x66, schedule);
        if (there < 0 || back < 0) {
            return false;
        }
        target.add(start + there + 3, start + back + 4, withoutFp(frames.steps().at(there)));
        return true;
    }

    private boolean addSignal(long start, long end, RuleRanges target) throws IOException {
        // MOVQ $15, AX; SYSCALL
        if (!code.is(0, 0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05)) {
            return false;
        }
        UnwindRule signal = new UnwindRule(Kind.SIGNAL, 0, Saved.SAME, 0, 0, 0, 0);
        target.add(start - 1, end, signal);
        return true;
    }
}
