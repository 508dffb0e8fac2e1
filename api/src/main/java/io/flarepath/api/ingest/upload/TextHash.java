package io.flarepath.api.ingest.upload;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;

/**
 * 128 bits of hash of texts and numbers, by which things that came lately are found again without
 * comparing them. The factors are secret and others in every JVM, so that nobody can make two
 * things meet, and by chance they do not. One thread.
 */
public final class TextHash {
    private static final VarHandle EIGHT =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final SecureRandom SECRET = new SecureRandom();
    private static final long FACTOR_A = SECRET.nextLong() | 1;
    private static final long FACTOR_B = SECRET.nextLong() | 1;
    private static final long START_A = SECRET.nextLong();
    private static final long START_B = SECRET.nextLong();

    /** The uppermost bits of eight bytes: ASCII has none of them. */
    private static final long UPPERMOST = 0x8080_8080_8080_8080L;

    private long a;
    private long b;
    private boolean ascii;

    /** Hashes some bytes; what was hashed before is forgotten. */
    public void of(byte[] bytes, int from, int length) {
        long high = START_A ^ length;
        long low = START_B + length;
        long all = 0;
        int at = from;
        for (int last = from + length - 8; at <= last; at += 8) {
            long eight = (long) EIGHT.get(bytes, at);
            all |= eight;
            high = (high ^ eight) * FACTOR_A;
            high ^= high >>> 32;
            low = (low + eight) * FACTOR_B;
            low ^= low >>> 29;
        }
        long rest = 0;
        for (; at < from + length; at++) {
            rest = rest << 8 | (bytes[at] & 0xff);
        }
        a = mixedA(high, rest);
        b = mixedB(low, rest);
        ascii = ((all | rest) & UPPERMOST) == 0;
    }

    /** Whether all of the bytes that were hashed last are ASCII. */
    public boolean isAscii() {
        return ascii;
    }

    /** One half of the hash. */
    public long a() {
        return a;
    }

    /** The other half. */
    public long b() {
        return b;
    }

    /** The first half of the hash of what was hashed before and a number. */
    public static long mixedA(long before, long number) {
        long mixed = (before ^ number) * FACTOR_A;
        return mixed ^ mixed >>> 32;
    }

    /** The other half of the same. */
    public static long mixedB(long before, long number) {
        long mixed = (before + number) * FACTOR_B;
        return mixed ^ mixed >>> 29;
    }
}
