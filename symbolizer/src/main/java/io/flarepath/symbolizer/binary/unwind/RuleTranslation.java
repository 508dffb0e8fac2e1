package io.flarepath.symbolizer.binary.unwind;

import io.flarepath.symbolizer.binary.Cursor;
import io.flarepath.symbolizer.binary.Window;
import io.flarepath.symbolizer.binary.unwind.FrameState.Way;
import io.flarepath.symbolizer.binary.unwind.UnwindRule.Kind;
import io.flarepath.symbolizer.binary.unwind.UnwindRule.Saved;
import java.io.IOException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Turns rows of call frame information into rules. */
final class RuleTranslation {
    /** A return address is eight bytes below the frame address, where the call pushed it. */
    private static final int RETURN_OFFSET = -8;

    /** Offsets in struct ucontext of x86-64: uc_mcontext starts at 40, its registers follow. */
    private static final int UCONTEXT_RBP = 120;

    private static final int UCONTEXT_RSP = 160;
    private static final int UCONTEXT_RIP = 168;

    private static final int MAX_SHOWN = 64;

    private final Window window;

    /**
     * @param window the section with the expressions; a small one, since it is read in jumps
     */
    RuleTranslation(Window window) {
        this.window = window;
    }

    /** The rule that says the same as a row, or null if there is none. */
    @Nullable UnwindRule of(FrameState state, CommonEntry entry) throws IOException {
        if (entry.signal()) {
            return signal(state);
        }
        if (!state.cfaDefined || state.ways[FrameState.RETURN_ADDRESS] == Way.UNDEFINED) {
            return UnwindRule.STOP;
        }
        if (state.cfaExpression >= 0) {
            UnwindRule stub = FrameAddress.readLinkageStub(at(state.cfaExpression));
            if (stub != null) {
                return isPlain(state) ? stub : null;
            }
        }
        FrameAddress cfa = cfa(state);
        if (cfa == null || cfa.register() > FrameAddress.MOST_REGISTER || cfa.register() < 0) {
            return null;
        }
        Kind kind = kind(cfa);
        if (kind == null || cfa.offset() != (int) cfa.offset() || !isFrameAddress(state)) {
            return null;
        }
        int returnRegister = returnRegister(state, cfa);
        Place rbp = rbp(state, cfa);
        if (returnRegister < 0 || rbp == null || cfa.addend() != (short) cfa.addend()) {
            return null;
        }
        int register = kind == Kind.CFA_REGISTER ? cfa.register() : 0;
        UnwindRule rule =
                new UnwindRule(
                        kind,
                        register,
                        rbp.saved,
                        returnRegister,
                        (int) cfa.offset(),
                        (int) rbp.offset,
                        (int) cfa.addend());
        return rbp.offset == (int) rbp.offset && rule.fits() ? rule : null;
    }

    private Cursor at(long expression) {
        return new Cursor(window, expression);
    }

    private @Nullable FrameAddress cfa(FrameState state) throws IOException {
        if (state.cfaExpression >= 0) {
            return FrameAddress.read(at(state.cfaExpression));
        }
        boolean known = state.cfaRegister >= 0 && state.cfaRegister <= FrameAddress.MOST_REGISTER;
        return known ? new FrameAddress((int) state.cfaRegister, state.cfaOffset, false, 0) : null;
    }

    private static @Nullable Kind kind(FrameAddress cfa) {
        return switch (cfa.register()) {
            case UnwindRule.RSP -> cfa.deref() ? Kind.CFA_SP_DEREF : Kind.CFA_SP;
            case UnwindRule.RBP -> cfa.deref() ? Kind.CFA_FP_DEREF : Kind.CFA_FP;
            default -> cfa.deref() ? null : Kind.CFA_REGISTER;
        };
    }

    /** Whether the return address is below the frame address, and rbp was not touched. */
    private static boolean isPlain(FrameState state) {
        Way rbp = state.ways[FrameState.RBP];
        return isFrameAddress(state)
                && (rbp == Way.UNSPECIFIED || rbp == Way.SAME)
                && state.ways[FrameState.RETURN_ADDRESS] == Way.OFFSET
                && state.values[FrameState.RETURN_ADDRESS] == RETURN_OFFSET;
    }

    /** Whether the caller's stack pointer is the frame address, as it is by default. */
    private static boolean isFrameAddress(FrameState state) {
        Way rsp = state.ways[FrameState.RSP];
        return rsp == Way.UNSPECIFIED
                || (rsp == Way.VAL_OFFSET && state.values[FrameState.RSP] == 0);
    }

    /** As a rule has it: 0 for below the frame address, else a number plus one; -1 for neither. */
    private int returnRegister(FrameState state, FrameAddress cfa) throws IOException {
        long value = state.values[FrameState.RETURN_ADDRESS];
        return switch (state.ways[FrameState.RETURN_ADDRESS]) {
            case OFFSET -> value == RETURN_OFFSET ? 0 : -1;
            case REGISTER ->
                    value >= 0 && value <= FrameAddress.MOST_REGISTER ? (int) value + 1 : -1;
            case EXPRESSION -> {
                FrameAddress place = FrameAddress.read(at(value));
                yield place != null
                                && isAbove(place, cfa)
                                && place.offset() - cfa.offset() == RETURN_OFFSET
                        ? 0
                        : -1;
            }
            default -> -1;
        };
    }

    /** Whether both are the same register plus something. */
    private static boolean isAbove(FrameAddress place, FrameAddress cfa) {
        return !place.deref() && !cfa.deref() && place.register() == cfa.register();
    }

    private record Place(Saved saved, long offset) {}

    private @Nullable Place rbp(FrameState state, FrameAddress cfa) throws IOException {
        long value = state.values[FrameState.RBP];
        return switch (state.ways[FrameState.RBP]) {
            case UNSPECIFIED, SAME -> new Place(Saved.SAME, 0);
            case UNDEFINED -> new Place(Saved.UNDEFINED, 0);
            case OFFSET -> new Place(Saved.AT_CFA, value);
            case REGISTER -> value == UnwindRule.RBP ? new Place(Saved.SAME, 0) : null;
            case EXPRESSION -> {
                FrameAddress place = FrameAddress.read(at(value));
                if (place != null && !place.deref() && place.register() == UnwindRule.RBP) {
                    yield new Place(Saved.AT_FP, place.offset());
                }
                yield place != null && isAbove(place, cfa)
                        ? new Place(Saved.AT_CFA, place.offset() - cfa.offset())
                        : null;
            }
            default -> null;
        };
    }

    /**
     * The rule of code to which signal handlers return: all three registers must be said to be
     * where one ucontext on the stack has them.
     */
    private @Nullable UnwindRule signal(FrameState state) throws IOException {
        FrameAddress rip = saved(state, FrameState.RETURN_ADDRESS);
        FrameAddress rbp = saved(state, FrameState.RBP);
        FrameAddress rsp = saved(state, FrameState.RSP);
        if (rsp == null && state.ways[FrameState.RSP] == Way.UNSPECIFIED) {
            FrameAddress cfa = cfa(state);
            if (cfa != null && cfa.deref() && cfa.addend() == 0) {
                rsp = new FrameAddress(cfa.register(), cfa.offset(), false, 0);
            }
        }
        if (rip == null || rip.register() != UnwindRule.RSP) {
            return null;
        }
        long ucontext = rip.offset() - UCONTEXT_RIP;
        boolean agree =
                ucontext == (int) ucontext
                        && isAt(rbp, ucontext + UCONTEXT_RBP)
                        && isAt(rsp, ucontext + UCONTEXT_RSP);
        return agree ? signal((int) ucontext) : null;
    }

    static UnwindRule signal(int ucontext) {
        return new UnwindRule(Kind.SIGNAL, 0, Saved.SAME, 0, ucontext, 0, 0);
    }

    private static boolean isAt(@Nullable FrameAddress place, long offset) {
        return place != null
                && !place.deref()
                && place.register() == UnwindRule.RSP
                && place.offset() == offset;
    }

    /** Where a register is saved, relative to another; null if that is not said. */
    private @Nullable FrameAddress saved(FrameState state, int column) throws IOException {
        long value = state.values[column];
        if (state.ways[column] == Way.EXPRESSION) {
            FrameAddress place = FrameAddress.read(at(value));
            return place == null || place.deref() ? null : place;
        }
        FrameAddress cfa = state.ways[column] == Way.OFFSET ? cfa(state) : null;
        return cfa == null || cfa.deref()
                ? null
                : new FrameAddress(cfa.register(), cfa.offset() + value, false, 0);
    }

    /** A row in short, for people: {@code cfa=r7+8 rbp=OFFSET-16 rsp=UNSPECIFIED+0 ra=OFFSET-8}. */
    String describe(FrameState state) throws IOException {
        StringBuilder text = new StringBuilder("cfa=");
        if (state.cfaExpression >= 0) {
            expression(state.cfaExpression, text);
        } else {
            text.append('r').append(state.cfaRegister);
            number(state.cfaOffset, text);
        }
        String[] names = {"rbp", "rsp", "ra"};
        for (int column = 0; column < names.length; column++) {
            Way way = state.ways[column];
            text.append(' ').append(names[column]).append('=').append(way);
            if (way == Way.EXPRESSION || way == Way.VAL_EXPRESSION) {
                expression(state.values[column], text);
            } else {
                number(state.values[column], text);
            }
        }
        return text.toString();
    }

    private static void number(long value, StringBuilder text) {
        text.append(value < 0 ? "" : "+").append(value);
    }

    private void expression(long at, StringBuilder text) throws IOException {
        Cursor cursor = at(at);
        long length = Math.min(cursor.uleb(), MAX_SHOWN);
        text.append('(');
        for (long i = 0; i < length; i++) {
            text.append(HexFormat.of().toHexDigits((byte) cursor.u8()));
        }
        text.append(')');
    }
}
