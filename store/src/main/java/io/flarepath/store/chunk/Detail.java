package io.flarepath.store.chunk;

import io.flarepath.store.encoding.BitReader;
import io.flarepath.store.encoding.BitWriter;
import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.Envelope;
import io.flarepath.store.encoding.Rice;
import io.flarepath.store.encoding.ZstdPool;
import java.util.Arrays;

/**
 * How the sums of a {@link SumsBlock} spread over the profiles of {@link Members}. The stacks and
 * sums lie in the block alone: here is only what it leaves open. Of each stack: in how many
 * profiles it is, in which, and with what value, unless that follows from the sum.
 */
public final class Detail {
    private static final int MAGIC = 0xFDE8;

    /** Of stores up to version 6, where the numbers of profiles are not told by their bounds. */
    private static final int UNBOUNDED_MAGIC = 0xFDE7;

    private static final int MAX_CELLS = 1 << 25;
    private static final int FIRST_COUNT = 4;

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
        return new Rows(Arrays.copyOf(stacks, rows), Arrays.copyOf(some, rows));
    }

    /** The spread over one profile, which is the sums. */
    static Detail ofOne(Rows sums) {
        int[] starts = new int[sums.count() + 1];
        Arrays.setAll(starts, row -> row);
        return new Detail(starts, new int[sums.count()], sums.values());
    }

    /** The largest number that divides all values. */
    long unit() {
        return new Rows(new int[0], Arrays.copyOf(values, cells())).unit();
    }

    /** Packs the spread over so many profiles. */
    byte[] encode(int memberCount) {
        long unit = unit();
        ByteWriter head = new ByteWriter(24);
        head.varint(starts.length - 1).varint(memberCount).varint(cells()).varint(unit);
        return Envelope.seal(MAGIC, head, bits(memberCount, unit));
    }

    /** What {@link #ofBits} reads. */
    ByteWriter bits(int memberCount, long unit) {
        int rows = starts.length - 1;
        BitWriter body = new BitWriter(cells() + rows);
        BoundedCounts counts = new BoundedCounts();
        for (int row = 0; row < rows; row++) {
            long sum = 0;
            for (int cell = starts[row]; cell < starts[row + 1]; cell++) {
                sum += values[cell] / unit;
            }
            counts.write(body, starts[row + 1] - starts[row], (int) Math.min(memberCount, sum));
            places(body, row, memberCount);
            units(body, row, unit);
        }
        return body.finish();
    }

    /** In which profiles a stack is or, when those are fewer, in which it is not. */
    private void places(BitWriter out, int row, int memberCount) {
        int from = starts[row];
        int count = starts[row + 1] - from;
        boolean present = 2 * count <= memberCount;
        int left = present ? count : memberCount - count;
        int next = 0;
        int cell = from;
        for (int member = 0; member < memberCount && left > 0; member++) {
            boolean is = cell < from + count && members[cell] == member;
            if (is) {
                cell++;
            }
            if (is == present) {
                int others = memberCount - next - left;
                if (left == 1) {
                    Rice.writeUniform(out, member - next, others + 1);
                } else {
                    Rice.write(out, member - next, Rice.shiftFor(others, left + 1));
                }
                left--;
                next = member + 1;
            }
        }
    }

    /** The values of a row but the last, which is what is left of the sum. */
    private void units(BitWriter out, int row, long unit) {
        long left = 0;
        for (int cell = starts[row]; cell < starts[row + 1]; cell++) {
            left += values[cell] / unit - 1;
        }
        for (int cell = starts[row]; cell < starts[row + 1] - 1 && left > 0; cell++) {
            long more = values[cell] / unit - 1;
            Rice.write(out, more, Rice.shiftFor(left, starts[row + 1] - cell));
            left -= more;
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
        boolean bounded = value.length < 2 || new ByteReader(value, 0, 2).u16() != UNBOUNDED_MAGIC;
        Envelope envelope = Envelope.open(bounded ? MAGIC : UNBOUNDED_MAGIC, value);
        ByteReader head = envelope.head();
        int rows = head.varintUpTo(Integer.MAX_VALUE, "a number of rows");
        int profiles = head.varintUpTo(Integer.MAX_VALUE, "a number of profiles");
        int cells = head.varintUpTo(MAX_CELLS, "a number of values");
        long unit = head.varint();
        if (rows != sums.count() || profiles != memberCount) {
            throw new CorruptValueException(
                    String.format(
                            "%d rows of %d profiles where %d of %d belong",
                            rows, profiles, sums.count(), memberCount));
        }
        return ofBits(envelope.body(zstd), sums, memberCount, cells, unit, bounded);
    }

    /**
     * Reads a spread over columns of whatever kind.
     *
     * @param bounded whether the sums bound in how many columns a stack is said to be
     * @throws CorruptValueException when it is not what was written for the sums
     */
    static Detail ofBits(
            ByteReader body, Rows sums, int columns, int cells, long unit, boolean bounded) {
        if (unit < 1 || cells > MAX_CELLS || (long) sums.count() * columns < cells) {
            throw new CorruptValueException(
                    String.format(
                            "%d values of %d rows and %d columns, units of %d",
                            cells, sums.count(), columns, unit));
        }
        Detail detail = new Detail(new int[sums.count() + 1], new int[cells], new long[cells]);
        detail.fill(new BitReader(body), sums, columns, unit, bounded);
        return detail;
    }

    private void fill(BitReader in, Rows sums, int memberCount, long unit, boolean bounded) {
        Rice unbounded = new Rice(FIRST_COUNT);
        BoundedCounts counts = new BoundedCounts();
        for (int row = 0; row < sums.count(); row++) {
            int bound = (int) Math.min(memberCount, sums.values()[row] / unit);
            long count = bounded ? counts.read(in, bound) : 1 + unbounded.read(in);
            if (count < 1 || count > bound || count > members.length - starts[row]) {
                throw new CorruptValueException(
                        "a stack in " + count + " of " + memberCount + " profiles");
            }
            starts[row + 1] = starts[row] + (int) count;
            readPlaces(in, row, memberCount);
            readUnits(in, row, sums.values()[row], unit);
        }
        in.end();
        if (starts[sums.count()] != members.length) {
            throw new CorruptValueException(
                    starts[sums.count()] + " values, not " + members.length);
        }
    }

    private void readPlaces(BitReader in, int row, int memberCount) {
        int cell = starts[row];
        int count = starts[row + 1] - cell;
        boolean present = 2 * count <= memberCount;
        int next = 0;
        for (int left = present ? count : memberCount - count; left > 0; left--) {
            int others = memberCount - next - left;
            long gap =
                    left == 1
                            ? Rice.readUniform(in, others + 1)
                            : Rice.read(in, Rice.shiftFor(others, left + 1));
            if (gap < 0 || gap > others) {
                throw new CorruptValueException("a place behind the last profile");
            }
            int place = next + (int) gap;
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

    private void readUnits(BitReader in, int row, long sum, long unit) {
        int end = starts[row + 1];
        long left = sum / unit - (end - starts[row]);
        if (sum % unit != 0 || left < 0) {
            throw new CorruptValueException("a sum of " + sum + " in units of " + unit);
        }
        for (int cell = starts[row]; cell < end - 1; cell++) {
            long more = left > 0 ? Rice.read(in, Rice.shiftFor(left, end - cell)) : 0;
            if (more < 0 || more > left) {
                throw new CorruptValueException("the values of a row come to more than " + sum);
            }
            values[cell] = (1 + more) * unit;
            left -= more;
        }
        values[end - 1] = (1 + left) * unit;
    }
}
