package io.flarepath.agent.requests.log;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The trace id of a request as OpenTelemetry has it: 16 bytes, the same wherever it is seen. */
final class TraceKey {
    private static final int DIGITS = 32;

    private TraceKey() {}

    /**
     * The id in 32 hexadecimal digits: one of 64 bits (B3) is filled up by zeros, as their
     * propagator does, one that is no number (sw8) is the beginning of its SHA-256. Empty if there
     * is none, or nothing but zeros.
     */
    static String of(String trace) {
        if (trace.isEmpty() || isHex(trace, DIGITS)) {
            return isZero(trace) ? "" : trace;
        }
        if (isHex(trace, DIGITS / 2)) {
            return isZero(trace) ? "" : "0".repeat(DIGITS / 2) + trace;
        }
        return HexFormat.of().formatHex(digest(trace), 0, DIGITS / 2);
    }

    /** Whether {@link #of} keeps the id readable. */
    static boolean isNumber(String trace) {
        return isHex(trace, DIGITS) || isHex(trace, DIGITS / 2);
    }

    /** A number that is the same for the same trace wherever it is seen, and spread evenly. */
    static long hash(String trace) {
        long hash = 0;
        for (int i = 0; i < trace.length(); i++) {
            hash = hash * 31 + trace.charAt(i);
        }
        // Ids may be numbered, or have their random part anywhere (mix13 of David Stafford).
        hash = (hash ^ (hash >>> 30)) * 0xBF58476D1CE4E5B9L;
        hash = (hash ^ (hash >>> 27)) * 0x94D049BB133111EBL;
        return hash ^ (hash >>> 31);
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    private static boolean isHex(String text, int length) {
        return text.length() == length
                && text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    }

    private static boolean isZero(String text) {
        return text.chars().allMatch(c -> c == '0');
    }
}
