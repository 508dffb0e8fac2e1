package io.flarepath.symbolizer.binary;

import java.util.ArrayList;
import java.util.List;

/** The mangled text, what it has named so far, and the bounds on reading it. */
abstract class CppCursor {
    private static final int MAX_DEPTH = 200;
    private static final int MAX_NODES = 1 << 16;

    final String text;
    int position;
    private int depth;
    private int nodes;
    final List<CppNode> substitutions = new ArrayList<>();

    CppCursor(String text) {
        this.text = text;
    }

    static MangledNameException bad(String what) {
        return new MangledNameException(what);
    }

    void enter() {
        if (++depth > MAX_DEPTH || ++nodes > MAX_NODES) {
            throw bad("nested too deeply");
        }
    }

    void leave() {
        depth--;
    }

    /** The next character, or 0 at the end. */
    char peek() {
        return peek(0);
    }

    char peek(int ahead) {
        return position + ahead < text.length() ? text.charAt(position + ahead) : 0;
    }

    char next() {
        if (position >= text.length()) {
            throw bad("ends early");
        }
        return text.charAt(position++);
    }

    boolean take(char c) {
        if (peek() == c) {
            position++;
            return true;
        }
        return false;
    }

    boolean take(String s) {
        if (text.startsWith(s, position)) {
            position += s.length();
            return true;
        }
        return false;
    }

    void expect(char c) {
        if (!take(c)) {
            throw bad("expected " + c);
        }
    }

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /** A decimal number without sign. */
    int number() {
        int start = position;
        long value = 0;
        while (isDigit(peek())) {
            value = value * 10 + next() - '0';
            if (value > Integer.MAX_VALUE) {
                throw bad("number out of range");
            }
        }
        if (position == start) {
            throw bad("expected a number");
        }
        return (int) value;
    }

    /** {@code _} is 0, {@code n_} is n + 1. */
    int index() {
        if (take('_')) {
            return 0;
        }
        int number = number();
        expect('_');
        return Math.addExact(number, 1);
    }

    /** As {@link #index()} in base 36. */
    int base36Index() {
        if (take('_')) {
            return 0;
        }
        long value = 0;
        while (!take('_')) {
            char c = next();
            int digit = isDigit(c) ? c - '0' : c >= 'A' && c <= 'Z' ? c - 'A' + 10 : -1;
            value = value * 36 + digit;
            if (digit < 0 || value > 1_000_000) {
                throw bad("bad sequence number");
            }
        }
        return (int) value + 1;
    }

    /** {@code n} digits off a mangled number; {@code n} for minus. */
    String signedNumber() {
        String sign = take('n') ? "-" : "";
        int start = position;
        while (isDigit(peek())) {
            position++;
        }
        return sign + text.substring(start, position);
    }

    String sourceName() {
        int length = number();
        if (length == 0 || length > text.length() - position) {
            throw bad("name of wrong length");
        }
        String name = text.substring(position, position + length);
        position += length;
        boolean anonymous =
                length >= 10
                        && name.startsWith("_GLOBAL_")
                        && name.charAt(9) == 'N'
                        && "._$".indexOf(name.charAt(8)) >= 0;
        return anonymous ? "(anonymous namespace)" : name;
    }
}
