package io.flarepath.store.chunk;

import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.Envelope;
import io.flarepath.store.encoding.ZstdPool;

/**
 * How the sums of a {@link SumsBlock} spread over the profiles of {@link Members}. The stacks and
 * sums lie in the block alone: here is only what it leaves open. Of each stack: in how many
 * profiles it is, in which, and with what value, unless that follows from the sum.
 */
public final class Detail {
    private static final int MAGIC = 0xFDE7;
    private static final int MAX_CELLS = 1 << 25;

    /** Where the cells of each row start; one more than there are rows. */
    private final int[] starts;

    /** The profile of each cell. */
    private final int[] members;

    /** The value of each cell. */
    private final long[] values;

    /**
     * A spread.
     *
     * @param starts where the cells of each row start, and the end of the last
     * @param members the profile of each cell, ascending within a row
     * @param values the value of each cell, above 0
     */
    Detail(int[] starts, int[] members, long[] values) {
        this.starts = starts;
        this.members = members;
        this.values = values;
    }

    /** Where the cells of a row start; the row may be the count of rows. */
    public int start(int row) {
        return starts[row];
    }

    /** The profile of a cell. */
    public int member(int cell) {
        return members[cell];
    }

    /** The value of a cell. */
    public long value(int cell) {
        return values[cell];
    }

    /** How many cells there are: stacks of profiles, that is. */
    public int cells() {
        return starts[starts.length - 1];
    }

    /** The rows that come of some of the profiles. */
    public Rows of(Rows sums, boolean[] wanted) {
        int[] stacks = new int[sums.count()];
        long[] some = new long[sums.count()];
        int rows = 0;
        for (int row = 0; row < sums.count(); row++) {
            long sum = 0;
            for (int cell = starts[row]; cell < starts[row + 1]; cell++) {
                if (wanted[members[cell]]) {
                    sum += values[cell];
                }
            }
            if (sum > 0) {
                stacks[rows] = sums.stacks()[row];
                some[rows++] = sum;
            }
        }
        return new Rows(java.util.Arrays.copyOf(stacks, rows), java.util.Arrays.copyOf(some, rows));
    }

    /** Packs the spread over so many profiles. */
    byte[] encode(int memberCount, ZstdPool zstd) {
        int rows = starts.length - 1;
        long unit = new Rows(new int[0], java.util.Arrays.copyOf(values, cells())).unit();
        ByteWriter body = new ByteWriter(2 * cells() + rows);
        for (int row = 0; row < rows; row++) {
            body.varint(starts[row + 1] - starts[row] - 1);
        }
        for (int row = 0; row < rows; row++) {
            if (starts[row + 1] - starts[row] == 1 && memberCount > 1) {
                body.varint(members[starts[row]]);
            }
        }
        for (int row = 0; row < rows; row++) {
            if (starts[row + 1] - starts[row] > 1) {
                places(body, row, memberCount);
            }
        }
        for (int row = 0; row < rows; row++) {
            counts(body, row, unit);
        }
        ByteWriter head = new ByteWriter(24);
        head.varint(rows).varint(memberCount).varint(cells()).varint(unit);
        return Envelope.seal(MAGIC, head, body, zstd);
    }

    /** In which profiles a stack is or, when those are fewer, in which it is not. */
    private void places(ByteWriter out, int row, int memberCount) {
        int from = starts[row];
        int until = starts[row + 1];
        int next = 0;
        if (2 * (until - from) <= memberCount) {
            for (int cell = from; cell < until; cell++) {
                out.varint(members[cell] - next);
                next = members[cell] + 1;
            }
            return;
        }
        int cell = from;
        for (int member = 0; member < memberCount; member++) {
            if (cell < until && members[cell] == member) {
                cell++;
            } else {
                out.varint(member - next);
                next = member + 1;
            }
        }
    }

    /** The values of a row but the last, which is what is left of the sum. */
    private void counts(ByteWriter out, int row, long unit) {
        int from = starts[row];
        int until = starts[row + 1];
        long units = 0;
        for (int cell = from; cell < until; cell++) {
            units += values[cell] / unit;
        }
        if (units > until - from) {
            for (int cell = from; cell < until - 1; cell++) {
                out.varint(values[cell] / unit - 1);
            }
        }
    }

    /**
     * Opens a stored value.
     *
     * @param sums the block that it belongs to
     * @param memberCount number of profiles of the list that it belongs to
     * @throws CorruptValueException when it is not what was written with the two
     */
    public static Detail open(byte[] value, Rows sums, int memberCount, ZstdPool zstd) {
        Envelope envelope = Envelope.open(MAGIC, value);
        ByteReader head = envelope.head();
        int rows = head.varintUpTo(Integer.MAX_VALUE, "a number of rows");
        int profiles = head.varintUpTo(Integer.MAX_VALUE, "a number of profiles");
        int cells = head.varintUpTo(MAX_CELLS, "a number of values");
        long unit = head.varint();
        ByteReader body = envelope.body(zstd);
        if (rows != sums.count() || profiles != memberCount || unit < 1) {
            throw new CorruptValueException(
                    String.format(
                            "%d rows of %d profiles where %d of %d belong, units of %d",
                            rows, profiles, sums.count(), memberCount, unit));
        }
        if (rows > body.remaining() || (long) rows * memberCount < cells) {
            throw new CorruptValueException(
                    cells + " values of " + rows + " rows in " + body.remaining() + " bytes");
        }
        int[] starts = new int[rows + 1];
        for (int row = 0; row < rows; row++) {
            int more = body.varintUpTo(memberCount - 1, "a number of profiles");
            starts[row + 1] = Math.addExact(starts[row], more + 1);
            if (starts[row + 1] > cells) {
                throw new CorruptValueException("more than the " + cells + " values of the head");
            }
        }
        if (starts[rows] != cells) {
            throw new CorruptValueException(starts[rows] + " values, not " + cells);
        }
        int[] members = members(body, starts, memberCount);
        long[] values = values(body, starts, sums, unit);
        if (body.remaining() > 0) {
            throw new CorruptValueException(body.remaining() + " bytes too many");
        }
        return new Detail(starts, members, values);
    }

    private static int[] members(ByteReader in, int[] starts, int memberCount) {
        int[] members = new int[starts[starts.length - 1]];
        for (int row = 0; row < starts.length - 1; row++) {
            if (starts[row + 1] - starts[row] == 1 && memberCount > 1) {
                members[starts[row]] = in.varintUpTo(memberCount - 1, "a profile");
            }
        }
        for (int row = 0; row < starts.length - 1; row++) {
            int count = starts[row + 1] - starts[row];
            if (count == 1) {
                continue;
            }
            boolean present = 2 * count <= memberCount;
            int next = 0;
            int cell = starts[row];
            for (int i = present ? count : memberCount - count; i > 0; i--) {
                int place = next + in.varintUpTo(memberCount - 1 - next, "the place of a profile");
                if (present) {
                    members[cell++] = place;
                } else {
                    while (next < place) {
                        members[cell++] = next++;
                    }
                }
                next = place + 1;
            }
            while (!present && next < memberCount) {
                members[cell++] = next++;
            }
        }
        return members;
    }

    private static long[] values(ByteReader in, int[] starts, Rows sums, long unit) {
        long[] values = new long[starts[starts.length - 1]];
        for (int row = 0; row < starts.length - 1; row++) {
            int from = starts[row];
            int last = starts[row + 1] - 1;
            long units = sums.values()[row] / unit;
            if (units * unit != sums.values()[row] || units < last - from + 1) {
                throw new CorruptValueException(
                        "a sum of " + sums.values()[row] + " in units of " + unit);
            }
            boolean told = units > last - from + 1;
            for (int cell = from; cell < last; cell++) {
                long count = 1;
                if (told) {
                    count += in.varint();
                }
                // One unit at least must be left for each that follows.
                if (count < 1 || count > units - (last - cell)) {
                    throw new CorruptValueException(
                            "the values of a row come to more than " + sums.values()[row]);
                }
                values[cell] = count * unit;
                units -= count;
            }
            values[last] = units * unit;
        }
        return values;
    }
}
