package io.flarepath.store.dictionary;

import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.CorruptValueException;

/** A piece of a dictionary, read and checked in full before any of it is taken. */
final class Piece {
    private final String[] strings;
    private final long[] functions;
    private final long[] frames;
    private final int[] parents;
    private final int[] labels;
    private final int[] stacks;

    private Piece(ByteReader in, Counts from, Counts until) {
        strings = new String[count(in, from.strings(), until.strings())];
        for (int i = 0; i < strings.length; i++) {
            strings[i] = in.text();
        }
        int[] stringsOnly = {until.strings(), until.strings(), until.strings(), until.strings()};
        functions = rows(in, 5, from.functions(), until.functions(), stringsOnly);
        frames = rows(in, 4, from.frames(), until.frames(), new int[] {until.functions()});
        parents = new int[count(in, from.nodes(), until.nodes())];
        for (int i = 0; i < parents.length; i++) {
            int node = from.nodes() + i;
            parents[i] = node - in.varintUpTo(node, "the distance of a parent");
            if (parents[i] == node) {
                throw new CorruptValueException("node " + node + " is its own parent");
            }
        }
        labels = numbers(in, parents.length, until.frames());
        stacks = numbers(in, count(in, from.stacks(), until.stacks()), until.nodes());
        if (in.remaining() > 0) {
            throw new CorruptValueException(in.remaining() + " bytes too many");
        }
    }

    static Piece read(ByteReader in, Counts from, Counts until) {
        return new Piece(in, from, until);
    }

    /** Every entry takes a byte at least: more of them than bytes is a lie. */
    private static int count(ByteReader in, int from, int until) {
        int count = until - from;
        if (count < 0 || count > in.remaining()) {
            throw new CorruptValueException(
                    count + " entries where " + in.remaining() + " bytes are left");
        }
        return count;
    }

    private static int[] numbers(ByteReader in, int count, int below) {
        int[] numbers = new int[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = in.varintUpTo(below - 1, "a reference");
        }
        return numbers;
    }

    /** All rows, one behind another. */
    private static long[] rows(ByteReader in, int width, int from, int until, int[] bounds) {
        long[] cells = new long[width * count(in, from, until)];
        for (int column = 0; column < width; column++) {
            for (int at = column; at < cells.length; at += width) {
                cells[at] =
                        column < bounds.length
                                ? in.varintUpTo(bounds[column] - 1, "a reference")
                                : in.varint();
            }
        }
        return cells;
    }

    void addTo(Dictionary into) {
        for (String text : strings) {
            into.appendString(text);
        }
        into.functions.appendAll(functions);
        into.frames.appendAll(frames);
        for (int i = 0; i < parents.length; i++) {
            into.nodes.append(parents[i], labels[i]);
        }
        for (int node : stacks) {
            into.appendStack(node);
        }
    }
}
