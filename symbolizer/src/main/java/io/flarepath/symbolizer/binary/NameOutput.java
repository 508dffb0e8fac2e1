package io.flarepath.symbolizer.binary;

/** The readable name as it grows, with bounds: shared nodes can print without end. */
final class NameOutput {
    static final int MAX_LENGTH = 1 << 14;
    private static final int MAX_STEPS = 1 << 17;
    private static final int MAX_DEPTH = 400;

    /** Whether template arguments, parameters and results are left out. */
    final boolean brief;

    private final StringBuilder text = new StringBuilder();
    private int steps;
    private int depth;

    /** Which element of a parameter pack is being printed, and of how many; -1 outside of one. */
    int packIndex = -1;

    int packSize = -1;

    /** How many lambdas it stands among the parameters of. */
    int lambdas;

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

    void truncate(int length) {
        text.setLength(length);
    }

    char last() {
        return text.isEmpty() ? 0 : text.charAt(text.length() - 1);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
