package io.flarepath.store.encoding;

/** Appends bits, the first in the highest place of the first byte. One thread. */
public final class BitWriter {
    private final ByteWriter out;
    private long held;
    private int heldBits;

    /** An empty writer with room for some bytes. */
    public BitWriter(int expectedBytes) {
        this.out = new ByteWriter(expectedBytes);
    }

    /** The low bits of a number, at most 32. */
    public BitWriter bits(long value, int count) {
        held = held << count | (value & (1L << count) - 1);
        heldBits += count;
        while (heldBits >= 8) {
            heldBits -= 8;
            out.u8((int) (held >>> heldBits));
        }
        return this;
    }

    /** Fills the last byte with zeros; the bytes. */
    public ByteWriter finish() {
        if (heldBits > 0) {
            bits(0, 8 - heldBits);
        }
        return out;
    }
}
