package io.flarepath.api.time;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;

/**
 * Pyroscope's form of an instant, which is Graphite's: a number of seconds, milliseconds,
 * microseconds or nanoseconds by its length, {@code YYYYMMDD}, or a word with an offset like {@code
 * now-1h30m}. As there, the word itself means nothing, and what cannot be read means now.
 */
public final class Attime {
    private static final int MILLIS_DIGITS = 13;
    private static final int MICROS_DIGITS = 16;
    private static final int NANOS_DIGITS = 19;
    private static final int DATE_DIGITS = 8;
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000 * MILLI;
    private static final long DAY = 86_400 * SECOND;
    private static final long LATEST = Instants.LATEST_MILLIS * MILLI;

    private final String text;
    private final long now;
    private int at;

    private Attime(String text, long now) {
        this.text = text;
        this.now = now;
    }

    /** Milliseconds since 1970 within what can be stored; never fails. */
    public static long millis(String text, long nowMillis) {
        return nanos(text, Instants.bounded(nowMillis) * MILLI) / MILLI;
    }

    /**
     * Nanoseconds since 1970 within what can be stored; never fails.
     *
     * @param nowNanos not negative
     */
    public static long nanos(String text, long nowNanos) {
        StringBuilder kept = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '_' && c != ',' && c != ' ') {
                kept.append(c);
            }
        }
        String plain = kept.toString();
        boolean digits = !plain.isEmpty() && plain.chars().allMatch(Attime::isDigit);
        long nanos = digits ? number(plain, nowNanos) : new Attime(plain, nowNanos).relative();
        return Math.clamp(nanos, 0, LATEST);
    }

    private static long number(String digits, long now) {
        if (digits.length() == DATE_DIGITS) {
            return date(digits, now);
        }
        if (digits.length() > NANOS_DIGITS) {
            return now;
        }
        long value;
        try {
            value = Long.parseLong(digits);
        } catch (NumberFormatException e) {
            return now;
        }
        return switch (digits.length()) {
            case MILLIS_DIGITS -> saturated(value, MILLI);
            case MICROS_DIGITS -> saturated(value, 1_000);
            case NANOS_DIGITS -> value;
            default -> saturated(value, SECOND);
        };
    }

    private static long date(String digits, long now) {
        try {
            LocalDate date =
                    LocalDate.of(
                            Integer.parseInt(digits.substring(0, 4)),
                            Integer.parseInt(digits.substring(4, 6)),
                            Integer.parseInt(digits.substring(6)));
            long seconds = date.atStartOfDay(ZoneOffset.UTC).toEpochSecond();
            return seconds < 0 ? 0 : saturated(seconds, SECOND);
        } catch (DateTimeException e) {
            return now;
        }
    }

    /** A word, a sign, then numbers with units until one cannot be read. */
    private long relative() {
        while (at < text.length() && text.charAt(at) != '-' && text.charAt(at) != '+') {
            at++;
        }
        if (at == text.length()) {
            return now;
        }
        boolean minus = text.charAt(at++) == '-';
        long offset = 0;
        while (at < text.length()) {
            long count = count();
            long unit = unitNanos(letters());
            if (count < 0 || unit == 0) {
                break;
            }
            long more = saturated(count, unit);
            offset = Math.min(offset, LATEST - more) + more;
        }
        return minus ? now - offset : Math.min(now, LATEST - offset) + offset;
    }

    /** The digits here, or -1 when there are none. */
    private long count() {
        int start = at;
        long count = 0;
        while (at < text.length() && isDigit(text.charAt(at))) {
            count = Math.min(count * 10 + (text.charAt(at++) - '0'), LATEST / 100);
        }
        return at == start ? -1 : count;
    }

    private String letters() {
        int start = at;
        while (at < text.length() && Character.isLetter(text.charAt(at))) {
            at++;
        }
        return text.substring(start, at);
    }

    private static long unitNanos(String unit) {
        if (unit.equals("M")) {
            return 30 * DAY;
        }
        String lower = unit.toLowerCase(Locale.ROOT);
        if (lower.startsWith("mon")) {
            return 30 * DAY;
        }
        if (lower.startsWith("min") || lower.equals("m")) {
            return 60 * SECOND;
        }
        return switch (lower.isEmpty() ? ' ' : lower.charAt(0)) {
            case 's' -> SECOND;
            case 'h' -> 3_600 * SECOND;
            case 'd' -> DAY;
            case 'w' -> 7 * DAY;
            case 'y' -> 365 * DAY;
            default -> 0;
        };
    }

    private static long saturated(long count, long unit) {
        return count > LATEST / unit ? LATEST : count * unit;
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }
}
