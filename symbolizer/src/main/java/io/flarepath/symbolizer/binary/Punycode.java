package io.flarepath.symbolizer.binary;

/** Punycode (RFC 3492, section 6.2) with {@code _} as delimiter, as rustc's v0 names use it. */
final class Punycode {
    private static final int BASE = 36;
    private static final int T_MIN = 1;
    private static final int T_MAX = 26;
    private static final int SKEW = 38;
    private static final int DAMP = 700;
    private static final int MAX_POINTS = 512;

    private Punycode() {}

    static String decode(String encoded) {
        int delimiter = encoded.lastIndexOf('_');
        StringBuilder name = new StringBuilder(encoded.substring(0, Math.max(0, delimiter)));
        long point = 128;
        long i = 0;
        int bias = 72;
        int points = name.length();
        for (int at = delimiter + 1; at < encoded.length(); ) {
            long before = i;
            long weight = 1;
            for (int k = BASE; ; k += BASE) {
                if (at >= encoded.length()) {
                    throw new MangledNameException("punycode ends early");
                }
                int digit = digit(encoded.charAt(at++));
                i += digit * weight;
                int threshold = Math.clamp((long) k - bias, T_MIN, T_MAX);
                if (i > Integer.MAX_VALUE || weight > Integer.MAX_VALUE) {
                    throw new MangledNameException("punycode out of range");
                }
                if (digit < threshold) {
                    break;
                }
                weight *= BASE - threshold;
            }
            if (++points > MAX_POINTS) {
                throw new MangledNameException("punycode is too long");
            }
            bias = adapted(i - before, points, before == 0);
            point += i / points;
            i %= points;
            if (point > Character.MAX_CODE_POINT) {
                throw new MangledNameException("punycode out of range");
            }
            name.insert(name.offsetByCodePoints(0, (int) i), Character.toChars((int) point));
            i++;
        }
        return name.toString();
    }

    private static int digit(char c) {
        if (c >= 'a' && c <= 'z') {
            return c - 'a';
        }
        if (c >= '0' && c <= '9') {
            return c - '0' + 26;
        }
        throw new MangledNameException("not a digit of punycode: " + c);
    }

    private static int adapted(long delta, int points, boolean first) {
        long d = first ? delta / DAMP : delta / 2;
        d += d / points;
        int k = 0;
        while (d > (BASE - T_MIN) * T_MAX / 2) {
            d /= BASE - T_MIN;
            k += BASE;
        }
        return (int) (k + (BASE - T_MIN + 1) * d / (d + SKEW));
    }
}
