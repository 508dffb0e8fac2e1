package io.flarepath.store.chunk;

import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.Envelope;
import io.flarepath.store.encoding.ZstdPool;

/**
 * The value of one profile. Its head (epoch of the dictionary, total, unit, period, duration, rows)
 * is read without unpacking the columns: distances of stack numbers, then values divided by the
 * unit, which is their greatest common divisor. {@link ChunkEncoder} makes it.
 */
public final class Chunk {
    static final int MAGIC = 0xFC41;

    /**
     * More rows or stacks than a profile can have; bounds what a hostile file makes us allocate.
     */
    private static final int MAX_ROWS = 1 << 26;

    private final Envelope envelope;
    private final int epoch;
    private final long total;
    private final long unit;
    private final long period;
    private final long durationNanos;
    private final int rows;

    private Chunk(Envelope envelope) {
        this.envelope = envelope;
        ByteReader head = envelope.head();
        epoch = head.varintUpTo(Integer.MAX_VALUE, "an epoch");
        total = head.varint();
        unit = head.varint();
        period = head.varint();
        durationNanos = head.varint();
        rows = head.varintUpTo(MAX_ROWS, "a number of rows");
        if (total < 0 || unit < 1) {
            throw new CorruptValueException("a total of " + total + " in units of " + unit);
        }
    }

    /** Opens a stored value; throws {@link CorruptValueException}. */
    public static Chunk open(byte[] value) {
        return new Chunk(Envelope.open(MAGIC, value));
    }

    /** The epoch of the dictionary that numbers the stacks. */
    public int epoch() {
        return epoch;
    }

    /** The sum of all values. */
    public long total() {
        return total;
    }

    /** How many samples the total is; 0 when the value of one is not known. */
    public long samples() {
        return samples(total, period);
    }

    static long samples(long total, long period) {
        return period > 0 ? Math.round((double) total / period) : 0;
    }

    /** Value of one sample, 0 when it is not known. */
    public long period() {
        return period;
    }

    /** Length of the profile, 0 when it is not known. */
    public long durationNanos() {
        return durationNanos;
    }

    /** Number of rows. */
    public int rows() {
        return rows;
    }

    /** Unpacks the rows and proves their total. */
    public Rows read(ZstdPool zstd) {
        ByteReader body = envelope.body(zstd);
        if (rows > body.remaining()) {
            throw new CorruptValueException(
                    rows + " rows in " + body.remaining() + " bytes of columns");
        }
        int[] stacks = new int[rows];
        int last = 0;
        for (int i = 0; i < rows; i++) {
            last += body.varintUpTo(MAX_ROWS - last, "the number of a stack");
            stacks[i] = last;
        }
        long[] values = new long[rows];
        long sum = 0;
        for (int i = 0; i < rows; i++) {
            long count = body.varint();
            if (count < 0 || count > (total - sum) / unit) {
                throw new CorruptValueException("the rows come to more than their " + total);
            }
            values[i] = count * unit;
            sum += values[i];
        }
        if (sum != total || body.remaining() > 0) {
            throw new CorruptValueException("the rows come to " + sum + ", not to " + total);
        }
        return new Rows(stacks, values);
    }
}
