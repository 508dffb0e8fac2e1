package io.flarepath.store.call;

import io.flarepath.store.profile.FrameHash;
import java.util.HashSet;
import java.util.Set;

/**
 * Which terms a block of calls has, in ten bits for each (a Bloom filter, Bloom 1970, with two
 * hashes in place of seven, Kirsch and Mitzenmacher 2006): one that it has is always found, one
 * that it has not is found once in a hundred times.
 */
final class TermFilter {
    private static final int BITS_A_TERM = 10;
    private static final int HASHES = 7;

    /** Terms of which a filter is made. */
    static final class Builder {
        private final Set<Long> terms = new HashSet<>();

        void add(long term) {
            terms.add(term);
        }

        byte[] build() {
            byte[] bits = new byte[Math.max(8, Math.ceilDiv(terms.size() * BITS_A_TERM, 8))];
            for (long term : terms) {
                for (int i = 0; i < HASHES; i++) {
                    int bit = bit(term, i, bits.length);
                    bits[bit >>> 3] |= (byte) (1 << (bit & 7));
                }
            }
            return bits;
        }
    }

    private TermFilter() {}

    /** Whether a block may have a term. */
    static boolean mayHold(byte[] bits, long term) {
        for (int i = 0; i < HASHES; i++) {
            int bit = bit(term, i, bits.length);
            if ((bits[bit >>> 3] & 1 << (bit & 7)) == 0) {
                return false;
            }
        }
        return true;
    }

    private static int bit(long term, int hash, int bytes) {
        int first = (int) term;
        int second = (int) (term >>> 32) | 1;
        return (int) (((first + hash * second) & 0xFFFF_FFFFL) % (8L * bytes));
    }

    /** The term of a word of a kind. */
    static long word(char kind, String word) {
        return mixed(FrameHash.stable(word) + kind * 0x9E3779B97F4A7C15L);
    }

    /** The term of a label. */
    static long label(String name, String value) {
        return mixed(FrameHash.stable(name) * 31 + word('l', value));
    }

    /** The term of a trace. */
    static long trace(long high, long low) {
        return mixed(high * 0x9E3779B97F4A7C15L ^ low);
    }

    /** Every bit of the result depends on every one of the input (David Stafford's mix 13). */
    private static long mixed(long bits) {
        long mixed = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return mixed ^ mixed >>> 31;
    }
}
