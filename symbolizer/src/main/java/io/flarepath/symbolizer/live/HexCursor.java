package io.flarepath.symbolizer.live;

import java.nio.charset.StandardCharsets;

/** Reads fields off a line of a text file of the kernel. */
final class HexCursor {
    private final byte[] line;
    private final int length;
    private int position;
    private boolean failed;

    HexCursor(byte[] line, int length) {
        this.line = line;
        this.length = length;
    }

    /** Whether a field was missing or out of range. */
    boolean failed() {
        return failed;
    }

    int position() {
        return position;
    }

    boolean atEnd() {
        return position >= length;
    }

    long hex() {
        return number(16);
    }

    long decimal() {
        return number(10);
    }

    private long number(int radix) {
        int start = position;
        long value = 0;
        while (position < length) {
            int digit = Character.digit(line[position], radix);
            if (digit < 0) {
                break;
            }
            failed |= radix == 16 ? value >>> 60 != 0 : value > (Long.MAX_VALUE - digit) / 10;
            value = value * radix + digit;
            position++;
        }
        failed |= position == start;
        return value;
    }

    void expect(char c) {
        failed |= next() != c;
    }

    /** The next byte, or 0 at the end. */
    char next() {
        return position < length ? (char) (line[position++] & 0xff) : 0;
    }

    void skipBlanks() {
        while (position < length && (line[position] == ' ' || line[position] == '\t')) {
            position++;
        }
    }

    /** What is left of the line. */
    String rest() {
        String rest = new String(line, position, length - position, StandardCharsets.UTF_8);
        position = length;
        return rest;
    }
}
