package io.flarepath.store.chunk;

import io.flarepath.store.encoding.BitReader;
import io.flarepath.store.encoding.BitWriter;
import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.Envelope;
import io.flarepath.store.encoding.Rice;
import io.flarepath.store.encoding.ZstdPool;

/**
 * Sums by stack of a stretch of time. Stacks that are hot have small numbers, so the numbers up to
 * a cut are a byte each, 0 where there is no sum; behind it lie distances and sums of the few that
 * are there. Where that is longer, distances and sums of all are in Rice's code instead. Sums are
 * divided by their greatest common divisor.
 */
public final class SumsBlock {
    private static final int MAGIC = 0xF5B5;

    /** More stacks than a dictionary can have; bounds what a hostile file makes us allocate. */
    private static final int MAX_STACKS = 1 << 26;

    /** Numbers are looked at in runs of this many to find the cut. */
    private static final int RUN = 256;

    /** A run with fewer sums than this ends the part of one byte each. */
    private static final int RUN_FULL = RUN * 2 / 5;

    private static final int ESCAPE = 255;

    /** Stands for the cut where rows are coded one by one. */
    private static final int RICE = -1;

    /** With fewer rows the columns have never been shorter. */
    private static final int LEAST_COLUMNS = 512;

    private static final int FIRST_GAP = 1;
    private static final int FIRST_COUNT = 8;

    private final Envelope envelope;
    private final long total;
    private final long samples;
    private final long unit;
    private final int rows;
    private final int cut;

    private SumsBlock(Envelope envelope) {
        this.envelope = envelope;
        ByteReader head = envelope.head();
        total = head.varint();
        samples = head.varint();
        unit = head.varint();
        rows = head.varintUpTo(MAX_STACKS, "a number of rows");
        cut = head.varintUpTo(MAX_STACKS, "a cut") - 1;
        if (total < 0 || samples < 0 || unit < 1) {
            throw new CorruptValueException(
                    "a total of " + total + " in units of " + unit + ", " + samples + " samples");
        }
    }

    /** Packs sums, in the shorter of the two ways. */
    public static byte[] encode(Rows rows, long samples, ZstdPool zstd) {
        long unit = rows.unit();
        ByteWriter rice = rice(rows, unit);
        byte[] shorter = Envelope.seal(MAGIC, head(rows, samples, unit, RICE), rice);
        if (rows.count() < LEAST_COLUMNS) {
            return shorter;
        }
        int cut = cut(rows);
        byte[] other =
                Envelope.seal(
                        MAGIC, head(rows, samples, unit, cut), columns(rows, unit, cut), zstd);
        return other.length < shorter.length ? other : shorter;
    }

    private static ByteWriter head(Rows rows, long samples, long unit, int cut) {
        return new ByteWriter(40)
                .varint(rows.total())
                .varint(samples)
                .varint(unit)
                .varint(rows.count())
                .varint(cut + 1);
    }

    private static ByteWriter rice(Rows rows, long unit) {
        BitWriter out = new BitWriter(rows.count() + 16);
        Rice gaps = new Rice(FIRST_GAP);
        Rice counts = new Rice(FIRST_COUNT);
        int next = 0;
        for (int i = 0; i < rows.count(); i++) {
            gaps.write(out, rows.stacks()[i] - next);
            counts.write(out, rows.values()[i] / unit - 1);
            next = rows.stacks()[i] + 1;
        }
        return out.finish();
    }

    private static ByteWriter columns(Rows rows, long unit, int cut) {
        int count = rows.count();
        ByteWriter dense = new ByteWriter(cut + 2 * count);
        ByteWriter escapes = new ByteWriter(64);
        int at = 0;
        for (int stack = 0; stack < cut; stack++) {
            if (at == count || rows.stacks()[at] != stack) {
                dense.u8(0);
                continue;
            }
            long value = rows.values()[at++] / unit;
            dense.u8((int) Math.min(value, ESCAPE));
            if (value >= ESCAPE) {
                escapes.varint(value - ESCAPE);
            }
        }
        dense.bytes(escapes.array(), 0, escapes.size());
        int last = cut;
        for (int i = at; i < count; i++) {
            dense.varint(rows.stacks()[i] - last);
            last = rows.stacks()[i];
        }
        for (int i = at; i < count; i++) {
            dense.varint(rows.values()[i] / unit);
        }
        return dense;
    }

    private static int cut(Rows rows) {
        int cut = 0;
        int at = 0;
        while (true) {
            int from = at;
            while (at < rows.count() && rows.stacks()[at] < cut + RUN) {
                at++;
            }
            if (at - from < RUN_FULL) {
                return cut;
            }
            cut += RUN;
        }
    }

    /** Opens a stored value; throws {@link CorruptValueException}. */
    public static SumsBlock open(byte[] value) {
        return new SumsBlock(Envelope.open(MAGIC, value));
    }

    /** The sum of all sums. */
    public long total() {
        return total;
    }

    /** How many samples that is, as far as the profiles told the value of one. */
    public long samples() {
        return samples;
    }

    /** Number of stacks that have a sum. */
    public int rows() {
        return rows;
    }

    /** Unpacks the sums and proves their total. */
    public Rows read(ZstdPool zstd) {
        ByteReader body = envelope.body(zstd);
        return cut == RICE ? readRice(body) : readColumns(body);
    }

    private Rows readRice(ByteReader body) {
        // A row takes two bits at least.
        if (rows > 4L * body.remaining()) {
            throw new CorruptValueException(rows + " rows in " + body.remaining() + " bytes");
        }
        int[] stacks = new int[rows];
        long[] counts = new long[rows];
        BitReader in = new BitReader(body);
        Rice gaps = new Rice(FIRST_GAP);
        Rice more = new Rice(FIRST_COUNT);
        int next = 0;
        for (int i = 0; i < rows; i++) {
            long stack = next + gaps.read(in);
            if (stack < 0 || stack >= MAX_STACKS) {
                throw new CorruptValueException("a stack of number " + stack);
            }
            stacks[i] = (int) stack;
            counts[i] = 1 + more.read(in);
            next = (int) stack + 1;
        }
        in.end();
        prove(counts, 0);
        return new Rows(stacks, counts);
    }

    private Rows readColumns(ByteReader body) {
        if (cut > body.remaining() || rows > body.remaining()) {
            throw new CorruptValueException(
                    rows + " rows and a cut of " + cut + " in " + body.remaining() + " bytes");
        }
        int[] stacks = new int[rows];
        long[] counts = new long[rows];
        int at = 0;
        for (int stack = 0; stack < cut; stack++) {
            int value = body.u8();
            if (value > 0) {
                if (at == rows) {
                    throw new CorruptValueException("more than the " + rows + " rows of the head");
                }
                stacks[at] = stack;
                counts[at++] = value;
            }
        }
        for (int i = 0; i < at; i++) {
            if (counts[i] == ESCAPE) {
                counts[i] += body.varint();
            }
        }
        int last = cut;
        for (int i = at; i < rows; i++) {
            last += body.varintUpTo(MAX_STACKS - last, "the number of a stack");
            stacks[i] = last;
        }
        for (int i = at; i < rows; i++) {
            counts[i] = body.varint();
        }
        prove(counts, body.remaining());
        return new Rows(stacks, counts);
    }

    /** Turns counts of units into values. */
    private void prove(long[] counts, int left) {
        long sum = 0;
        for (int i = 0; i < rows; i++) {
            if (counts[i] <= 0 || counts[i] > (total - sum) / unit) {
                throw new CorruptValueException("the rows come to more than their " + total);
            }
            counts[i] *= unit;
            sum += counts[i];
        }
        if (sum != total || left > 0) {
            throw new CorruptValueException("the rows come to " + sum + ", not to " + total);
        }
    }
}
