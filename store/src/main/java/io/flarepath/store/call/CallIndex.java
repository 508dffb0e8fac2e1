package io.flarepath.store.call;

import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.Envelope;
import io.flarepath.store.encoding.ZstdPool;

/** What is looked at before a block is fetched: docs/store-format.md. */
public final class CallIndex {
    private static final int MAGIC = 0xFCA7;

    /** Ten bits for each call's trace, and the words beside. */
    private static final int MOST_BYTES = 1 << 20;

    private final CallSummary summary;
    private final int blockBytes;
    private final byte[] terms;

    private CallIndex(CallSummary summary, int blockBytes, byte[] terms) {
        this.summary = summary;
        this.blockBytes = blockBytes;
        this.terms = terms;
    }

    static byte[] encode(CallSummary summary, int blockBytes, byte[] terms) {
        ByteWriter head = new ByteWriter(48);
        summary.write(head);
        head.varint(blockBytes);
        return Envelope.seal(
                MAGIC, head, new ByteWriter(terms.length).bytes(terms, 0, terms.length));
    }

    /**
     * Reads a value.
     *
     * @throws CorruptValueException when it is none
     */
    public static CallIndex open(byte[] value, ZstdPool zstd) {
        Envelope envelope = Envelope.open(MAGIC, value);
        ByteReader head = envelope.head();
        CallSummary summary = CallSummary.read(head);
        int blockBytes = head.varintUpTo(Envelope.MAX_BODY_BYTES, "the size of a block");
        ByteReader body = envelope.body(zstd);
        if (body.remaining() == 0 || body.remaining() > MOST_BYTES) {
            throw new CorruptValueException("terms of " + body.remaining() + " bytes");
        }
        byte[] terms = new byte[body.remaining()];
        for (int i = 0; i < terms.length; i++) {
            terms[i] = (byte) body.u8();
        }
        return new CallIndex(summary, blockBytes, terms);
    }

    /** What is known of the block. */
    public CallSummary summary() {
        return summary;
    }

    /** Size of the block's value. */
    public int blockBytes() {
        return blockBytes;
    }

    /** Whether the block may have a term. */
    boolean mayHold(long term) {
        return TermFilter.mayHold(terms, term);
    }
}
