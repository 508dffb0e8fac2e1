package io.flarepath.store.chunk;

import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.Envelope;
import io.flarepath.store.encoding.ZstdPool;

/**
 * The profiles of a series and type in a finished window, in order of start and hash: by start and
 * hash a retry is known, and totals over time need nothing else.
 *
 * @param starts starts, nanoseconds since 1970
 * @param hashes of the uploads' ids, or of their contents
 * @param durations lengths in nanoseconds, 0 where not known
 * @param periods values of one sample, 0 where not known
 * @param totals sums of all values
 */
public record Members(
        long[] starts, long[] hashes, long[] durations, long[] periods, long[] totals) {
    private static final int MAGIC = 0xF3E3;
    private static final int LEAST_BYTES = 12;

    /** How many there are. */
    public int count() {
        return starts.length;
    }

    /** Whether a profile is among them. */
    public boolean contains(long start, long hash) {
        for (int i = 0; i < starts.length; i++) {
            if (starts[i] == start && hashes[i] == hash) {
                return true;
            }
        }
        return false;
    }

    /** How many samples a profile is; 0 when the value of one is not known. */
    public long samples(int member) {
        return Chunk.samples(totals[member], periods[member]);
    }

    /** How many samples all of them are. */
    public long samples() {
        long sum = 0;
        for (int i = 0; i < starts.length; i++) {
            sum += samples(i);
        }
        return sum;
    }

    /** Packs the list. */
    public byte[] encode(ZstdPool zstd) {
        long unit = new Rows(new int[0], totals).unit();
        ByteWriter body = new ByteWriter(24 * count());
        deltas(body, starts);
        deltas(body, durations);
        deltas(body, periods);
        for (long total : totals) {
            body.varint(total / unit);
        }
        for (long hash : hashes) {
            body.u64(hash);
        }
        ByteWriter head = new ByteWriter(16).varint(count()).varint(unit);
        return Envelope.seal(MAGIC, head, body, zstd);
    }

    private static void deltas(ByteWriter out, long[] column) {
        long last = 0;
        for (long value : column) {
            long delta = value - last;
            out.varint(delta << 1 ^ delta >> 63);
            last = value;
        }
    }

    /** Opens a stored value; throws {@link CorruptValueException}. */
    public static Members open(byte[] value, ZstdPool zstd) {
        Envelope envelope = Envelope.open(MAGIC, value);
        ByteReader head = envelope.head();
        int count = head.varintUpTo(Integer.MAX_VALUE, "a number of profiles");
        long unit = head.varint();
        ByteReader body = envelope.body(zstd);
        if (unit < 1 || (long) count * LEAST_BYTES > body.remaining()) {
            throw new CorruptValueException(
                    count + " profiles in " + body.remaining() + " bytes, units of " + unit);
        }
        long[] starts = deltas(body, count);
        long[] durations = deltas(body, count);
        long[] periods = deltas(body, count);
        long[] totals = new long[count];
        long sum = 0;
        for (int i = 0; i < count; i++) {
            long units = body.varint();
            if (units < 0 || units > (Long.MAX_VALUE - sum) / unit) {
                throw new CorruptValueException("the totals come to more than 2^63");
            }
            totals[i] = units * unit;
            sum += totals[i];
        }
        long[] hashes = new long[count];
        for (int i = 0; i < count; i++) {
            hashes[i] = body.u64();
        }
        if (body.remaining() > 0) {
            throw new CorruptValueException(body.remaining() + " bytes too many");
        }
        return new Members(starts, hashes, durations, periods, totals);
    }

    private static long[] deltas(ByteReader in, int count) {
        long[] column = new long[count];
        long last = 0;
        for (int i = 0; i < count; i++) {
            long coded = in.varint();
            last += coded >>> 1 ^ -(coded & 1);
            if (last < 0) {
                throw new CorruptValueException("a time or period below 0: " + last);
            }
            column[i] = last;
        }
        return column;
    }
}
