package io.flarepath.store.chunk;

import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Family;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Profiles of one series, type, window and epoch on their way from values of their own into three
 * that hold all of them: the list, the sums, the spread. One thread.
 */
public final class WindowPart {
    /** More values than this do not go into one part: it is unpacked as a whole. */
    public static final int MOST_CELLS = 1 << 20;

    /** Parts whose totals are below this can be added up. */
    public static final long MOST_TOTAL = 1L << 61;

    private long[] starts = new long[64];
    private long[] hashes = new long[64];
    private long[] durations = new long[64];
    private long[] periods = new long[64];
    private long[] totals = new long[64];
    private int members;
    private int[] stacks = new int[1024];
    private int[] memberOf = new int[1024];
    private long[] values = new long[1024];
    private int cells;
    private long total;
    private @Nullable Built built;

    /** Adds a profile. */
    public void add(ProfileKey key, Chunk chunk, Rows rows) {
        int member =
                addMember(
                        key.startNanos(),
                        key.hash(),
                        chunk.durationNanos(),
                        chunk.period(),
                        chunk.total());
        for (int i = 0; i < rows.count(); i++) {
            addCell(rows.stacks()[i], member, rows.values()[i]);
        }
    }

    /** Adds a part that was stored before; a list of one profile has no spread. */
    public void add(Members list, Rows sums, @Nullable Detail spread) {
        Detail detail = spread == null ? Detail.ofOne(sums) : spread;
        int before = members;
        for (int i = 0; i < list.count(); i++) {
            int _ =
                    addMember(
                            list.starts()[i],
                            list.hashes()[i],
                            list.durations()[i],
                            list.periods()[i],
                            list.totals()[i]);
        }
        for (int row = 0; row < sums.count(); row++) {
            for (int cell = detail.start(row); cell < detail.start(row + 1); cell++) {
                addCell(sums.stacks()[row], before + detail.member(cell), detail.value(cell));
            }
        }
    }

    private int addMember(long start, long hash, long duration, long period, long sum) {
        if (members == starts.length) {
            starts = Arrays.copyOf(starts, members * 2);
            hashes = Arrays.copyOf(hashes, members * 2);
            durations = Arrays.copyOf(durations, members * 2);
            periods = Arrays.copyOf(periods, members * 2);
            totals = Arrays.copyOf(totals, members * 2);
        }
        starts[members] = start;
        hashes[members] = hash;
        durations[members] = duration;
        periods[members] = period;
        totals[members] = sum;
        built = null;
        total += sum;
        return members++;
    }

    private void addCell(int stack, int member, long value) {
        if (cells == stacks.length) {
            stacks = Arrays.copyOf(stacks, cells * 2);
            memberOf = Arrays.copyOf(memberOf, cells * 2);
            values = Arrays.copyOf(values, cells * 2);
        }
        stacks[cells] = stack;
        memberOf[cells] = member;
        values[cells++] = value;
    }

    /** Whether it holds nothing. */
    public boolean isEmpty() {
        return members == 0;
    }

    /** Whether it is as large as a part should become. */
    public boolean isFull() {
        return cells >= MOST_CELLS || members >= MOST_CELLS || total >= MOST_TOTAL;
    }

    /** The sums by stack. */
    public Rows sums() {
        return built().sums;
    }

    /** How many samples the profiles are. */
    public long samples() {
        long sum = 0;
        for (int i = 0; i < members; i++) {
            sum += Chunk.samples(totals[i], periods[i]);
        }
        return sum;
    }

    /** Puts the list, the sums and the spread into a batch. */
    public void stage(Batch batch, DetailKey key, ZstdPool zstd) {
        Built all = built();
        batch.put(Family.MEMBERS, key.toBytes(), all.list.encode(zstd));
        if (members > 1) {
            batch.put(Family.DETAIL, key.toBytes(), all.detail.encode(members));
        }
        batch.put(Family.ROLLUP, key.sums().toBytes(), SumsBlock.encode(all.sums, samples(), zstd));
    }

    private record Built(Members list, Rows sums, Detail detail) {}

    private Built built() {
        Built known = built;
        if (known == null) {
            known = build();
            built = known;
        }
        return known;
    }

    private Built build() {
        int[] order =
                IntStream.range(0, members)
                        .boxed()
                        .sorted(
                                Comparator.comparingLong((Integer i) -> starts[i])
                                        .thenComparingLong(i -> hashes[i]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        int[] rank = new int[members];
        for (int place = 0; place < members; place++) {
            rank[order[place]] = place;
        }
        int[] ranks = new int[cells];
        for (int cell = 0; cell < cells; cell++) {
            ranks[cell] = rank[memberOf[cell]];
        }
        int[] all = new int[cells];
        Arrays.setAll(all, cell -> cell);
        int[] byMember = stably(all, ranks, members);
        int most = 0;
        for (int cell = 0; cell < cells; cell++) {
            most = Math.max(most, stacks[cell] + 1);
        }
        int[] byStack = stably(byMember, stacks, most);
        return laidOut(order, ranks, byStack);
    }

    /** Sorts cells by a number that each has, keeping the order of those with the same. */
    private static int[] stably(int[] cells, int[] numbers, int below) {
        int[] places = new int[below + 1];
        for (int cell : cells) {
            places[numbers[cell] + 1]++;
        }
        for (int i = 0; i < below; i++) {
            places[i + 1] += places[i];
        }
        int[] sorted = new int[cells.length];
        for (int cell : cells) {
            sorted[places[numbers[cell]]++] = cell;
        }
        return sorted;
    }

    private Built laidOut(int[] order, int[] ranks, int[] byStack) {
        int rows = 0;
        for (int i = 0; i < cells; i++) {
            if (i == 0 || stacks[byStack[i]] != stacks[byStack[i - 1]]) {
                rows++;
            }
        }
        int[] rowStacks = new int[rows];
        long[] sums = new long[rows];
        int[] rowStarts = new int[rows + 1];
        int[] cellMembers = new int[cells];
        long[] cellValues = new long[cells];
        int row = -1;
        for (int i = 0; i < cells; i++) {
            int cell = byStack[i];
            if (row < 0 || rowStacks[row] != stacks[cell]) {
                row++;
                rowStacks[row] = stacks[cell];
                rowStarts[row] = i;
            }
            sums[row] += values[cell];
            cellMembers[i] = ranks[cell];
            cellValues[i] = values[cell];
        }
        rowStarts[rows] = cells;
        Members list =
                new Members(
                        ordered(order, starts),
                        ordered(order, hashes),
                        ordered(order, durations),
                        ordered(order, periods),
                        ordered(order, totals));
        return new Built(
                list, new Rows(rowStacks, sums), new Detail(rowStarts, cellMembers, cellValues));
    }

    private static long[] ordered(int[] order, long[] column) {
        long[] ordered = new long[order.length];
        for (int i = 0; i < order.length; i++) {
            ordered[i] = column[order[i]];
        }
        return ordered;
    }
}
