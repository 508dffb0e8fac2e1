package io.flarepath.store.chunk;

import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.Envelope;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.profile.SampledThread;
import io.flarepath.store.profile.TimedSamples;
import java.util.Arrays;
import java.util.Comparator;

/**
 * When, and in which threads, samples of one profile were taken, under the profile's own key. The
 * head says which threads there are and how much of each; rows lie in the body by slot, thread and
 * stack, a column behind another.
 */
public final class FineChunk {
    private static final int MAGIC = 0xFE5B;
    private static final int LEAST_THREAD_BYTES = 3;

    /** More than anybody writes; bounds what a hostile file makes us allocate. */
    private static final int MAX_ROWS = 1 << 24;

    /** No dictionary has as many: what sums them up has a place for each number below. */
    private static final int MAX_STACK = 1 << 26;

    private final Envelope envelope;
    private final int epoch;
    private final long unit;
    private final long firstSlot;
    private final int rows;
    private final SampledThread[] threads;
    private final long[] totals;

    /** Takes rows, in order of slots. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * A row.
         *
         * @param slot tenth of a second since 1970
         * @param thread place among the threads
         * @param stack number in the dictionary
         * @param value above 0, in the sample unit
         */
        void row(long slot, int thread, int stack, long value);
    }

    private FineChunk(Envelope envelope) {
        this.envelope = envelope;
        ByteReader head = envelope.head();
        epoch = head.varintUpTo(Integer.MAX_VALUE, "an epoch");
        unit = head.varint();
        firstSlot = head.varint();
        rows = head.varintUpTo(MAX_ROWS, "a number of rows");
        int count = head.varintUpTo(head.remaining() / LEAST_THREAD_BYTES, "a number of threads");
        if (unit < 1 || firstSlot < 0) {
            throw new CorruptValueException(
                    "timed samples from slot " + firstSlot + " on in units of " + unit);
        }
        threads = new SampledThread[count];
        totals = new long[count];
        for (int i = 0; i < count; i++) {
            threads[i] = new SampledThread(head.varint(), head.text());
            totals[i] = head.varint();
            if (totals[i] < 0) {
                throw new CorruptValueException("a thread with " + totals[i]);
            }
        }
    }

    /**
     * Packs what a profile has.
     *
     * @param stacks numbers in the dictionary of the profile's stacks, by their places in it
     */
    public static byte[] encode(int epoch, int[] stacks, TimedSamples timed, ZstdPool zstd) {
        int count = timed.rows();
        Integer[] order = new Integer[count];
        long[] totals = new long[timed.threads().size()];
        long unit = 0;
        for (int i = 0; i < count; i++) {
            order[i] = i;
            totals[timed.owners()[i]] += timed.values()[i];
            unit = Rows.gcd(unit, timed.values()[i]);
        }
        unit = Math.max(1, unit);
        Arrays.sort(
                order,
                Comparator.comparingLong((Integer i) -> timed.slots()[i])
                        .thenComparingInt(i -> timed.owners()[i])
                        .thenComparingInt(i -> stacks[timed.stacks()[i]]));
        long first = count == 0 ? 0 : timed.slots()[order[0]];
        ByteWriter head = new ByteWriter(32 + 24 * totals.length);
        head.varint(epoch).varint(unit).varint(first).varint(count).varint(totals.length);
        for (int i = 0; i < totals.length; i++) {
            SampledThread thread = timed.threads().get(i);
            head.varint(thread.id()).text(thread.name()).varint(totals[i]);
        }
        ByteWriter body = new ByteWriter(16 + 5 * count);
        long slot = first;
        for (int i : order) {
            body.varint(timed.slots()[i] - slot);
            slot = timed.slots()[i];
        }
        for (int i : order) {
            body.varint(timed.owners()[i]);
        }
        for (int i : order) {
            body.varint(stacks[timed.stacks()[i]]);
        }
        for (int i : order) {
            body.varint(timed.values()[i] / unit);
        }
        return Envelope.seal(MAGIC, head, body, zstd);
    }

    /** Opens a stored value; throws {@link CorruptValueException}. */
    public static FineChunk open(byte[] value) {
        return new FineChunk(Envelope.open(MAGIC, value));
    }

    /** The epoch of the dictionary that numbers the stacks. */
    public int epoch() {
        return epoch;
    }

    /** How many rows there are. */
    public int rows() {
        return rows;
    }

    /** How many threads there are. */
    public int threads() {
        return threads.length;
    }

    /** A thread. */
    public SampledThread thread(int place) {
        return threads[place];
    }

    /**
     * Unpacks all rows and gives them, once they are proved to come to the totals of their threads.
     */
    public void read(ZstdPool zstd, Visitor visitor) {
        ByteReader body = envelope.body(zstd);
        if (rows > body.remaining() / 4) {
            throw new CorruptValueException(
                    rows + " rows in " + body.remaining() + " bytes of columns");
        }
        long[] slots = new long[rows];
        long slot = firstSlot;
        for (int i = 0; i < rows; i++) {
            slot += body.varintUpTo(Integer.MAX_VALUE, "a step between slots");
            slots[i] = slot;
        }
        int[] owners = new int[rows];
        for (int i = 0; i < rows; i++) {
            owners[i] = body.varintUpTo(threads.length - 1, "the place of a thread");
        }
        int[] stacks = new int[rows];
        for (int i = 0; i < rows; i++) {
            stacks[i] = body.varintUpTo(MAX_STACK, "the number of a stack");
        }
        long[] values = new long[rows];
        long[] sums = new long[threads.length];
        for (int i = 0; i < rows; i++) {
            long units = body.varint();
            long left = totals[owners[i]] - sums[owners[i]];
            if (units < 1 || units > left / unit) {
                throw new CorruptValueException(
                        "the rows of a thread come to more than its " + totals[owners[i]]);
            }
            values[i] = units * unit;
            sums[owners[i]] += values[i];
        }
        if (!Arrays.equals(sums, totals) || body.remaining() > 0) {
            throw new CorruptValueException(
                    "the rows of threads come to less than they must, or "
                            + body.remaining()
                            + " bytes are too many");
        }
        for (int i = 0; i < rows; i++) {
            visitor.row(slots[i], owners[i], stacks[i], values[i]);
        }
    }
}
