package io.flarepath.store.encoding;

/**
 * Reads what {@link BitWriter} wrote. Behind the end stand zeros, as many as are asked for; {@link
 * #end()} says whether that was too many. One thread.
 */
public final class BitReader {
    private final ByteReader in;
    private long held;
    private int heldBits;
    private int beyond;

    /** Reads the bytes that are left of a reader. */
    public BitReader(ByteReader in) {
        this.in = in;
    }

    private void fill() {
        while (heldBits <= 56) {
            int next = 0;
            if (in.remaining() > 0) {
                next = in.u8();
            } else {
                beyond++;
            }
            held |= (long) next << (56 - heldBits);
            heldBits += 8;
        }
    }

    /** The next bits as a number, at most 32 of them. */
    public long bits(int count) {
        if (count == 0) {
            return 0;
        }
        if (heldBits < count) {
            fill();
        }
        long value = held >>> (64 - count);
        held <<= count;
        heldBits -= count;
        return value;
    }

    /** How many ones come before the next zero, at most so many; the zero is read if it came. */
    public int ones(int most) {
        if (heldBits <= most) {
            fill();
        }
        int count = Math.min(most, Long.numberOfLeadingZeros(~held));
        int read = count == most ? count : count + 1;
        held <<= read;
        heldBits -= read;
        return count;
    }

    /** Nothing but the zeros that fill the last byte may be left. */
    public void end() {
        int left = heldBits - 8 * beyond;
        if (left < 0) {
            throw new CorruptValueException("the value ends early, by " + -left + " bits");
        }
        if (left >= 8 || in.remaining() > 0 || (left > 0 && held >>> (64 - left) != 0)) {
            throw new CorruptValueException("bits are left behind the end");
        }
    }
}
