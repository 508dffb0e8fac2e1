package io.flarepath.symbolizer.binary;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.PriorityQueue;

/**
 * Collects named ranges, which may overlap, and cuts them into a {@link SymbolTable} where every
 * address has one name: that of the range with the highest priority. Addresses are not negative.
 */
public final class SymbolTableBuilder {
    private long[] starts = new long[256];
    private long[] ends = new long[256];
    private int[] nameOffsets = new int[256];
    private int[] priorities = new int[256];
    private int count;
    private final ByteColumn names = new ByteColumn();

    private long[] outStarts = new long[256];
    private int[] outSizes = new int[256];
    private int[] outNames = new int[256];
    private int outCount;

    /** Adds the ranges of an earlier table, below every range that is added later. */
    public SymbolTableBuilder addAll(SymbolTable table) {
        for (int row = 0; row < table.size(); row++) {
            add(table.start(row), table.length(row), table.name(row), 0);
        }
        return this;
    }

    /** Number of ranges that were added. */
    public int size() {
        return count;
    }

    /** Bytes of the names that were added. */
    public int nameBytes() {
        return names.size();
    }

    /** Adds a range; of ranges that overlap, the higher priority names the address. */
    public void add(long start, long length, String name, int priority) {
        int offset = names.size();
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        names.addAll(bytes, 0, bytes.length);
        names.add((byte) 0);
        addNamed(start, length, offset, priority);
    }

    /** Adds a range that has a number instead of a name, which {@link SymbolTable#tag} gives. */
    public void addTagged(long start, long length, int tag, int priority) {
        addNamed(start, length, tag, priority);
    }

    ByteColumn names() {
        return names;
    }

    /** Adds a range whose name was already appended to {@link #names()}. */
    void addNamed(long start, long length, int nameOffset, int priority) {
        if (count == starts.length) {
            int larger = count * 2;
            starts = Arrays.copyOf(starts, larger);
            ends = Arrays.copyOf(ends, larger);
            nameOffsets = Arrays.copyOf(nameOffsets, larger);
            priorities = Arrays.copyOf(priorities, larger);
        }
        long bounded = Math.min(Math.max(length, 0), 0xffff_ffffL);
        starts[count] = start;
        ends[count] = start > Long.MAX_VALUE - bounded ? Long.MAX_VALUE : start + bounded;
        nameOffsets[count] = nameOffset;
        priorities[count] = priority;
        count++;
    }

    /** The table; the builder must not be used after it. */
    public SymbolTable build() {
        int[] order = RowSort.by(count, (a, b) -> Long.compare(starts[a], starts[b]));
        PriorityQueue<Integer> open =
                new PriorityQueue<>((a, b) ->
                        priorities[a] != priorities[b]
                                ? Integer.compare(priorities[b], priorities[a])
                                : Integer.compare(b, a));
        long position = 0;
        int next = 0;
        while (next < count || !open.isEmpty()) {
            while (!open.isEmpty() && ends[open.peek()] <= position) {
                open.poll();
            }
            if (open.isEmpty()) {
                if (next == count) {
                    break;
                }
                position = starts[order[next]];
            }
            while (next < count && starts[order[next]] <= position) {
                open.add(order[next++]);
            }
            Integer top = open.peek();
            if (top == null || ends[top] <= position) {
                continue;
            }
            long end = ends[top];
            if (next < count) {
                end = Math.min(end, starts[order[next]]);
            }
            emit(position, end, nameOffsets[top]);
            position = end;
        }
        return new SymbolTable(
                Arrays.copyOf(outStarts, outCount),
                Arrays.copyOf(outSizes, outCount),
                Arrays.copyOf(outNames, outCount),
                names.toArray());
    }

    private void emit(long start, long end, int name) {
        int last = outCount - 1;
        if (last >= 0
                && outNames[last] == name
                && outStarts[last] + Integer.toUnsignedLong(outSizes[last]) == start
                && end - outStarts[last] <= 0xffff_ffffL) {
            outSizes[last] = (int) (end - outStarts[last]);
            return;
        }
        if (outCount == outStarts.length) {
            outStarts = Arrays.copyOf(outStarts, outCount * 2);
            outSizes = Arrays.copyOf(outSizes, outCount * 2);
            outNames = Arrays.copyOf(outNames, outCount * 2);
        }
        outStarts[outCount] = start;
        outSizes[outCount] = (int) (end - start);
        outNames[outCount] = name;
        outCount++;
    }
}
