package io.flarepath.store.query;

import java.util.regex.Pattern;

/**
 * Matches a regular expression in a bounded number of steps. Java's engine backtracks: {@code
 * (a+)+b} on forty letters would keep a thread for days.
 */
final class BoundedMatch implements CharSequence {
    /** Characters looked at; an honest expression looks at each a few times. */
    private static final int STEPS = 1_000_000;

    private final String text;
    private int steps;

    private BoundedMatch(String text) {
        this.text = text;
    }

    static boolean matches(Pattern pattern, String text) {
        try {
            return pattern.matcher(new BoundedMatch(text)).matches();
        } catch (StackOverflowError e) {
            throw tooHard(pattern, e);
        } catch (TooManySteps e) {
            throw tooHard(pattern, e);
        }
    }

    private static IllegalArgumentException tooHard(Pattern pattern, Throwable cause) {
        return new IllegalArgumentException(
                "the regular expression "
                        + pattern
                        + " takes more than "
                        + STEPS
                        + " steps on one value: write it without nested repetition",
                cause);
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public char charAt(int index) {
        if (++steps > STEPS) {
            throw new TooManySteps();
        }
        return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return text.subSequence(start, end);
    }

    @Override
    public String toString() {
        return text;
    }

    private static final class TooManySteps extends RuntimeException {
        @java.io.Serial private static final long serialVersionUID = 1L;
    }
}
