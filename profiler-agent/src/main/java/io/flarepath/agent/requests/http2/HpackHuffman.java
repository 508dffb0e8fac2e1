package io.flarepath.agent.requests.http2;

import org.jspecify.annotations.Nullable;

/**
 * The Huffman code of HPACK (RFC 7541, appendix B). The code is canonical: codes of one length
 * follow one another in the order of their symbols, so that their lengths are all there is to know.
 */
final class HpackHuffman {
    /** Lengths of the codes of the symbols 0 to 256, the last being the end of the string. */
    private static final String LENGTHS =
            // 0 to 31: control characters
            "13 23 28 28 28 28 28 28 28 24 30 28 28 30 28 28 28 28 28 28 28 28 30 28 28 28 28 28 "
                    + "28 28 28 28 "
                    // 32 to 127: printable ones
                    + "6 10 10 12 13 6 8 11 10 10 8 11 8 6 6 6 5 5 5 6 6 6 6 6 6 6 7 8 15 6 12 10 "
                    + "13 6 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 8 7 8 13 19 13 14 6 "
                    + "15 5 6 5 6 5 6 6 6 5 7 7 6 6 6 5 6 7 6 5 5 6 7 7 7 7 7 15 11 14 13 28 "
                    // 128 to 255
                    + "20 22 20 20 22 22 22 23 22 23 23 23 23 23 24 23 24 24 22 23 24 23 23 23 23 "
                    + "21 22 23 22 23 23 24 22 21 20 22 22 23 23 21 23 22 22 24 21 22 23 23 21 21 "
                    + "22 21 23 22 23 23 20 22 22 22 23 22 22 23 26 26 20 19 22 23 22 25 26 26 26 "
                    + "27 27 26 24 25 19 21 26 27 27 26 27 24 21 21 26 26 28 27 27 27 20 24 20 21 "
                    + "22 21 21 23 22 22 25 25 24 24 26 23 26 27 26 26 27 27 27 27 27 28 27 27 27 "
                    + "27 27 26 30";

    private static final int LONGEST = 30;
    private static final int END = 256;

    /** Symbols by the length of their code, then by themselves. */
    private static final short[] SYMBOLS = new short[END + 1];

    /** Per length: its first code, and where its symbols begin. */
    private static final int[] FIRST_CODES = new int[LONGEST + 2];

    private static final int[] FIRST_SYMBOLS = new int[LONGEST + 2];

    static {
        String[] lengths = LENGTHS.split(" ");
        int code = 0;
        int count = 0;
        for (int length = 1; length <= LONGEST; length++) {
            code <<= 1;
            FIRST_CODES[length] = code;
            FIRST_SYMBOLS[length] = count;
            for (int symbol = 0; symbol <= END; symbol++) {
                if (Integer.parseInt(lengths[symbol]) == length) {
                    SYMBOLS[count++] = (short) symbol;
                    code++;
                }
            }
        }
        FIRST_SYMBOLS[LONGEST + 1] = count;
    }

    private HpackHuffman() {}

    /** The text of a code, or null if the bytes are none; characters stand for bytes. */
    static @Nullable String decode(byte[] bytes, int from, int length) {
        StringBuilder text = new StringBuilder(length * 2);
        int code = 0;
        int bits = 0;
        for (int i = from; i < from + length; i++) {
            for (int bit = 7; bit >= 0; bit--) {
                code = code << 1 | (bytes[i] >> bit & 1);
                if (++bits > LONGEST) {
                    return null;
                }
                int index = code - FIRST_CODES[bits];
                int count = FIRST_SYMBOLS[bits + 1] - FIRST_SYMBOLS[bits];
                if (index >= 0 && index < count) {
                    int symbol = SYMBOLS[FIRST_SYMBOLS[bits] + index];
                    if (symbol == END) {
                        return null;
                    }
                    text.append((char) symbol);
                    code = 0;
                    bits = 0;
                }
            }
        }
        // What is left pads the last byte with ones.
        return bits < 8 && code == (1 << bits) - 1 ? text.toString() : null;
    }
}
