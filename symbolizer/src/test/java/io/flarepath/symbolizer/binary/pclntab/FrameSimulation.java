package io.flarepath.symbolizer.binary.pclntab;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What becomes of rsp and rbp in a function, by running over its instructions as binutils' objdump
 * prints them: an answer that neither the table of steps nor our search for shapes of code has a
 * part in.
 */
final class FrameSimulation {
    /** Where the caller's rbp is. */
    enum Fp {
        IN_REGISTER,
        /** In the frame, and not in the register. */
        SAVED,
        /** In both. */
        BOTH,
        LOST
    }

    /**
     * Before an instruction runs.
     *
     * @param step bytes by which rsp is below its value at the entry, or UNKNOWN
     * @param fp where the caller's rbp is
     * @param slot where it was saved, in bytes below the return address
     * @param framed whether rbp is the address of that
     */
    record State(int step, Fp fp, int slot, boolean framed) {
        State to(int other) {
            return new State(other, fp, slot, framed);
        }

        State to(int other, Fp place) {
            return new State(other, place, slot, framed);
        }

        State savedAt(int other, int place) {
            return new State(other, Fp.BOTH, place, framed);
        }

        boolean inRegister() {
            return fp == Fp.IN_REGISTER || fp == Fp.BOTH;
        }

        boolean isSaved() {
            return fp == Fp.SAVED || fp == Fp.BOTH;
        }
    }

    static final int UNKNOWN = Integer.MIN_VALUE;

    private record Instruction(String name, String operands) {}

    private record Reached(long address, State state) {}

    private static final Instruction NOTHING = new Instruction("ret", "");

    private static final Pattern LINE =
            Pattern.compile(
                    "^ *([0-9a-f]+):\\t[0-9a-f ]+\\t(?:(?:data16|rep|repz|repnz|lock|bnd|cs|fs) )*(\\S+) *([^#<]*).*$");
    private static final Pattern SLOT = Pattern.compile("(-?0x[0-9a-f]+)?\\(%rsp\\)");

    private static final Set<String> FP_NAMES = Set.of("%rbp", "%ebp", "%bp", "%bpl");

    private final NavigableMap<Long, Instruction> code = new TreeMap<>();
    private final Map<Long, State> states = new HashMap<>();
    private final Deque<Reached> soon = new ArrayDeque<>();
    private final Deque<Reached> later = new ArrayDeque<>();

    /** Reads lines of one function. */
    static Map<Long, State> run(Iterable<String> lines) {
        FrameSimulation simulation = new FrameSimulation();
        for (String line : lines) {
            Matcher m = LINE.matcher(line);
            if (m.matches()) {
                long address = Long.parseLong(m.group(1), 16);
                simulation.code.put(address, new Instruction(m.group(2), m.group(3).strip()));
            }
        }
        if (!simulation.code.isEmpty()) {
            simulation.reach(simulation.code.firstKey(), new State(0, Fp.IN_REGISTER, 0, false));
            simulation.runAll();
        }
        simulation.states.keySet().removeIf(simulation::isPadding);
        return simulation.states;
    }

    /** What stands between a call that does not return and a place that is jumped to. */
    private boolean isPadding(long address) {
        String name = code.getOrDefault(address, NOTHING).name;
        return name.startsWith("nop") || name.startsWith("xchg");
    }

    private void reach(long address, State state) {
        if (code.containsKey(address) && states.putIfAbsent(address, state) == null) {
            soon.add(new Reached(address, state));
        }
    }

    /** A call may not return, and other code may stand behind it: jumps are followed first. */
    private void runAll() {
        while (!soon.isEmpty() || !later.isEmpty()) {
            while (!soon.isEmpty()) {
                step(soon.remove());
            }
            if (!later.isEmpty()) {
                Reached next = later.remove();
                reach(next.address, next.state);
            }
        }
    }

    private void step(Reached reached) {
        Instruction i = code.getOrDefault(reached.address, NOTHING);
        Long following = code.higherKey(reached.address);
        long next = following == null ? -1 : following;
        State s = reached.state;
        String name = i.name;
        if (name.startsWith("ret")
                || name.startsWith("ud")
                || name.equals("int3")
                || name.equals("hlt")) {
            return;
        }
        if (name.startsWith("j")) {
            if (i.operands.matches("[0-9a-f]+")) {
                reach(Long.parseLong(i.operands, 16), s);
            }
            if (!name.startsWith("jmp")) {
                reach(next, s);
            }
            return;
        }
        if (name.startsWith("call")) {
            later.add(new Reached(next, s));
            return;
        }
        reach(next, effect(name, i.operands, s));
    }

    private static int constant(String operand) {
        return (int) Long.parseUnsignedLong(operand.substring(3), 16);
    }

    /**
     * How far below the frame address, less the return address, a slot lies; UNKNOWN for others.
     */
    private static int slot(String operand, State s) {
        Matcher m = SLOT.matcher(operand);
        if (!m.matches() || s.step == UNKNOWN) {
            return UNKNOWN;
        }
        return s.step - (m.group(1) == null ? 0 : Integer.decode(m.group(1)));
    }

    private static State effect(String name, String operands, State s) {
        int comma = operands.lastIndexOf(',');
        String target = comma < 0 ? operands : operands.substring(comma + 1);
        String source = comma < 0 ? "" : operands.substring(0, comma);
        if (name.startsWith("cmp") || name.startsWith("test") || name.startsWith("bt")) {
            return s;
        }
        if (name.startsWith("push")) {
            boolean saves = operands.equals("%rbp") && s.step != UNKNOWN && s.fp == Fp.IN_REGISTER;
            return saves ? s.savedAt(s.step + 8, s.step + 8) : s.to(moved(s, 8));
        }
        if (name.startsWith("pop") && comma < 0) {
            if (!operands.equals("%rbp")) {
                return s.to(moved(s, -8));
            }
            boolean restores = s.isSaved() && (s.step == s.slot || s.step == UNKNOWN);
            Fp fp = restores ? Fp.IN_REGISTER : Fp.LOST;
            return new State(moved(s, -8), fp, 0, false);
        }
        if (target.equals("%rsp")) {
            return writeSp(name, source, s);
        }
        if (source.equals("%rbp") && slot(target, s) == 8 && s.inRegister()) {
            return s.savedAt(s.step, 8);
        }
        return FP_NAMES.contains(target) ? writeFp(name, source, s) : s;
    }

    private static int moved(State s, int bytes) {
        return s.step == UNKNOWN ? UNKNOWN : s.step + bytes;
    }

    private static State writeSp(String name, String source, State s) {
        if (s.step != UNKNOWN && source.startsWith("$") && name.equals("sub")) {
            return s.to(s.step + constant(source));
        }
        if (s.step != UNKNOWN && source.startsWith("$") && name.equals("add")) {
            int step = s.step - constant(source);
            return step == 0 && s.inRegister()
                    ? new State(0, Fp.IN_REGISTER, 0, false)
                    : s.to(step);
        }
        if (name.equals("lea")) {
            return s.to(slot(source, s));
        }
        return s.to(name.equals("mov") && source.equals("%rbp") && s.framed ? s.slot : UNKNOWN);
    }

    private static State writeFp(String name, String source, State s) {
        if (name.equals("mov") && slot(source, s) == s.slot && s.isSaved()) {
            return new State(s.step, Fp.BOTH, s.slot, false);
        }
        boolean toSlot =
                (name.equals("mov") && source.equals("%rsp") && s.step == s.slot)
                        || (name.equals("lea") && slot(source, s) == s.slot);
        return new State(s.step, s.isSaved() ? Fp.SAVED : Fp.LOST, s.slot, toSlot && s.isSaved());
    }
}
