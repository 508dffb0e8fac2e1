package io.flarepath.api.ingest.upload;

import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.profile.SampledThread;
import io.flarepath.store.profile.TimedSamples;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import java.util.function.ToLongFunction;

/**
 * When, and in which threads, the samples of one series of an upload were taken.
 *
 * @param <V> what an upload knows of a stack: sums of one type or of several
 */
public final class TimedParts<V> {
    private static final int BYTES_A_CELL = 140;

    /** How far before its start a profile's samples may lie: clocks differ. */
    private static final long EARLIEST_NANOS = 60_000_000_000L;

    private final Map<Cell, V> cells = new HashMap<>();

    private record Cell(long slot, int thread, int stack) {}

    /** How many cells the series of one upload may have together; samples beyond have no time. */
    public static final class Room {
        private static final int MOST_CELLS = 200_000;

        private int left = MOST_CELLS;
        private long refused;

        private boolean take() {
            if (left > 0) {
                left--;
                return true;
            }
            refused++;
            return false;
        }

        /** Counts the samples whose time had no room. */
        public void tell(Dropped dropped) {
            if (refused > 0) {
                dropped.count("time", refused);
            }
        }
    }

    /**
     * Adds what a stack has in the slot of a time.
     *
     * @param unixNanos nanoseconds since 1970
     * @param thread number of the thread in the upload
     */
    public void add(
            long unixNanos,
            int thread,
            int stack,
            V value,
            BinaryOperator<V> sum,
            Room room,
            UploadMemory memory) {
        Cell cell = new Cell(Math.floorDiv(unixNanos, TimedSamples.SLOT_NANOS), thread, stack);
        V known = cells.get(cell);
        if (known != null) {
            cells.put(cell, sum.apply(known, value));
        } else if (room.take()) {
            memory.charge(BYTES_A_CELL);
            cells.put(cell, value);
        }
    }

    /** Adds what another series has. */
    public void addAll(TimedParts<V> others, BinaryOperator<V> sum) {
        others.cells.forEach((cell, value) -> cells.merge(cell, value, sum));
    }

    /**
     * The samples of one type.
     *
     * @param value of this type
     * @param place of a stack in the profile, below 0 when it has none
     * @param thread a thread by its number in the upload
     * @param startNanos when the profile starts; what lies far before it, or a window behind it, is
     *     nobody's to find and is left out
     * @param aheadNanos how much later than the upload says its samples are counted
     */
    public TimedSamples of(
            ToLongFunction<V> value,
            IntUnaryOperator place,
            IntFunction<SampledThread> thread,
            long startNanos,
            long aheadNanos,
            Dropped dropped) {
        Map<SampledThread, Integer> numbers = new HashMap<>();
        List<SampledThread> threads = new ArrayList<>();
        long[] slots = new long[cells.size()];
        int[] owners = new int[slots.length];
        int[] stacks = new int[slots.length];
        long[] values = new long[slots.length];
        long ahead = Math.floorDiv(aheadNanos, TimedSamples.SLOT_NANOS);
        long first = Math.max(0, startNanos - EARLIEST_NANOS) / TimedSamples.SLOT_NANOS;
        long end = (startNanos + ProfileKey.WINDOW_NANOS) / TimedSamples.SLOT_NANOS;
        int rows = 0;
        int astray = 0;
        for (Map.Entry<Cell, V> each : cells.entrySet()) {
            Cell cell = each.getKey();
            long slot = cell.slot + ahead;
            int at = place.applyAsInt(cell.stack);
            long amount = value.applyAsLong(each.getValue());
            if (at < 0 || amount <= 0) {
                continue;
            }
            if (slot < first || slot >= end) {
                astray++;
                continue;
            }
            slots[rows] = slot;
            owners[rows] =
                    numbers.computeIfAbsent(
                            thread.apply(cell.thread),
                            one -> {
                                threads.add(one);
                                return threads.size() - 1;
                            });
            stacks[rows] = at;
            values[rows++] = amount;
        }
        if (astray > 0) {
            dropped.count("time", astray);
        }
        return new TimedSamples(
                threads,
                Arrays.copyOf(slots, rows),
                Arrays.copyOf(owners, rows),
                Arrays.copyOf(stacks, rows),
                Arrays.copyOf(values, rows));
    }
}
