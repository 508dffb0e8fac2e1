package io.flarepath.symbolizer.binary;

import java.util.List;

/** The readable name as it grows, with bounds: shared nodes can print without end. */
final class NameOutput {
    static final int MAX_LENGTH = 1 << 14;
    private static final int MAX_STEPS = 1 << 17;
    private static final int MAX_DEPTH = 400;

    /** Whether template arguments, parameters and results are left out. */
    final boolean brief;

    private final StringBuilder text = new StringBuilder();
    private char last;
    private int steps;
    private int depth;

    /** Which element of a parameter pack is being printed, and of how many; -1 outside of one. */
    int packIndex = -1;

    int packSize = -1;

    /** How many lambdas it stands among the parameters of. */
    int lambdas;

    /** Arguments of the function template that is being printed. */
    List<CppNode> templateArguments = List.of();

    NameOutput() {
        this(false);
    }

    NameOutput(boolean brief) {
        this.brief = brief;
    }

    NameOutput add(String s) {
        if (text.length() + s.length() > MAX_LENGTH) {
            throw new MangledNameException("the name is longer than " + MAX_LENGTH);
        }
        text.append(s);
        last = s.isEmpty() ? last : s.charAt(s.length() - 1);
        return this;
    }

    void enter() {
        if (++depth > MAX_DEPTH || ++steps > MAX_STEPS) {
            throw new MangledNameException("the name is nested too deeply");
        }
    }

    void leave() {
        depth--;
    }

    int length() {
        return text.length();
    }

    /** Takes the end back. {@link #last} stays as it is, as in c++filt. */
    void truncate(int length) {
        text.setLength(length);
    }

    /** The character that was added last. */
    char last() {
        return last;
    }

    /** Says what was added last, after something was taken back. */
    void last(char c) {
        last = c;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
