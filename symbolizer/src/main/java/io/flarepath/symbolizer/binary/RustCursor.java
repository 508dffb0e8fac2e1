package io.flarepath.symbolizer.binary;

/** Reads numbers and identifiers of the v0 scheme, and writes unless it only skips. */
abstract class RustCursor {
    private static final int MAX_DEPTH = 128;

    final String text;
    int position;
    private int depth;
    boolean silent;
    final NameOutput out = new NameOutput();

    RustCursor(String text, int start) {
        this.text = text;
        this.position = start;
    }

    static MangledNameException bad(String what) {
        return new MangledNameException(what);
    }

    final void enter() {
        if (++depth > MAX_DEPTH) {
            throw bad("nested too deeply");
        }
        out.enter();
    }

    final void leave() {
        depth--;
        out.leave();
    }

    final void print(String s) {
        if (!silent) {
            out.add(s);
        }
    }

    final char peek() {
        return position < text.length() ? text.charAt(position) : 0;
    }

    final char next() {
        if (position >= text.length()) {
            throw bad("ends early");
        }
        return text.charAt(position++);
    }

    final boolean take(char c) {
        if (peek() == c) {
            position++;
            return true;
        }
        return false;
    }

    /** {@code _} is 0, {@code n_} is n + 1, n in base 62. */
    final long base62() {
        if (take('_')) {
            return 0;
        }
        long value = 0;
        while (!take('_')) {
            char c = next();
            int digit =
                    c >= '0' && c <= '9'
                            ? c - '0'
                            : c >= 'a' && c <= 'z'
                                    ? c - 'a' + 10
                                    : c >= 'A' && c <= 'Z' ? c - 'A' + 36 : -1;
            // A crate's disambiguator has all 64 bits: it may wrap, it is not shown.
            value = value * 62 + digit;
            if (digit < 0) {
                throw bad("bad number");
            }
        }
        return value + 1;
    }

    /** A number behind its tag, 0 without the tag. */
    final long optional(char tag) {
        return take(tag) ? base62() + 1 : 0;
    }

    final String identifier() {
        boolean punycode = take('u');
        int length = 0;
        if (!take('0')) {
            while (peek() >= '0' && peek() <= '9') {
                length = length * 10 + next() - '0';
                if (length > text.length()) {
                    throw bad("identifier of wrong length");
                }
            }
        }
        take('_');
        if (length > text.length() - position) {
            throw bad("identifier of wrong length");
        }
        String name = text.substring(position, position + length);
        position += length;
        return punycode ? Punycode.decode(name) : name;
    }
}
