package io.flarepath.store.chunk;

import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.Envelope;
import io.flarepath.store.encoding.ZstdPool;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * How the sums of two hours of a service spread over its series and their windows: what a block of
 * each would hold, without the stacks and most of the counts, which the sums of two hours have
 * already. Read as a whole.
 */
public final class WindowSpread {
    private static final int MAGIC = 0xF5B7;

    /** More values than this are left in blocks of their own: one of them is read with all. */
    public static final int MOST_CELLS = 1 << 16;

    private static final int WINDOWS = Level.TWO_HOURS.windows();
    private static final int MOST_GROUPS = 1 << 20;

    /**
     * Sums of a series in a window.
     *
     * @param group the group of the series in keys of sums
     * @param window number of the window in the two hours, from 0
     * @param samples how many samples the sums are, as far as that is known
     * @param rows the sums
     */
    public record Column(int group, int window, long samples, Rows rows) {}

    private final Envelope envelope;
    private final int cells;
    private final long unit;
    private final int sumsCheck;
    private final int[] groups;
    private final int[] windows;
    private final long[] totals;
    private final long[] samples;

    private WindowSpread(Envelope envelope) {
        this.envelope = envelope;
        ByteReader head = envelope.head();
        cells = head.varintUpTo(MOST_CELLS, "a number of values");
        unit = head.varint();
        sumsCheck = head.u32();
        int count = head.varintUpTo(MOST_GROUPS, "a number of series");
        if (unit < 1 || count > head.remaining()) {
            throw new CorruptValueException(count + " series, units of " + unit);
        }
        int[] ofColumn = new int[count * WINDOWS];
        int[] windowOf = new int[count * WINDOWS];
        int columns = 0;
        int group = 0;
        for (int i = 0; i < count; i++) {
            group += 1 + head.varintUpTo(Integer.MAX_VALUE - 1 - group, "the number of a series");
            int mask = head.varintUpTo((1 << WINDOWS) - 1, "windows of a series");
            for (int window = 0; window < WINDOWS; window++) {
                if (((mask >> window) & 1) == 1) {
                    ofColumn[columns] = group;
                    windowOf[columns++] = window;
                }
            }
        }
        groups = Arrays.copyOf(ofColumn, columns);
        windows = Arrays.copyOf(windowOf, columns);
        totals = new long[columns];
        samples = new long[columns];
        long sum = 0;
        for (int i = 0; i < columns; i++) {
            long units = head.varint();
            long coded = head.varint();
            samples[i] = units + (coded >>> 1 ^ -(coded & 1));
            if (units < 0 || units > (Long.MAX_VALUE - sum) / unit || samples[i] < 0) {
                throw new CorruptValueException(
                        "a window of " + units + " units, " + samples[i] + " samples");
            }
            totals[i] = units * unit;
            sum += totals[i];
        }
    }

    /**
     * Packs sums of windows.
     *
     * @param columns in the order of their groups, then windows, each once; with {@link
     *     #MOST_CELLS} rows at most
     * @param sums what they come to together
     */
    public static byte[] encode(List<Column> columns, Rows sums) {
        Detail spread = spread(columns, sums);
        long unit = spread.unit();
        ByteWriter head = new ByteWriter(64 + 6 * columns.size());
        head.varint(spread.cells()).varint(unit).u32(check(sums));
        head.varint(columns.stream().mapToInt(Column::group).distinct().count());
        int last = 0;
        for (int i = 0; i < columns.size(); ) {
            int group = columns.get(i).group();
            int mask = 0;
            for (; i < columns.size() && columns.get(i).group() == group; i++) {
                mask |= 1 << columns.get(i).window();
            }
            head.varint(group - last - 1L).varint(mask);
            last = group;
        }
        for (Column column : columns) {
            long units = column.rows().total() / unit;
            long more = column.samples() - units;
            head.varint(units).varint(more << 1 ^ more >> 63);
        }
        return Envelope.seal(MAGIC, head, spread.bits(columns.size(), unit));
    }

    private static Detail spread(List<Column> columns, Rows sums) {
        int[] starts = new int[sums.count() + 1];
        int[] rowOf = new int[columns.stream().mapToInt(column -> column.rows().count()).sum()];
        int at = 0;
        for (Column column : columns) {
            int row = 0;
            for (int stack : column.rows().stacks()) {
                while (sums.stacks()[row] < stack) {
                    row++;
                }
                starts[row + 1]++;
                rowOf[at++] = row;
            }
        }
        for (int row = 0; row < sums.count(); row++) {
            starts[row + 1] += starts[row];
        }
        int[] next = starts.clone();
        int[] members = new int[rowOf.length];
        long[] values = new long[rowOf.length];
        at = 0;
        for (int i = 0; i < columns.size(); i++) {
            for (long value : columns.get(i).rows().values()) {
                int cell = next[rowOf[at++]]++;
                members[cell] = i;
                values[cell] = value;
            }
        }
        return new Detail(starts, members, values);
    }

    /** Tells these sums from others. */
    private static int check(Rows sums) {
        ByteWriter all = new ByteWriter(12 * sums.count());
        for (int i = 0; i < sums.count(); i++) {
            all.varint(sums.stacks()[i]).varint(sums.values()[i]);
        }
        CRC32C crc = new CRC32C();
        crc.update(all.array(), 0, all.size());
        return (int) crc.getValue();
    }

    /** Opens a stored value; throws {@link CorruptValueException}. */
    public static WindowSpread open(byte[] value) {
        return new WindowSpread(Envelope.open(MAGIC, value));
    }

    /** How many windows of series there are. */
    public int columns() {
        return groups.length;
    }

    /** Values of all columns together. */
    public int cells() {
        return cells;
    }

    /** The group of the series of a column. */
    public int group(int column) {
        return groups[column];
    }

    /** The window of a column, from 0. */
    public int window(int column) {
        return windows[column];
    }

    /** The sum of a column's sums. */
    public long total(int column) {
        return totals[column];
    }

    /** How many samples a column is. */
    public long samples(int column) {
        return samples[column];
    }

    /** The column of a series and a window of the two hours; -1 when there is none. */
    public int find(int group, int window) {
        int from = 0;
        int until = groups.length;
        while (from < until) {
            int middle = (from + until) >>> 1;
            boolean before =
                    groups[middle] < group || (groups[middle] == group && windows[middle] < window);
            from = before ? middle + 1 : from;
            until = before ? until : middle;
        }
        return from < groups.length && groups[from] == group && windows[from] == window ? from : -1;
    }

    /** Whether these are the sums that it spreads. */
    public boolean isOf(Rows sums) {
        return check(sums) == sumsCheck;
    }

    /**
     * Unpacks all columns, in their order, and proves their totals.
     *
     * @param sums those of the two hours
     * @throws CorruptValueException when it is not what was written with these
     */
    public List<Rows> read(Rows sums, ZstdPool zstd) {
        if (!isOf(sums)) {
            throw new CorruptValueException("a spread of other sums of two hours");
        }
        return spread(sums, zstd);
    }

    /** Unpacks what is said to belong to sums. */
    List<Rows> spread(Rows sums, ZstdPool zstd) {
        int columns = groups.length;
        Detail spread = Detail.ofBits(envelope.body(zstd), sums, columns, cells, unit, true);
        int[] counts = new int[columns];
        for (int cell = 0; cell < cells; cell++) {
            counts[spread.member(cell)]++;
        }
        Rows[] rows = new Rows[columns];
        for (int i = 0; i < columns; i++) {
            rows[i] = new Rows(new int[counts[i]], new long[counts[i]]);
        }
        int[] filled = new int[columns];
        for (int row = 0; row < sums.count(); row++) {
            for (int cell = spread.start(row); cell < spread.start(row + 1); cell++) {
                int column = spread.member(cell);
                int at = filled[column]++;
                rows[column].stacks()[at] = sums.stacks()[row];
                rows[column].values()[at] = spread.value(cell);
            }
        }
        for (int i = 0; i < columns; i++) {
            if (rows[i].total() != totals[i]) {
                throw new CorruptValueException(
                        "a window comes to " + rows[i].total() + ", not to " + totals[i]);
            }
        }
        return List.of(rows);
    }
}
