package io.flarepath.api.ingest.upload;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * Texts that came lately, found by 128 bits of hash of their UTF-8: programs send the same names
 * again and again, and to make a string of one costs more than to find it. The factors of the hash
 * are secret, so that nobody can make two texts meet, and by chance they do not. Of fixed size, a
 * new text pushes an old one out. Safe for many threads, which at worst do not see each other's.
 */
public final class TextPool {
    private static final VarHandle EIGHT =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final SecureRandom SECRET = new SecureRandom();
    private static final long FACTOR_A = SECRET.nextLong() | 1;
    private static final long FACTOR_B = SECRET.nextLong() | 1;
    private static final long START_A = SECRET.nextLong();
    private static final long START_B = SECRET.nextLong();

    /** Longer ones are rare and would make the size depend on who sends them. */
    private static final int LONGEST = 160;

    private static final int PLACES = 1 << 16;

    /** Stands for what is no UTF-8 in what the JDK decodes without complaint. */
    private static final char REPLACED = '\uFFFD';

    private final @Nullable PooledText[] texts = new @Nullable PooledText[PLACES];

    /**
     * The text of some bytes.
     *
     * @throws CharacterCodingException when they are not UTF-8
     */
    public PooledText text(byte[] bytes, int from, int length) throws CharacterCodingException {
        if (length == 0) {
            return PooledText.EMPTY;
        }
        if (length > LONGEST) {
            return new PooledText(0, 0, decoded(bytes, from, length));
        }
        long a = START_A ^ length;
        long b = START_B + length;
        int at = from;
        for (int last = from + length - 8; at <= last; at += 8) {
            long eight = (long) EIGHT.get(bytes, at);
            a = (a ^ eight) * FACTOR_A;
            a ^= a >>> 32;
            b = (b + eight) * FACTOR_B;
            b ^= b >>> 29;
        }
        long rest = 0;
        for (; at < from + length; at++) {
            rest = rest << 8 | (bytes[at] & 0xff);
        }
        a = (a ^ rest) * FACTOR_A;
        b = (b + rest) * FACTOR_B;
        int place = (int) (a >>> 40) & (PLACES - 1);
        PooledText first = texts[place];
        if (first != null && first.is(a, b)) {
            return first;
        }
        PooledText second = texts[place ^ 1];
        if (second != null && second.is(a, b)) {
            return second;
        }
        PooledText made = new PooledText(a, b, decoded(bytes, from, length));
        texts[place ^ 1] = first;
        texts[place] = made;
        return made;
    }

    private static String decoded(byte[] bytes, int from, int length)
            throws CharacterCodingException {
        String text = new String(bytes, from, length, StandardCharsets.UTF_8);
        return text.indexOf(REPLACED) < 0
                ? text
                : StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes, from, length))
                        .toString();
    }
}
