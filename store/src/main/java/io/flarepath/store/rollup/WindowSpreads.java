package io.flarepath.store.rollup;

import io.flarepath.store.chunk.Level;
import io.flarepath.store.chunk.RollupKey;
import io.flarepath.store.chunk.Rows;
import io.flarepath.store.chunk.StackSums;
import io.flarepath.store.chunk.SumsBlock;
import io.flarepath.store.chunk.WindowSpread;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Family;
import io.flarepath.store.engine.View;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks spreads over windows with the sums of two hours that they belong to. Where those are
 * damaged they are what the day has and its other hours have not.
 */
public final class WindowSpreads {
    private WindowSpreads() {}

    /**
     * The sums of all columns of a spread.
     *
     * @throws CorruptValueException when the spread is damaged, or its sums, beyond repair
     */
    public static List<Rows> read(View view, RollupKey key, WindowSpread spread, ZstdPool zstd) {
        RollupKey of = key.spreadSums();
        Rows sums;
        try {
            byte[] block = view.get(Family.ROLLUP, of.toBytes());
            if (block == null) {
                throw new CorruptValueException("its sums of two hours are missing");
            }
            sums = SumsBlock.open(block).read(zstd);
        } catch (CorruptValueException e) {
            Rows rest = rest(view, of, zstd);
            if (rest == null || !spread.isOf(rest)) {
                throw e;
            }
            sums = rest;
        }
        return spread.read(sums, zstd);
    }

    /** What a day has beyond its other hours, or null; whether it is that is for its check. */
    private static @Nullable Rows rest(View view, RollupKey of, ZstdPool zstd) {
        int first = Level.TWO_HOURS.firstWindow(of.bucket());
        int day = Level.DAY.bucketOf(first);
        byte[] marker = RollupKey.marker(Level.DAY, day, of.tenant(), of.service());
        if (view.get(Family.ROLLUP, marker) == null) {
            return null;
        }
        try {
            Rows all = sums(view, of, Level.DAY, day, zstd).rows();
            StackSums others = new StackSums();
            int from = Level.TWO_HOURS.bucketOf(Level.DAY.firstWindow(day));
            int until = Level.TWO_HOURS.bucketOf(Level.DAY.firstWindow(day + 1));
            for (int bucket = from; bucket < until; bucket++) {
                if (bucket != of.bucket()) {
                    others.add(sums(view, of, Level.TWO_HOURS, bucket, zstd).rows(), 0);
                }
            }
            return less(all, others);
        } catch (CorruptValueException e) {
            return null; // one of the others is damaged, too: that is told of by who reads it
        }
    }

    private static Rows less(Rows all, StackSums others) {
        int[] stacks = new int[all.count()];
        long[] values = new long[all.count()];
        int count = 0;
        for (int i = 0; i < all.count(); i++) {
            int stack = all.stacks()[i];
            long left = all.values()[i] - (stack < others.size() ? others.get(stack) : 0);
            if (left > 0) {
                stacks[count] = stack;
                values[count++] = left;
            }
        }
        return new Rows(Arrays.copyOf(stacks, count), Arrays.copyOf(values, count));
    }

    /** Sums of a service, or where it has none of its own, of its series. */
    private static StackSums sums(View view, RollupKey of, Level level, int bucket, ZstdPool zstd) {
        StackSums sums = new StackSums();
        try (Cursor cursor = view.scan(Family.ROLLUP)) {
            cursor.seek(
                    RollupKey.first(level, bucket, of.tenant(), of.service(), of.type()),
                    RollupKey.first(level, bucket, of.tenant(), of.service(), of.type() + 1));
            boolean ofService = false;
            while (cursor.next()) {
                RollupKey key = RollupKey.of(cursor.key());
                ofService |= key.group() == RollupKey.SERVICE && key.epoch() == of.epoch();
                boolean counts =
                        key.group() == RollupKey.SERVICE || (!ofService && key.isOfSeries());
                if (counts && key.epoch() == of.epoch()) {
                    SumsBlock block = SumsBlock.open(cursor.value());
                    sums.add(block.read(zstd), block.samples());
                }
            }
        }
        return sums;
    }
}
