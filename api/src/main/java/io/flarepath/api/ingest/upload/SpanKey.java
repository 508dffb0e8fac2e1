package io.flarepath.api.ingest.upload;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The span that a sample was taken in.
 *
 * @param span its number, 0 when the sample names none
 * @param traceHigh higher half of the number of its trace, 0 with the lower when it is not known
 * @param traceLow lower half
 */
public record SpanKey(long span, long traceHigh, long traceLow) {
    /** Of a sample that names none. */
    public static final SpanKey NONE = new SpanKey(0, 0, 0);

    private static final int SPAN_DIGITS = 16;

    /** What labels of a sample say, by the names that Pyroscope's clients give them. */
    public static SpanKey of(Map<String, String> labels) {
        long span = hex(labels.getOrDefault("span_id", labels.get("profile_id")), 0, SPAN_DIGITS);
        if (span == 0) {
            return NONE;
        }
        String trace = labels.get("trace_id");
        return new SpanKey(
                span, hex(trace, 0, 2 * SPAN_DIGITS), hex(trace, SPAN_DIGITS, 2 * SPAN_DIGITS));
    }

    /** Sixteen digits from a place on; 0 when the whole is not of a length, or no number. */
    private static long hex(@Nullable String digits, int from, int length) {
        if (digits == null || digits.length() != length) {
            return 0;
        }
        try {
            return Long.parseUnsignedLong(digits, from, from + SPAN_DIGITS, 16);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
