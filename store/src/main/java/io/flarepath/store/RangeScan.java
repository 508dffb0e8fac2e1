package io.flarepath.store;

import io.flarepath.store.chunk.BucketMarker;
import io.flarepath.store.chunk.Chunk;
import io.flarepath.store.chunk.Detail;
import io.flarepath.store.chunk.DetailKey;
import io.flarepath.store.chunk.Level;
import io.flarepath.store.chunk.Members;
import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.chunk.RollupKey;
import io.flarepath.store.chunk.Rows;
import io.flarepath.store.chunk.SumsBlock;
import io.flarepath.store.chunk.WindowSpread;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Family;
import io.flarepath.store.engine.View;
import io.flarepath.store.index.Selected;
import io.flarepath.store.index.Series;
import io.flarepath.store.query.Allowance;
import io.flarepath.store.query.TimeRange;
import io.flarepath.store.retention.KeptFrom;
import io.flarepath.store.rollup.WindowSpreads;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Walks over what selected series of one service and type have in a range, in as few values as
 * cover it: sums of days and of two hours where those are whole, sums of windows, and at the edges
 * and of windows that are not over, profiles. Everything is seen as it was at one moment. One
 * thread.
 */
final class RangeScan {
    /** Takes what is found. Each profile is in exactly one call. */
    interface Visitor {
        /**
         * Values of profiles that started from an instant on, all within the same step.
         *
         * @param selected the series, or one of those that are given together
         * @param rows null when the scan was told to leave them
         */
        void found(
                Selected selected,
                int epoch,
                long startNanos,
                long total,
                long samples,
                @Nullable Rows rows);
    }

    private static final Level[] COARSE_FIRST = {Level.DAY, Level.TWO_HOURS};

    private final View view;
    private final ZstdPool zstd;
    private final Damage damage;
    private final KeptFrom kept;
    private final int tenant;
    private final List<Selected> selected;
    private final List<SummedSeries> summed;
    private final TimeRange range;
    private final long stepsFrom;
    private final long stepNanos;
    private final boolean wantsRows;
    private final Visitor visitor;
    private final Allowance allowance;
    private final int service;
    private final int type;
    private int from;
    private int end;
    private int at;
    private List<Integer> single = List.of();
    private int singleDone;

    /** What windows of two hours have together. */
    private List<Packed> packed = List.of();

    private int packedOf = -1;

    /**
     * A scan.
     *
     * @param selected series of one service with one type, at least one
     * @param summed the same, divided into those that may be given together
     * @param stepsFromNanos where the first step begins, at or before the range
     * @param stepNanos no value is given that covers more than one step
     * @param wantsRows whether totals alone will do
     */
    RangeScan(
            View view,
            ZstdPool zstd,
            Damage damage,
            KeptFrom kept,
            int tenant,
            List<Selected> selected,
            List<SummedSeries> summed,
            TimeRange range,
            long stepsFromNanos,
            long stepNanos,
            boolean wantsRows,
            Visitor visitor) {
        this.view = view;
        this.zstd = zstd;
        this.damage = damage;
        this.kept = kept;
        this.tenant = tenant;
        this.selected = selected;
        this.summed = summed;
        this.range = range;
        this.stepsFrom = stepsFromNanos;
        this.stepNanos = stepNanos;
        this.wantsRows = wantsRows;
        this.visitor = visitor;
        this.allowance = Allowance.current();
        this.service = selected.getFirst().series().service();
        this.type = selected.getFirst().typeId();
    }

    static int firstWindow(TimeRange range) {
        return ProfileKey.windowOf(Math.max(0, range.fromNanos()));
    }

    static int endWindow(TimeRange range) {
        return ProfileKey.windowOf(range.untilNanos() - 1) + 1;
    }

    /**
     * Walks.
     *
     * @param hot windows with single profiles, asked for before the view was taken
     */
    void run(List<Integer> hot) {
        try (Cursor profiles = view.scan(Family.PROFILES);
                Cursor members = view.scan(Family.MEMBERS);
                Cursor sums = view.scan(Family.ROLLUP)) {
            from = next(firstWindow(range));
            end = Math.min(endWindow(range), endOfData());
            single = hot;
            for (int window : hot) {
                allowance.check();
                single(profiles, window);
                singleDone++;
            }
            at = from;
            while (at >= 0 && at < end) {
                allowance.check();
                at = next(finished(members, sums, at));
            }
        }
    }

    /** Which part of the work is done, roughly: 0 to 1, by the windows of one of the series. */
    double done() {
        int all = 0;
        int done = 0;
        Series one = selected.getFirst().series();
        for (int window = one.firstWindow(type, Math.max(0, from));
                window >= 0 && window < end;
                window = one.firstWindow(type, window + 1)) {
            int place = Collections.binarySearch(single, window);
            all++;
            done += place >= 0 ? (place < singleDone ? 1 : 0) : (window < at ? 1 : 0);
        }
        return all == 0 ? 0 : done / (double) all;
    }

    /** From the first to the last window of the range in which there is anything. */
    int span() {
        return Math.max(0, end - from);
    }

    private int endOfData() {
        int end = 0;
        for (Selected each : selected) {
            end = Math.max(end, each.series().lastWindow(type) + 1);
        }
        return end;
    }

    private int next(int from) {
        int next = -1;
        for (Selected each : selected) {
            int first = each.series().firstWindow(type, from);
            if (first == from) {
                return from;
            }
            next = first >= 0 && (next < 0 || first < next) ? first : next;
        }
        return next;
    }

    private void single(Cursor cursor, int window) {
        for (Selected each : selected) {
            if (!each.series().has(type, window)) {
                continue;
            }
            int series = each.series().id();
            cursor.seek(
                    ProfileKey.first(window, tenant, service, type, series),
                    ProfileKey.first(window, tenant, service, type, series + 1));
            while (cursor.next()) {
                ProfileKey key = ProfileKey.of(cursor.key());
                if (range.contains(key.startNanos())) {
                    single(each, key, cursor.value());
                }
            }
        }
    }

    /** Takes what was read from the allowance: totals alone count as one. */
    private @Nullable Rows spent(@Nullable Rows rows) {
        allowance.spend(rows == null ? 1 : Math.max(1, rows.count()));
        return rows;
    }

    private void single(Selected each, ProfileKey key, byte[] value) {
        try {
            Chunk chunk = Chunk.open(value);
            Rows rows = spent(wantsRows ? chunk.read(zstd) : null);
            visitor.found(
                    each, chunk.epoch(), key.startNanos(), chunk.total(), chunk.samples(), rows);
        } catch (CorruptValueException e) {
            damage.found(
                    "profile of series "
                            + each.series().labels()
                            + " at "
                            + key.startNanos()
                            + " ns: "
                            + e.getMessage());
        }
    }

    /** Gives what lies in the largest stretch that starts in a window; returns the one behind. */
    private int finished(Cursor members, Cursor sums, int window) {
        for (Level level : COARSE_FIRST) {
            int bucket = level.bucketOf(window);
            if (covers(level, bucket) && isWhole(level, bucket) && block(sums, level, bucket)) {
                return level.firstWindow(bucket + 1);
            }
        }
        if (fits(Level.TEN_MINUTES, window) || window < kept.detail()) {
            boolean _ = block(sums, Level.TEN_MINUTES, window);
        } else {
            edge(members, window);
        }
        return window + 1;
    }

    /** Whether a bucket has all sums that are asked for. */
    private boolean isWhole(Level level, int bucket) {
        byte[] marker = marker(level, bucket);
        return marker != null && hasSums(marker, level, bucket);
    }

    private byte @Nullable [] marker(Level level, int bucket) {
        return view.get(Family.ROLLUP, RollupKey.marker(level, bucket, tenant, service));
    }

    private boolean hasSums(byte[] marker, Level level, int bucket) {
        if (!BucketMarker.of(marker).serviceOnly().contains(type)) {
            return true;
        }
        for (SummedSeries each : summed) {
            if (!each.isService() && isAny(each, level, bucket) && !hasSums(each, level, bucket)) {
                return false;
            }
        }
        return true;
    }

    /** Whether there are sums of series together; those of single ones were said to be missing. */
    private boolean hasSums(SummedSeries of, Level level, int bucket) {
        if (!of.isGroup()) {
            return false;
        }
        try (Cursor cursor = view.scan(Family.ROLLUP)) {
            cursor.seek(
                    RollupKey.first(level, bucket, tenant, service, type, of.group()),
                    RollupKey.first(level, bucket, tenant, service, type, of.group() + 1));
            return cursor.next();
        }
    }

    private boolean isAny(SummedSeries of, Level level, int bucket) {
        for (Selected each : of.members()) {
            if (each.series().has(type, level.firstWindow(bucket), level.firstWindow(bucket + 1))) {
                return true;
            }
        }
        return false;
    }

    /** Whether a bucket may be given as a whole; it must when there is nothing finer any more. */
    private boolean covers(Level level, int bucket) {
        Level finer = level.finer();
        int end = level.firstWindow(bucket + 1);
        return fits(level, bucket)
                || end <= kept.of(finer)
                || (level == Level.DAY && end <= kept.of(Level.TEN_MINUTES) && lacksSums(bucket));
    }

    /** Whether any two hours of a day do not have what is asked for. */
    private boolean lacksSums(int day) {
        int first = Level.TWO_HOURS.bucketOf(Level.DAY.firstWindow(day));
        int end = Level.TWO_HOURS.bucketOf(Level.DAY.firstWindow(day + 1));
        for (int bucket = first; bucket < end; bucket++) {
            byte[] marker = marker(Level.TWO_HOURS, bucket);
            if (marker != null && !hasSums(marker, Level.TWO_HOURS, bucket)) {
                return true;
            }
        }
        return false;
    }

    private boolean fits(Level level, int bucket) {
        long first = level.firstWindow(bucket) * ProfileKey.WINDOW_NANOS;
        long last = level.firstWindow(bucket + 1) * ProfileKey.WINDOW_NANOS - 1;
        return range.contains(first)
                && range.contains(last)
                && (first - stepsFrom) / stepNanos == (last - stepsFrom) / stepNanos;
    }

    /** One value of sums on its way to the visitor. */
    private record Found(
            Selected selected, int epoch, long total, long samples, @Nullable Rows rows) {}

    /**
     * Gives the sums of a bucket.
     *
     * @return false when they are damaged, nothing was given, and there are finer ones
     */
    private boolean block(Cursor cursor, Level level, int bucket) {
        List<Found> found = new ArrayList<>();
        boolean sound = true;
        for (SummedSeries each : summed) {
            if (isAny(each, level, bucket)) {
                sound &= block(cursor, level, bucket, each, found);
            }
        }
        if (!sound
                && level != Level.TEN_MINUTES
                && level.firstWindow(bucket) >= kept.of(level.finer())) {
            return false;
        }
        long start =
                Math.max(range.fromNanos(), level.firstWindow(bucket) * ProfileKey.WINDOW_NANOS);
        for (Found each : found) {
            visitor.found(each.selected, each.epoch, start, each.total, each.samples, each.rows);
        }
        return true;
    }

    /** Finds the sums of series together, or else those of each. */
    private boolean block(
            Cursor cursor, Level level, int bucket, SummedSeries of, List<Found> found) {
        int before = found.size();
        boolean sound =
                !of.isGroup()
                        || block(cursor, level, bucket, of.members().getFirst(), of.group(), found);
        if (found.size() == before && sound) {
            for (Selected each : of.members()) {
                if (each.series()
                        .has(type, level.firstWindow(bucket), level.firstWindow(bucket + 1))) {
                    int group = RollupKey.groupOf(each.series().id());
                    sound &= block(cursor, level, bucket, each, group, found);
                }
            }
        }
        return sound;
    }

    private boolean block(
            Cursor cursor, Level level, int bucket, Selected each, int group, List<Found> found) {
        cursor.seek(
                RollupKey.first(level, bucket, tenant, service, type, group),
                RollupKey.first(level, bucket, tenant, service, type, group + 1));
        boolean sound = true;
        while (cursor.next()) {
            RollupKey key = RollupKey.of(cursor.key());
            try {
                SumsBlock block = SumsBlock.open(cursor.value());
                Rows rows = spent(wantsRows ? block.read(zstd) : null);
                found.add(new Found(each, key.epoch(), block.total(), block.samples(), rows));
            } catch (CorruptValueException e) {
                sound = false;
                damage.found("sums at " + key + ": " + e.getMessage());
            }
        }
        if (level == Level.TEN_MINUTES) {
            sound &= packed(bucket, each, group, found);
        }
        return sound;
    }

    /** A spread over windows, unpacked when it is first asked for its rows. */
    private final class Packed {
        private final RollupKey key;
        private final WindowSpread spread;
        private @Nullable List<Rows> rows;

        private Packed(RollupKey key, WindowSpread spread) {
            this.key = key;
            this.spread = spread;
        }

        private Rows rows(int column) {
            List<Rows> known = rows;
            if (known == null) {
                known = WindowSpreads.read(view, key, spread, zstd);
                rows = known;
            }
            return known.get(column);
        }

        /** The column of a series in a window; -1 when it has none. */
        private int find(int group, int window) {
            return spread.find(group, window % Level.TWO_HOURS.windows());
        }
    }

    /** What lies in a window's two hours for all windows together. */
    private List<Packed> packed(int window) {
        int bucket = Level.TWO_HOURS.bucketOf(window);
        if (bucket == packedOf) {
            return packed;
        }
        List<Packed> found = new ArrayList<>();
        try (Cursor cursor = view.scan(Family.ROLLUP)) {
            cursor.seek(
                    RollupKey.firstOfWindows(bucket, tenant, service, type, 0),
                    RollupKey.firstOfWindows(bucket, tenant, service, type, -1));
            while (cursor.next()) {
                RollupKey key = RollupKey.of(cursor.key());
                try {
                    found.add(new Packed(key, WindowSpread.open(cursor.value())));
                } catch (CorruptValueException e) {
                    damage.found("windows at " + key + ": " + e.getMessage());
                }
            }
        }
        packed = found;
        packedOf = bucket;
        return found;
    }

    private boolean packed(int window, Selected each, int group, List<Found> found) {
        boolean sound = true;
        for (Packed of : List.copyOf(packed(window))) {
            int column = of.find(group, window);
            if (column < 0) {
                continue;
            }
            try {
                Rows rows = spent(wantsRows ? of.rows(column) : null);
                found.add(
                        new Found(
                                each,
                                of.key.epoch(),
                                of.spread.total(column),
                                of.spread.samples(column),
                                rows));
            } catch (CorruptValueException e) {
                sound = false;
                packed.remove(of);
                damage.found("windows at " + of.key + ": " + e.getMessage());
            }
        }
        return sound;
    }

    /** Gives of a window the profiles that lie in the range. */
    private void edge(Cursor members, int window) {
        for (Selected each : selected) {
            if (!each.series().has(type, window)) {
                continue;
            }
            int series = each.series().id();
            members.seek(
                    DetailKey.first(window, tenant, service, type, series),
                    DetailKey.first(window, tenant, service, type, series + 1));
            while (members.next()) {
                DetailKey key = DetailKey.of(members.key());
                try {
                    part(each, key, Members.open(members.value(), zstd));
                } catch (CorruptValueException e) {
                    damage.found("finished window at " + key + ": " + e.getMessage());
                }
            }
        }
    }

    private void part(Selected each, DetailKey key, Members list) {
        allowance.spend(list.count());
        boolean[] within = new boolean[list.count()];
        int count = 0;
        long total = 0;
        long samples = 0;
        for (int i = 0; i < within.length; i++) {
            within[i] = range.contains(list.starts()[i]);
            if (within[i]) {
                count++;
                total = Math.addExact(total, list.totals()[i]);
                samples += list.samples(i);
                if (!wantsRows) {
                    visitor.found(
                            each,
                            key.epoch(),
                            list.starts()[i],
                            list.totals()[i],
                            list.samples(i),
                            null);
                }
            }
        }
        if (count > 0 && wantsRows) {
            Rows rows = rows(key, list, within, count);
            allowance.spend(rows.count());
            if (rows.total() != total) {
                throw new CorruptValueException(
                        "its rows come to " + rows.total() + ", its profiles to " + total);
            }
            visitor.found(each, key.epoch(), range.fromNanos(), total, samples, rows);
        }
    }

    private Rows rows(DetailKey key, Members list, boolean[] within, int count) {
        Rows rows = sums(key);
        if (count == list.count()) {
            return rows;
        }
        byte[] spread = view.get(Family.DETAIL, key.toBytes());
        if (spread == null) {
            throw new CorruptValueException("its spread is missing");
        }
        return Detail.open(spread, rows, list.count(), zstd).of(rows, within);
    }

    private Rows sums(DetailKey key) {
        byte[] block = view.get(Family.ROLLUP, key.sums().toBytes());
        if (block != null) {
            return SumsBlock.open(block).read(zstd);
        }
        RollupKey sums = key.sums();
        for (Packed of : packed(key.window())) {
            int column = of.find(sums.group(), key.window());
            if (column >= 0 && of.key.epoch() == key.epoch() && key.part() == 0) {
                return of.rows(column);
            }
        }
        throw new CorruptValueException("its sums are missing");
    }
}
