package io.flarepath.api.ingest.pprof;

import java.util.Arrays;

/** A growing column of small numbers, in pieces, so that a long one is never copied. */
final class IntColumn {
    private static final int SHIFT = 13;
    private static final int PIECE = 1 << SHIFT;

    private final Charged memory;
    private int[][] pieces = {new int[64]};
    private int size;

    IntColumn(Charged memory) {
        this.memory = memory;
    }

    /** Takes all numbers away; the room stays. */
    void clear() {
        size = 0;
    }

    void add(int value) {
        int piece = size >> SHIFT;
        int place = size & (PIECE - 1);
        if (piece == pieces.length || place == pieces[piece].length) {
            grow(piece, place);
        }
        pieces[piece][place] = value;
        size++;
    }

    /** Adds the first so many of some numbers. */
    void add(int[] values, int count) {
        int done = 0;
        while (done < count) {
            int piece = size >> SHIFT;
            int place = size & (PIECE - 1);
            if (piece == pieces.length || place == pieces[piece].length) {
                grow(piece, place);
            }
            int some = Math.min(count - done, pieces[piece].length - place);
            System.arraycopy(values, done, pieces[piece], place, some);
            done += some;
            size += some;
        }
    }

    /** Copies what lies from a place on. */
    void copy(int from, int[] into, int count) {
        for (int done = 0; done < count; ) {
            int place = (from + done) & (PIECE - 1);
            int some = Math.min(count - done, PIECE - place);
            System.arraycopy(pieces[(from + done) >> SHIFT], place, into, done, some);
            done += some;
        }
    }

    /** Whether the first so many of some numbers lie from a place on. */
    boolean isAt(int from, int[] values, int count) {
        for (int done = 0; done < count; ) {
            int place = (from + done) & (PIECE - 1);
            int some = Math.min(count - done, PIECE - place);
            int[] piece = pieces[(from + done) >> SHIFT];
            if (!Arrays.equals(piece, place, place + some, values, done, done + some)) {
                return false;
            }
            done += some;
        }
        return true;
    }

    /** The first piece grows with what it holds; the others are whole from the start. */
    private void grow(int piece, int place) {
        if (place > 0) {
            memory.charge(4L * place);
            pieces[piece] = Arrays.copyOf(pieces[piece], 2 * place);
            return;
        }
        memory.charge(4L * PIECE + 8);
        pieces = Arrays.copyOf(pieces, piece + 1);
        pieces[piece] = new int[PIECE];
    }

    int get(int index) {
        return pieces[index >> SHIFT][index & (PIECE - 1)];
    }

    int size() {
        return size;
    }
}
