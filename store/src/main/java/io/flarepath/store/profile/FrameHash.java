package io.flarepath.store.profile;

import java.security.SecureRandom;

/** Hashes texts and numbers one after the other into 128 bits. One thread. */
public final class FrameHash {
    private static final SecureRandom SECRET = new SecureRandom();
    private static final long FACTOR_A = SECRET.nextLong() | 1;
    private static final long FACTOR_B = SECRET.nextLong() | 1;
    private static final long START_A = SECRET.nextLong();
    private static final long START_B = SECRET.nextLong();

    private long a = START_A;
    private long b = START_B;

    FrameHash() {}

    long a() {
        return a;
    }

    long b() {
        return b;
    }

    void number(long number) {
        long high = (a ^ number) * FACTOR_A;
        a = high ^ high >>> 32;
        long low = (b + number) * FACTOR_B;
        b = low ^ low >>> 29;
    }

    /** The length in front keeps texts apart that follow each other. */
    void text(String text) {
        int length = text.length();
        number(length);
        int at = 0;
        for (; at + 4 <= length; at += 4) {
            number(
                    text.charAt(at)
                            | (long) text.charAt(at + 1) << 16
                            | (long) text.charAt(at + 2) << 32
                            | (long) text.charAt(at + 3) << 48);
        }
        long rest = 0;
        for (; at < length; at++) {
            rest = rest << 16 | text.charAt(at);
        }
        number(rest);
    }

    /** A hash of a text that is the same in every JVM: it may lie on disk. */
    public static long stable(String text) {
        long hash = text.length();
        for (int i = 0; i < text.length(); i++) {
            hash = hash * 0x100000001B3L ^ text.charAt(i);
        }
        return hash;
    }
}
