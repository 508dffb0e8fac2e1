package io.flarepath.api.query.page;

import io.flarepath.api.query.request.Parameters;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.time.Instants;
import io.flarepath.store.query.TimeRange;

/** The page's form of an instant: Unix milliseconds, {@code now}, {@code now-15m}. */
final class PageTime {
    private static final int MAX_DIGITS = 13;

    private PageTime() {}

    /** The range that two parameters give; the last hour by default. */
    static TimeRange range(Parameters parameters, String from, String until, long nowMillis) {
        long start = parse(from, parameters.text(from, "now-1h"), nowMillis);
        long end = parse(until, parameters.text(until, "now"), nowMillis);
        return Instants.range(from, start, until, end);
    }

    /** Reads one instant. */
    static long parse(String name, String text, long nowMillis) {
        if (text.equals("now")) {
            return nowMillis;
        }
        if (isNumber(text)) {
            return inBounds(name, text, Long.parseLong(text));
        }
        boolean relative =
                text.length() > 5 && (text.startsWith("now-") || text.startsWith("now+"));
        String amount = relative ? text.substring(4, text.length() - 1) : "";
        long unit = relative ? unitMillis(text.charAt(text.length() - 1)) : 0;
        if (unit == 0 || !isNumber(amount)) {
            throw ApiError.invalid(
                    name
                            + " must be Unix milliseconds or a form like now-15m (s, m, h, d, w), not \""
                            + text
                            + "\"");
        }
        long offset = Math.min(Long.parseLong(amount), Instants.LATEST_MILLIS / unit) * unit;
        return inBounds(
                name, text, text.charAt(3) == '-' ? nowMillis - offset : nowMillis + offset);
    }

    private static long inBounds(String name, String text, long millis) {
        if (millis < 0 || millis > Instants.LATEST_MILLIS) {
            throw ApiError.invalid(
                    name
                            + "="
                            + text
                            + " is outside of what can be stored: 0 to "
                            + Instants.LATEST_MILLIS
                            + " (Unix milliseconds)");
        }
        return millis;
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty()
                && text.length() <= MAX_DIGITS
                && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static long unitMillis(char unit) {
        return switch (unit) {
            case 's' -> 1_000;
            case 'm' -> 60_000;
            case 'h' -> 3_600_000;
            case 'd' -> 86_400_000;
            case 'w' -> 7 * 86_400_000L;
            default -> 0;
        };
    }
}
