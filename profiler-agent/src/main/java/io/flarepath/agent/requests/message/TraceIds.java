package io.flarepath.agent.requests.message;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;

/**
 * Ids of a request that were found in those headers that may be looked at: {@code traceparent} (W3C
 * Trace Context), {@code b3} and {@code x-b3-traceid}, {@code x-b3-spanid} (B3), {@code sw8}
 * (SkyWalking), {@code x-request-id}. No other header is kept.
 *
 * @param traceId 16 or 32 lower-case hexadecimal digits of W3C or B3, or the trace id of sw8, or
 *     empty
 * @param spanId 16 lower-case hexadecimal digits of the caller's span, or empty
 * @param requestId value of {@code x-request-id}, or empty
 */
public record TraceIds(String traceId, String spanId, String requestId) {
    /** None was found. */
    public static final TraceIds NONE = new TraceIds("", "", "");

    private static final int LONGEST_ID = 128;

    /** Names of the headers that may be looked at, in lower case. */
    public static final Set<String> WANTED =
            Set.of("traceparent", "b3", "x-b3-traceid", "x-b3-spanid", "sw8", "x-request-id");

    /** Whether the header is one of them. */
    public static boolean isWanted(String lowerCaseName) {
        return WANTED.contains(lowerCaseName);
    }

    /** These and what a header tells, where it does; {@code traceparent} wins over the others. */
    public TraceIds with(String lowerCaseName, String value) {
        String text = value.strip();
        return switch (lowerCaseName) {
            case "traceparent" -> withTraceparent(text);
            case "b3" -> withB3(text);
            case "x-b3-traceid" -> isB3Trace(text) ? or(text, "") : this;
            case "x-b3-spanid" -> isHex(text, 16) ? or("", text) : this;
            case "sw8" -> withSkyWalking(text);
            case "x-request-id" -> isPlain(text) ? new TraceIds(traceId, spanId, text) : this;
            default -> this;
        };
    }

    /** {@code version-trace-span-flags}, w3.org/TR/trace-context. */
    private TraceIds withTraceparent(String text) {
        if (text.length() < 55
                || text.charAt(2) != '-'
                || text.charAt(35) != '-'
                || text.charAt(52) != '-') {
            return this;
        }
        String trace = text.substring(3, 35);
        String span = text.substring(36, 52);
        boolean valid = isHex(trace, 32) && isHex(span, 16) && !isZero(trace) && !isZero(span);
        return valid ? new TraceIds(lower(trace), lower(span), requestId) : this;
    }

    /** {@code trace-span[-sampled[-parent]]}, or a sampling decision alone. */
    private TraceIds withB3(String text) {
        String[] parts = text.split("-", 4);
        if (parts.length < 2 || !isB3Trace(parts[0]) || !isHex(parts[1], 16)) {
            return this;
        }
        return or(parts[0], parts[1]);
    }

    /** {@code sample-trace-segment-…}, the ids in Base64. */
    private TraceIds withSkyWalking(String text) {
        String[] parts = text.split("-", 4);
        if (parts.length < 4 || parts[1].length() > 2 * LONGEST_ID) {
            return this;
        }
        try {
            byte[] id = Base64.getDecoder().decode(parts[1]);
            String trace = new String(id, StandardCharsets.ISO_8859_1);
            return isPlain(trace) && traceId.isEmpty()
                    ? new TraceIds(trace, spanId, requestId)
                    : this;
        } catch (IllegalArgumentException e) {
            return this;
        }
    }

    private TraceIds or(String trace, String span) {
        return new TraceIds(
                traceId.isEmpty() ? lower(trace) : traceId,
                spanId.isEmpty() ? lower(span) : spanId,
                requestId);
    }

    private static boolean isB3Trace(String text) {
        return isHex(text, 32) || isHex(text, 16);
    }

    private static String lower(String hex) {
        return hex.toLowerCase(Locale.ROOT);
    }

    private static boolean isZero(String hex) {
        return hex.chars().allMatch(c -> c == '0');
    }

    private static boolean isHex(String text, int length) {
        return text.length() == length
                && text.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 128);
    }

    /** An id that is no secret by its form: short, of letters, digits and a few signs. */
    private static boolean isPlain(String text) {
        return !text.isEmpty()
                && text.length() <= LONGEST_ID
                && text.chars()
                        .allMatch(c ->
                                (c >= 'a' && c <= 'z')
                                        || (c >= 'A' && c <= 'Z')
                                        || (c >= '0' && c <= '9')
                                        || "-_.:/@".indexOf(c) >= 0);
    }
}
