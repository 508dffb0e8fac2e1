package io.flarepath.api.ingest.pprof;

import java.util.Arrays;

/** A growing column of numbers, in pieces, so that a long one is never copied. */
final class LongColumn {
    private static final int SHIFT = 12;
    private static final int PIECE = 1 << SHIFT;

    private final Charged memory;
    private long[][] pieces = {new long[32]};
    private int size;

    LongColumn(Charged memory) {
        this.memory = memory;
    }

    /** Takes all numbers away; the room stays. */
    void clear() {
        size = 0;
    }

    void add(long value) {
        int piece = size >> SHIFT;
        int place = size & (PIECE - 1);
        if (piece == pieces.length || place == pieces[piece].length) {
            grow(piece, place);
        }
        pieces[piece][place] = value;
        size++;
    }

    /** The first piece grows with what it holds; the others are whole from the start. */
    private void grow(int piece, int place) {
        if (place > 0) {
            memory.charge(8L * place);
            pieces[piece] = Arrays.copyOf(pieces[piece], 2 * place);
            return;
        }
        memory.charge(8L * PIECE + 8);
        pieces = Arrays.copyOf(pieces, piece + 1);
        pieces[piece] = new long[PIECE];
    }

    long get(int index) {
        return pieces[index >> SHIFT][index & (PIECE - 1)];
    }

    /** Sets a place, which is added with zeros before it when it is new. */
    void set(int index, long value) {
        while (size < index) {
            add(0);
        }
        if (size == index) {
            add(value);
            return;
        }
        pieces[index >> SHIFT][index & (PIECE - 1)] = value;
    }

    /** A place, 0 when it was never set. */
    long getOrZero(int index) {
        return index < size ? get(index) : 0;
    }

    int size() {
        return size;
    }
}
