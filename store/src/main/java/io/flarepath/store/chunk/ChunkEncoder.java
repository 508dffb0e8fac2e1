package io.flarepath.store.chunk;

import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.encoding.Envelope;
import io.flarepath.store.encoding.ZstdPool;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Packs profiles that have the same stacks, one type after the other, for {@link Chunk} to read.
 * The stacks are put in order once; and columns that are those of the type before, as samples and
 * the nanoseconds that they stand for are, are not packed again. One thread.
 */
public final class ChunkEncoder {
    private final int epoch;
    private final ZstdPool zstd;

    /** The number of a stack, then its place. */
    private final long[] order;

    private @Nullable ByteWriter columns;
    private byte @Nullable [] packed;

    /**
     * For profiles of some stacks.
     *
     * @param epoch of the dictionary that numbers them
     * @param stacks numbers of the stacks, any order; equal ones are added up
     */
    public ChunkEncoder(int epoch, int[] stacks, ZstdPool zstd) {
        this.epoch = epoch;
        this.zstd = zstd;
        this.order = new long[stacks.length];
        for (int i = 0; i < order.length; i++) {
            order[i] = (long) stacks[i] << 32 | i;
        }
        Arrays.sort(order);
    }

    /**
     * Packs a profile.
     *
     * @param values of the stacks, not negative; zeros are left out
     */
    public byte[] encode(long[] values, long period, long duration) {
        int[] ids = new int[order.length];
        long[] sums = new long[order.length];
        int rows = 0;
        long total = 0;
        for (long entry : order) {
            long value = values[(int) entry];
            if (value == 0) {
                continue;
            }
            int stack = (int) (entry >>> 32);
            if (rows == 0 || ids[rows - 1] != stack) {
                ids[rows++] = stack;
            }
            sums[rows - 1] += value;
            total += value;
        }
        long unit = 0;
        for (int i = 0; i < rows && unit != 1; i++) {
            unit = Rows.gcd(sums[i], unit);
        }
        ByteWriter head = new ByteWriter(32);
        head.varint(epoch).varint(total).varint(Math.max(1, unit));
        head.varint(period).varint(duration).varint(rows);
        ByteWriter body = columns(ids, sums, rows, Math.max(1, unit));
        if (columns == null || !isSame(columns, body)) {
            packed = Envelope.pack(body, zstd);
            columns = body;
        }
        return Envelope.seal(Chunk.MAGIC, head, body, packed);
    }

    private static boolean isSame(ByteWriter one, ByteWriter other) {
        return Arrays.equals(one.array(), 0, one.size(), other.array(), 0, other.size());
    }

    private static ByteWriter columns(int[] ids, long[] sums, int rows, long unit) {
        ByteWriter body = new ByteWriter(4 * rows);
        for (int i = 0; i < rows; i++) {
            body.varint(i == 0 ? ids[0] : ids[i] - ids[i - 1]);
        }
        for (int i = 0; i < rows; i++) {
            body.varint(sums[i] / unit);
        }
        return body;
    }
}
