package io.flarepath.api.ingest.upload;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Texts that came lately, found by the {@link TextHash} of their UTF-8: programs send the same
 * names again and again, and one string of each is enough. Of fixed size, a new text pushes an old
 * one out. Safe for many threads, which at worst do not see each other's.
 */
public final class TextPool {
    /** Longer ones are rare and would make the size depend on who sends them. */
    private static final int LONGEST = 160;

    private static final int PLACES = 1 << 15;

    /** Stands for what is no UTF-8 in what the JDK decodes without complaint. */
    private static final char REPLACED = '\uFFFD';

    private final @Nullable Pooled[] texts = new @Nullable Pooled[PLACES];

    private record Pooled(long a, long b, String text) {}

    /**
     * The text of some bytes.
     *
     * @param a one half of their hash
     * @param b the other
     * @throws CharacterCodingException when they are not UTF-8
     */
    public String text(long a, long b, byte[] bytes, int from, int length)
            throws CharacterCodingException {
        if (length == 0) {
            return "";
        }
        if (length > LONGEST) {
            return decoded(bytes, from, length);
        }
        int place = (int) (a >>> 40) & (PLACES - 1);
        Pooled first = texts[place];
        if (first != null && first.a() == a && first.b() == b) {
            return first.text();
        }
        Pooled second = texts[place ^ 1];
        if (second != null && second.a() == a && second.b() == b) {
            return second.text();
        }
        Pooled made = new Pooled(a, b, decoded(bytes, from, length));
        texts[place ^ 1] = first;
        texts[place] = made;
        return made.text();
    }

    /**
     * The text of some bytes, which no other shares.
     *
     * @throws CharacterCodingException when they are not UTF-8
     */
    public static String decoded(byte[] bytes, int from, int length)
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
