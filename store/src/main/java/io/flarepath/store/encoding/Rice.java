package io.flarepath.store.encoding;

/**
 * Numbers in as many bits as numbers like those before them need: the high part in ones and a zero,
 * the low bits as they are. How many low bits there are follows the running mean (adaptive
 * Golomb-Rice coding). Needs no tables, which short values would have to carry. One thread.
 */
public final class Rice {
    /** High parts from here on are written another way: a wild number must not take a megabyte. */
    private static final int ESCAPE = 24;

    /** The mean forgets by half after so many. */
    private static final int MEMORY = 32;

    private static final int LARGEST_SHIFT = 31;
    private static final int WIDTH_BITS = 6;

    private long sum;
    private int count = 1;
    private int shift;

    /** Starts with a guess of the mean. */
    public Rice(int expectedMean) {
        this.sum = expectedMean;
        this.shift = shiftFor(sum, count);
    }

    private void learn(long value) {
        sum += Math.min(value, 1L << 40);
        if (++count == MEMORY) {
            sum >>>= 1;
            count >>>= 1;
        }
        while (shift < LARGEST_SHIFT && ((3L * count) << shift) < 2 * sum) {
            shift++;
        }
        while (shift > 0 && ((3L * count) << (shift - 1)) >= 2 * sum) {
            shift--;
        }
    }

    /** Appends a number, not negative. */
    public void write(BitWriter out, long value) {
        write(out, value, shift);
        learn(value);
    }

    /** Reads the next number. */
    public long read(BitReader in) {
        long value = read(in, shift);
        learn(value);
        return value;
    }

    /** Appends a number with a number of low bits that both sides know. */
    public static void write(BitWriter out, long value, int shift) {
        long high = value >>> shift;
        if (high < ESCAPE) {
            out.bits(((1L << high) - 1) << 1, (int) high + 1).bits(value, shift);
            return;
        }
        int width = Math.max(1, 64 - Long.numberOfLeadingZeros(value));
        out.bits((1L << ESCAPE) - 1, ESCAPE).bits(width, WIDTH_BITS);
        if (width > 32) {
            out.bits(value >>> 32, width - 32);
        }
        out.bits(value, Math.min(32, width));
    }

    /** Reads a number with a number of low bits that both sides know. */
    public static long read(BitReader in, int shift) {
        int high = in.ones(ESCAPE);
        if (high < ESCAPE) {
            return (long) high << shift | in.bits(shift);
        }
        int width = (int) in.bits(WIDTH_BITS);
        if (width == 0) {
            throw new CorruptValueException("a number of 0 bits");
        }
        long value = width > 32 ? in.bits(width - 32) << 32 : 0;
        return value | in.bits(Math.min(32, width));
    }

    /** Appends one of so many numbers, all as likely: the first of them take a bit less. */
    public static void writeUniform(BitWriter out, int value, int below) {
        int width = 32 - Integer.numberOfLeadingZeros(below - 1);
        int shorter = (1 << width) - below;
        if (value < shorter) {
            out.bits(value, width - 1);
        } else {
            out.bits(value + shorter, width);
        }
    }

    /** Reads one of so many numbers. */
    public static int readUniform(BitReader in, int below) {
        int width = 32 - Integer.numberOfLeadingZeros(below - 1);
        if (width == 0) {
            return 0;
        }
        int shorter = (1 << width) - below;
        int value = (int) in.bits(width - 1);
        return value < shorter ? value : (value << 1 | (int) in.bits(1)) - shorter;
    }

    /** The low bits that suit numbers of a mean, given as a fraction. */
    public static int shiftFor(long sum, long count) {
        // Top bits are brought to the same place; then one more is all that may be missing.
        long few = 3 * count;
        int shift =
                Math.max(0, Long.numberOfLeadingZeros(few) - Long.numberOfLeadingZeros(2 * sum));
        return Math.min(LARGEST_SHIFT, few << shift < 2 * sum ? shift + 1 : shift);
    }
}
