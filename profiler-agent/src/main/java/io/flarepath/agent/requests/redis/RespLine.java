package io.flarepath.agent.requests.redis;

import io.flarepath.agent.requests.stream.ByteView;

/** Lines of RESP: a type, a number or a text, and CR LF. */
final class RespLine {
    /** Longest line that is no payload. */
    static final int LONGEST = 4096;

    /** Longest bulk string that Redis takes (proto-max-bulk-len is 512 MiB by default). */
    static final long LONGEST_BULK = 1L << 32;

    static final long INVALID = Long.MIN_VALUE;

    private RespLine() {}

    /** Index of the CR of the line that begins at {@code from}, -1 if it has no end yet. */
    static int end(ByteView view, int from) {
        int carriage = view.indexOf('\r', from);
        return carriage >= 0 && carriage + 1 < view.length() && view.u8(carriage + 1) == '\n'
                ? carriage
                : -1;
    }

    /** Whether a line that has no end yet can still become one. */
    static boolean mayEnd(ByteView view, int from) {
        int carriage = view.indexOf('\r', from);
        return view.length() - from < LONGEST && (carriage < 0 || carriage == view.length() - 1);
    }

    /** The number that stands in a line, or {@link #INVALID}. */
    static long number(ByteView view, int from, int to) {
        int first = from < to && view.u8(from) == '-' ? from + 1 : from;
        if (first == to || to - first > 18) {
            return INVALID;
        }
        long value = 0;
        for (int i = first; i < to; i++) {
            int digit = view.u8(i) - '0';
            if (digit < 0 || digit > 9) {
                return INVALID;
            }
            value = value * 10 + digit;
        }
        return first == from ? value : -value;
    }
}
