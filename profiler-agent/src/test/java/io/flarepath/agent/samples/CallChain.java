package io.flarepath.agent.samples;

import io.flarepath.symbolizer.Frame;
import java.util.List;
import java.util.function.Function;

/**
 * Functions as they must stand in a stack, from a leaf towards the root. {@link #ANYTHING} stands
 * for any number of frames; {@code name?} for a function that may be there; {@code *file} for one
 * frame of a mapping whose file name begins so, whatever its function.
 */
record CallChain(List<String> functions) {
    static final String ANYTHING = "...";

    static CallChain of(String... functions) {
        return new CallChain(List.of(functions));
    }

    /**
     * Whether the frames from an index on are so; what comes after the last function does not
     * matter.
     */
    boolean matches(List<Frame> frames, int from, Function<Frame, String> names) {
        return matches(0, frames, from, names);
    }

    private boolean matches(int at, List<Frame> frames, int from, Function<Frame, String> names) {
        if (at == functions.size()) {
            return true;
        }
        String wanted = functions.get(at);
        if (wanted.equals(ANYTHING)) {
            for (int i = from; i <= frames.size(); i++) {
                if (matches(at + 1, frames, i, names)) {
                    return true;
                }
            }
            return false;
        }
        if (wanted.endsWith("?")) {
            String optional = wanted.substring(0, wanted.length() - 1);
            if (is(optional, frames, from, names) && matches(at + 1, frames, from + 1, names)) {
                return true;
            }
            return matches(at + 1, frames, from, names);
        }
        return is(wanted, frames, from, names) && matches(at + 1, frames, from + 1, names);
    }

    private static boolean is(
            String wanted, List<Frame> frames, int index, Function<Frame, String> names) {
        if (index >= frames.size()) {
            return false;
        }
        Frame frame = frames.get(index);
        return wanted.startsWith("*")
                ? frame.mapping().startsWith(wanted.substring(1))
                : names.apply(frame).equals(wanted);
    }
}
