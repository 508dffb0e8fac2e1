package io.flarepath.store.dictionary;

import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.Envelope;
import io.flarepath.store.encoding.ZstdPool;

/**
 * One piece of a dictionary: what was added by one write. Its head says from which numbers on, so
 * that a lost piece leaves a hole of known size and never shifts the numbers behind it.
 */
final class DictionaryCodec {
    private static final int MAGIC = 0xFD1C;

    /** More numbers than a dictionary can come to; bounds what a hostile file makes us allocate. */
    private static final int MAX_COUNT = 1 << 26;

    private DictionaryCodec() {}

    /** Everything that was added since {@code from}. */
    static byte[] encode(Dictionary dictionary, Counts from, ZstdPool zstd) {
        Counts until = dictionary.counts();
        ByteWriter head = new ByteWriter(32);
        counts(head, from);
        counts(head, until);
        ByteWriter body = new ByteWriter(1024);
        for (int i = from.strings(); i < until.strings(); i++) {
            body.text(dictionary.string(i));
        }
        rows(body, dictionary.functions, 5, from.functions(), until.functions());
        rows(body, dictionary.frames, 4, from.frames(), until.frames());
        Trie nodes = dictionary.nodes;
        for (int i = from.nodes(); i < until.nodes(); i++) {
            body.varint(i - nodes.parents()[i]);
        }
        for (int i = from.nodes(); i < until.nodes(); i++) {
            body.varint(nodes.labels()[i]);
        }
        for (int i = from.stacks(); i < until.stacks(); i++) {
            body.varint(dictionary.stackNodes[i]);
        }
        return Envelope.seal(MAGIC, head, body, zstd);
    }

    private static void counts(ByteWriter out, Counts counts) {
        out.varint(counts.strings())
                .varint(counts.functions())
                .varint(counts.frames())
                .varint(counts.nodes())
                .varint(counts.stacks());
    }

    private static void rows(ByteWriter out, Rows rows, int width, int from, int until) {
        for (int column = 0; column < width; column++) {
            for (int i = from; i < until; i++) {
                out.varint(rows.cell(i, column));
            }
        }
    }

    /**
     * Adds a piece to a dictionary; what is missing before it is filled with {@link LostPiece}.
     * Nothing is added when the piece is corrupt.
     *
     * @return whether nothing was missing
     */
    static boolean decode(byte[] value, Dictionary into, ZstdPool zstd) {
        Envelope envelope = Envelope.open(MAGIC, value);
        ByteReader head = envelope.head();
        Counts from = counts(head);
        Counts until = counts(head);
        Counts have = into.counts();
        boolean overlaps =
                from.strings() < have.strings()
                        || from.functions() < have.functions()
                        || from.frames() < have.frames()
                        || from.nodes() < have.nodes()
                        || from.stacks() < have.stacks();
        if (overlaps) {
            throw new CorruptValueException("a piece starts at " + from + ", before " + have);
        }
        ByteReader body = envelope.body(zstd);
        Piece piece = Piece.read(body, from, until);
        boolean whole = from.equals(have);
        if (!whole) {
            LostPiece.fill(into, from);
        }
        piece.addTo(into);
        return whole;
    }

    /** How much there is before a piece. */
    static Counts from(byte[] value) {
        return counts(Envelope.open(MAGIC, value).head());
    }

    /** How much there is up to the end of a piece. */
    static Counts until(byte[] value) {
        ByteReader head = Envelope.open(MAGIC, value).head();
        Counts _ = counts(head);
        return counts(head);
    }

    private static Counts counts(ByteReader in) {
        return new Counts(
                in.varintUpTo(MAX_COUNT, "a number of strings"),
                in.varintUpTo(MAX_COUNT, "a number of functions"),
                in.varintUpTo(MAX_COUNT, "a number of frames"),
                in.varintUpTo(MAX_COUNT, "a number of nodes"),
                in.varintUpTo(MAX_COUNT, "a number of stacks"));
    }
}
