package io.flarepath.store.chunk;

import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.Envelope;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.profile.SpanSamples;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * What one profile has of single spans, under the profile's own key. The head says which spans and
 * how much of each; the columns are unpacked only for those whose stacks are asked for.
 */
public final class SpanChunk {
    private static final int MAGIC = 0xFE5A;
    private static final int LEAST_HEAD_BYTES = 11;

    /** More than anybody writes; bounds what a hostile file makes us allocate. */
    private static final int MAX_ROWS = 1 << 26;

    private final Envelope envelope;
    private final int epoch;
    private final long unit;
    private final long[] ids;
    private final long[] tracesHigh;
    private final long[] tracesLow;
    private final long[] totals;
    private final int[] rows;

    private SpanChunk(Envelope envelope) {
        this.envelope = envelope;
        ByteReader head = envelope.head();
        epoch = head.varintUpTo(Integer.MAX_VALUE, "an epoch");
        unit = head.varint();
        int spans = head.varintUpTo(head.remaining() / LEAST_HEAD_BYTES, "a number of spans");
        if (unit < 1) {
            throw new CorruptValueException("spans in units of " + unit);
        }
        ids = new long[spans];
        tracesHigh = new long[spans];
        tracesLow = new long[spans];
        totals = new long[spans];
        rows = new int[spans];
        long allRows = 0;
        for (int i = 0; i < spans; i++) {
            ids[i] = head.u64();
            if (head.u8() != 0) {
                tracesHigh[i] = head.u64();
                tracesLow[i] = head.u64();
            }
            totals[i] = head.varint();
            rows[i] = head.varintUpTo(MAX_ROWS, "a number of rows");
            allRows += rows[i];
            if (totals[i] < 0 || allRows > MAX_ROWS) {
                throw new CorruptValueException(
                        "a span with " + totals[i] + " in " + rows[i] + " rows");
            }
        }
    }

    /**
     * Packs what a profile has.
     *
     * @param stacks numbers in the dictionary of the profile's stacks, by their places in it
     */
    public static byte[] encode(int epoch, int[] stacks, List<SpanSamples> spans, ZstdPool zstd) {
        Rows[] columns = new Rows[spans.size()];
        long unit = 0;
        for (int i = 0; i < columns.length; i++) {
            columns[i] = numbered(spans.get(i), stacks);
            unit = Rows.gcd(unit, columns[i].unit());
        }
        unit = Math.max(1, unit);
        ByteWriter head = new ByteWriter(16 + 32 * columns.length);
        ByteWriter body = new ByteWriter(16);
        head.varint(epoch).varint(unit).varint(columns.length);
        for (int i = 0; i < columns.length; i++) {
            SpanSamples span = spans.get(i);
            boolean traced = (span.traceHigh() | span.traceLow()) != 0;
            head.u64(span.spanId()).u8(traced ? 1 : 0);
            if (traced) {
                head.u64(span.traceHigh()).u64(span.traceLow());
            }
            head.varint(columns[i].total()).varint(columns[i].count());
            int last = 0;
            for (int stack : columns[i].stacks()) {
                body.varint(stack - last);
                last = stack;
            }
            for (long value : columns[i].values()) {
                body.varint(value / unit);
            }
        }
        return Envelope.seal(MAGIC, head, body, zstd);
    }

    /** Rows in order of stacks; places of the profile whose stacks are one have one row. */
    private static Rows numbered(SpanSamples span, int[] stacks) {
        int count = span.stacks().length;
        long[] order = new long[count];
        for (int i = 0; i < count; i++) {
            order[i] = (long) stacks[span.stacks()[i]] << 32 | i;
        }
        Arrays.sort(order);
        int[] ids = new int[count];
        long[] sums = new long[count];
        int rows = 0;
        for (long entry : order) {
            long value = span.values()[(int) entry];
            int stack = (int) (entry >>> 32);
            if (value == 0) {
                continue;
            }
            if (rows == 0 || ids[rows - 1] != stack) {
                ids[rows++] = stack;
            }
            sums[rows - 1] += value;
        }
        return new Rows(Arrays.copyOf(ids, rows), Arrays.copyOf(sums, rows));
    }

    /** Opens a stored value; throws {@link CorruptValueException}. */
    public static SpanChunk open(byte[] value) {
        return new SpanChunk(Envelope.open(MAGIC, value));
    }

    /** The epoch of the dictionary that numbers the stacks. */
    public int epoch() {
        return epoch;
    }

    /** How many spans there are. */
    public int spans() {
        return ids.length;
    }

    /** The number of a span. */
    public long spanId(int span) {
        return ids[span];
    }

    /** The higher half of the number of its trace, 0 with the lower when it is not known. */
    public long traceHigh(int span) {
        return tracesHigh[span];
    }

    /** The lower half. */
    public long traceLow(int span) {
        return tracesLow[span];
    }

    /** What a span's values come to. */
    public long total(int span) {
        return totals[span];
    }

    /** Unpacks the rows of some spans, added up, and proves the totals of all that go before. */
    public Rows read(IntPredicate wanted, ZstdPool zstd) {
        ByteReader body = envelope.body(zstd);
        StackSums sums = new StackSums();
        for (int span = 0; span < ids.length; span++) {
            Rows read = read(span, body);
            if (wanted.test(span)) {
                sums.add(read.stacks(), read.values());
            }
        }
        if (body.remaining() > 0) {
            throw new CorruptValueException(body.remaining() + " bytes too many");
        }
        return sums.rows();
    }

    private Rows read(int span, ByteReader body) {
        int count = rows[span];
        if (count > body.remaining()) {
            throw new CorruptValueException(
                    count + " rows in " + body.remaining() + " bytes of columns");
        }
        int[] stacks = new int[count];
        int last = 0;
        for (int i = 0; i < count; i++) {
            last += body.varintUpTo(MAX_ROWS - last, "the number of a stack");
            stacks[i] = last;
        }
        long[] values = new long[count];
        long sum = 0;
        for (int i = 0; i < count; i++) {
            long units = body.varint();
            if (units < 0 || units > (totals[span] - sum) / unit) {
                throw new CorruptValueException("the rows come to more than their " + totals[span]);
            }
            values[i] = units * unit;
            sum += values[i];
        }
        if (sum != totals[span]) {
            throw new CorruptValueException("the rows come to " + sum + ", not to " + totals[span]);
        }
        return new Rows(stacks, values);
    }
}
