package io.flarepath.symbolizer.binary.debugfile;

import io.flarepath.symbolizer.binary.MalformedBinaryException;
import java.util.Arrays;

/**
 * Decodes LZMA2 chunks: a range coder with adaptive bits chooses literals and repetitions. Source:
 * LZMA specification of 2015 (https://www.7-zip.org/sdk.html, lzma-specification.txt); the chunks
 * are those of the xz format.
 */
final class Lzma2Decoder {
    private static final int STATES = 12;
    private static final int MAX_POSITION_STATES = 16;
    private static final int LENGTH_STATES = 4;
    private static final int END_POSITION_MODEL = 14;
    private static final int FULL_DISTANCES = 128;
    private static final int ALIGN_BITS = 4;
    private static final int SHORTEST_MATCH = 2;
    private static final short HALF = 1 << 10;

    private final byte[] in;
    private int position;
    private final LzmaOutput out;

    /** Where the dictionary begins in the output. */
    private int base;

    private int range;
    private int code;
    private int chunkEnd;

    private int literalContextBits;
    private int literalPositionBits;
    private int positionBits;

    private int state;
    private long rep0;
    private long rep1;
    private long rep2;
    private long rep3;

    private short[] literals = new short[0];
    private final short[] isMatch = new short[STATES * MAX_POSITION_STATES];
    private final short[] isRep = new short[STATES];
    private final short[] isRep0 = new short[STATES];
    private final short[] isRep1 = new short[STATES];
    private final short[] isRep2 = new short[STATES];
    private final short[] isRep0Long = new short[STATES * MAX_POSITION_STATES];
    private final short[] slots = new short[LENGTH_STATES * 64];
    private final short[] distances = new short[FULL_DISTANCES];
    private final short[] align = new short[1 << ALIGN_BITS];
    private final Lengths matchLengths = new Lengths();
    private final Lengths repLengths = new Lengths();

    /** Adaptive bits of a length. */
    private static final class Lengths {
        private final short[] choice = new short[2];
        private final short[] low = new short[MAX_POSITION_STATES * 8];
        private final short[] middle = new short[MAX_POSITION_STATES * 8];
        private final short[] high = new short[256];

        void reset() {
            Arrays.fill(choice, HALF);
            Arrays.fill(low, HALF);
            Arrays.fill(middle, HALF);
            Arrays.fill(high, HALF);
        }
    }

    Lzma2Decoder(byte[] in, int position, LzmaOutput out) {
        this.in = in;
        this.position = position;
        this.out = out;
    }

    /** Decodes all chunks; gives the position behind them. */
    int decode() throws MalformedBinaryException {
        boolean dictionary = false;
        boolean properties = false;
        while (true) {
            int control = next();
            if (control == 0) {
                return position;
            }
            if (control >= 0xe0 || control == 1) {
                base = out.size();
                dictionary = true;
            } else if (!dictionary) {
                throw new MalformedBinaryException("LZMA2 data begins without a dictionary");
            }
            if (control < 0x80) {
                if (control > 2) {
                    throw new MalformedBinaryException("LZMA2 control byte " + control);
                }
                int length = (next() << 8 | next()) + 1;
                out.addAll(in, position, length);
                position += length;
                continue;
            }
            int length = ((control & 0x1f) << 16 | next() << 8 | next()) + 1;
            int packedLength = (next() << 8 | next()) + 1;
            if (control >= 0xc0) {
                setProperties(next());
                properties = true;
            }
            if (!properties) {
                throw new MalformedBinaryException("LZMA2 data begins without properties");
            }
            if (control >= 0xa0) {
                resetState();
            }
            chunk(length, packedLength);
        }
    }

    private void setProperties(int value) throws MalformedBinaryException {
        literalContextBits = value % 9;
        literalPositionBits = value / 9 % 5;
        positionBits = value / 45;
        if (value >= 225 || literalContextBits + literalPositionBits > 4) {
            throw new MalformedBinaryException("LZMA properties " + value);
        }
        literals = new short[0x300 << (literalContextBits + literalPositionBits)];
    }

    private void resetState() {
        state = 0;
        rep0 = 0;
        rep1 = 0;
        rep2 = 0;
        rep3 = 0;
        Arrays.fill(literals, HALF);
        Arrays.fill(isMatch, HALF);
        Arrays.fill(isRep, HALF);
        Arrays.fill(isRep0, HALF);
        Arrays.fill(isRep1, HALF);
        Arrays.fill(isRep2, HALF);
        Arrays.fill(isRep0Long, HALF);
        Arrays.fill(slots, HALF);
        Arrays.fill(distances, HALF);
        Arrays.fill(align, HALF);
        matchLengths.reset();
        repLengths.reset();
    }

    private void chunk(int length, int packedLength) throws MalformedBinaryException {
        chunkEnd = position + packedLength;
        if (packedLength < 5 || chunkEnd > in.length) {
            throw new MalformedBinaryException("an LZMA2 chunk is cut");
        }
        position++;
        range = -1;
        code = 0;
        for (int i = 0; i < 4; i++) {
            code = code << 8 | next();
        }
        int end = out.size() + length;
        while (out.size() < end) {
            int positionState = (out.size() - base) & ((1 << positionBits) - 1);
            if (bit(isMatch, state * MAX_POSITION_STATES + positionState) == 0) {
                literal();
            } else {
                int matched = match(positionState);
                if (matched > end - out.size()) {
                    throw new MalformedBinaryException("an LZMA2 match leaves its chunk");
                }
                out.repeat(rep0 + 1, matched, base);
            }
        }
        position = chunkEnd;
    }

    private void literal() throws MalformedBinaryException {
        int low = (out.size() - base) & ((1 << literalPositionBits) - 1);
        int previous = out.back(1, base);
        int context = (low << literalContextBits) + (previous >>> (8 - literalContextBits));
        int at = 0x300 * context;
        int symbol = 1;
        if (state >= 7) {
            int matchByte = out.back(rep0 + 1, base);
            while (symbol < 0x100) {
                int matchBit = matchByte >>> 7 & 1;
                matchByte <<= 1;
                int bit = bit(literals, at + ((1 + matchBit) << 8) + symbol);
                symbol = symbol << 1 | bit;
                if (matchBit != bit) {
                    break;
                }
            }
        }
        while (symbol < 0x100) {
            symbol = symbol << 1 | bit(literals, at + symbol);
        }
        out.add(symbol);
        state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
    }

    /** Reads a match or a repetition: sets the distance, gives the length. */
    private int match(int positionState) throws MalformedBinaryException {
        if (bit(isRep, state) == 0) {
            rep3 = rep2;
            rep2 = rep1;
            rep1 = rep0;
            int length = length(matchLengths, positionState);
            state = state < 7 ? 7 : 10;
            rep0 = distance(length);
            return length + SHORTEST_MATCH;
        }
        if (bit(isRep0, state) == 0) {
            if (bit(isRep0Long, state * MAX_POSITION_STATES + positionState) == 0) {
                state = state < 7 ? 9 : 11;
                return 1;
            }
        } else {
            long distance;
            if (bit(isRep1, state) == 0) {
                distance = rep1;
            } else {
                if (bit(isRep2, state) == 0) {
                    distance = rep2;
                } else {
                    distance = rep3;
                    rep3 = rep2;
                }
                rep2 = rep1;
            }
            rep1 = rep0;
            rep0 = distance;
        }
        state = state < 7 ? 8 : 11;
        return length(repLengths, positionState) + SHORTEST_MATCH;
    }

    private int length(Lengths lengths, int positionState) throws MalformedBinaryException {
        if (bit(lengths.choice, 0) == 0) {
            return tree(lengths.low, positionState * 8, 3);
        }
        if (bit(lengths.choice, 1) == 0) {
            return 8 + tree(lengths.middle, positionState * 8, 3);
        }
        return 16 + tree(lengths.high, 0, 8);
    }

    private long distance(int length) throws MalformedBinaryException {
        int slot = tree(slots, Math.min(length, LENGTH_STATES - 1) * 64, 6);
        if (slot < 4) {
            return slot;
        }
        int directBits = (slot >> 1) - 1;
        long distance = (2L | (slot & 1)) << directBits;
        if (slot < END_POSITION_MODEL) {
            return distance + reverseTree(distances, (int) distance - slot, directBits);
        }
        distance += (long) direct(directBits - ALIGN_BITS) << ALIGN_BITS;
        return distance + reverseTree(align, 0, ALIGN_BITS);
    }

    private int tree(short[] bits, int at, int count) throws MalformedBinaryException {
        int value = 1;
        for (int i = 0; i < count; i++) {
            value = value << 1 | bit(bits, at + value);
        }
        return value - (1 << count);
    }

    private int reverseTree(short[] bits, int at, int count) throws MalformedBinaryException {
        int node = 1;
        int value = 0;
        for (int i = 0; i < count; i++) {
            int bit = bit(bits, at + node);
            node = node << 1 | bit;
            value |= bit << i;
        }
        return value;
    }

    private int direct(int count) throws MalformedBinaryException {
        int value = 0;
        for (int i = 0; i < count; i++) {
            normalize();
            range >>>= 1;
            int bit = Integer.compareUnsigned(code, range) >= 0 ? 1 : 0;
            code -= bit == 0 ? 0 : range;
            value = value << 1 | bit;
        }
        return value;
    }

    private int bit(short[] bits, int at) throws MalformedBinaryException {
        normalize();
        int probability = bits[at];
        int bound = (range >>> 11) * probability;
        if (Integer.compareUnsigned(code, bound) < 0) {
            range = bound;
            bits[at] = (short) (probability + ((2048 - probability) >> 5));
            return 0;
        }
        range -= bound;
        code -= bound;
        bits[at] = (short) (probability - (probability >> 5));
        return 1;
    }

    private void normalize() throws MalformedBinaryException {
        if ((range & 0xff00_0000) == 0) {
            if (position >= chunkEnd) {
                throw new MalformedBinaryException("an LZMA2 chunk ends too early");
            }
            range <<= 8;
            code = code << 8 | next();
        }
    }

    private int next() {
        return Byte.toUnsignedInt(in[position++]);
    }
}
