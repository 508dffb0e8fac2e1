package io.flarepath.store.rollup;

import io.flarepath.store.chunk.BucketMarker;
import io.flarepath.store.chunk.Level;
import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.chunk.RollupKey;
import io.flarepath.store.chunk.Rows;
import io.flarepath.store.chunk.StackSums;
import io.flarepath.store.chunk.SumsBlock;
import io.flarepath.store.chunk.WindowPart;
import io.flarepath.store.chunk.WindowSpread;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import io.flarepath.store.engine.View;
import io.flarepath.store.index.LabelGroups;
import io.flarepath.store.index.SeriesIndex;
import io.flarepath.store.index.Space;
import io.flarepath.store.index.TenantIndex;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.retention.KeptFrom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts windows together that are over, then the longer stretches of time that they end. Profiles
 * that come later are added to everything that their time belongs to, in the same way.
 */
public final class Finaliser {
    private static final long BATCH_BYTES = 4L << 20;

    /** Values of spreads that are kept while a day is summed up; 12 bytes each. */
    private static final long MOST_UNPACKED = 2L << 20;

    /** So many windows of a stretch are added to its sums; of more the sums are made anew. */
    private static final int FEW_LATE = 2;

    private final Engine engine;
    private final ZstdPool zstd;
    private final SeriesIndex index;
    private final HotWindows hot;
    private final KeptFrom kept;
    private final long graceNanos;
    private final int seriesSumRows;
    private final LabelGroups groups;
    private final Pace pace;
    private final Consumer<String> onCorrupt;
    private final Rollups rollups;

    /** Stretches that hold finished windows and are not whole yet. */
    private final Set<Bucket> pending = new HashSet<>();

    private boolean pendingKnown;

    /** Stretches whose sums are made anew in this pass when they are whole already. */
    private final Set<Stretch> reopened = new HashSet<>();

    /**
     * A finaliser over a store's parts.
     *
     * @param grace how long after its end a window is left alone
     * @param seriesSumRows rows in the windows of two hours from which a series has their sums
     * @param groups which series of a service are summed up together besides
     * @param pace that of work that nobody waits for
     * @param onCorrupt told of every value that cannot be read
     */
    public Finaliser(
            Engine engine,
            ZstdPool zstd,
            SeriesIndex index,
            HotWindows hot,
            KeptFrom kept,
            Duration grace,
            int seriesSumRows,
            LabelGroups groups,
            Pace pace,
            Consumer<String> onCorrupt) {
        this.engine = engine;
        this.zstd = zstd;
        this.index = index;
        this.hot = hot;
        this.kept = kept;
        this.graceNanos = grace.toNanos();
        this.seriesSumRows = seriesSumRows;
        this.groups = groups;
        this.pace = pace;
        this.onCorrupt = onCorrupt;
        this.rollups = new Rollups(engine, zstd, onCorrupt);
    }

    /** Does all that is due at a time, in nanoseconds since 1970. */
    public synchronized void run(long nowNanos) {
        if (nowNanos < graceNanos) {
            return;
        }
        int due = ProfileKey.windowOf(nowNanos - graceNanos);
        if (!pendingKnown) {
            findPending();
            pendingKnown = true;
        }
        List<Integer> windows = hot.within(0, due);
        reopened.clear();
        reopened.addAll(manyLate(Level.TWO_HOURS, windows));
        reopened.addAll(manyLate(Level.DAY, windows));
        for (int window : windows) {
            finish(window);
            hot.settle(window);
        }
        sum(Level.TWO_HOURS, due);
        sum(Level.DAY, due);
    }

    private void findPending() {
        for (TenantIndex tenant : index.tenants()) {
            for (Level level : List.of(Level.TWO_HOURS, Level.DAY)) {
                int from = level.bucketOf(kept.of(level.finer()));
                tenant.bucketsByService(level.windows())
                        .forEach((service, buckets) -> {
                            for (int bucket = buckets.nextSetBit(from);
                                    bucket >= 0;
                                    bucket = buckets.nextSetBit(bucket + 1)) {
                                await(new Bucket(level, bucket, tenant.id(), service));
                            }
                        });
            }
        }
    }

    /** A stretch of time, of whatever service. */
    private record Stretch(Level level, int number) {}

    /**
     * Stretches with several windows to finish: those are not added to sums that are whole one
     * after the other; the sums are made anew at the end.
     */
    private Set<Stretch> manyLate(Level level, List<Integer> windows) {
        Map<Integer, Integer> counts = new TreeMap<>();
        for (int window : windows) {
            counts.merge(level.bucketOf(window), 1, Integer::sum);
        }
        Set<Stretch> many = new HashSet<>();
        counts.forEach((bucket, count) -> {
            if (count > FEW_LATE && level.firstWindow(bucket) >= kept.of(Level.TEN_MINUTES)) {
                many.add(new Stretch(level, bucket));
            }
        });
        return many;
    }

    /** Readers turn to the finer sums until the bucket is whole again. */
    private void reopen(Bucket bucket) {
        if (reopened.contains(new Stretch(bucket.level(), bucket.number()))
                && rollups.isWhole(
                        bucket.level(), bucket.number(), bucket.tenant(), bucket.service())) {
            engine.write(
                    new Batch()
                            .delete(
                                    Family.ROLLUP,
                                    RollupKey.marker(
                                            bucket.level(),
                                            bucket.number(),
                                            bucket.tenant(),
                                            bucket.service())));
        }
    }

    private void await(Bucket bucket) {
        if (!rollups.isWhole(bucket.level(), bucket.number(), bucket.tenant(), bucket.service())) {
            pending.add(bucket);
        }
    }

    private void finish(int window) {
        hot.finishing(window);
        try (Cursor cursor = engine.scan(Family.PROFILES)) {
            cursor.seek(ProfileKey.first(window), ProfileKey.first(window + 1));
            FinishedWindow under = null;
            while (cursor.next()) {
                ProfileKey key = ProfileKey.of(cursor.key());
                if (under == null || !under.takes(key)) {
                    if (under != null) {
                        under.end();
                    }
                    under = begin(key);
                }
                under.add(key, cursor.value());
                pace.step();
            }
            if (under != null) {
                under.end();
            }
        }
    }

    private FinishedWindow begin(ProfileKey key) {
        unpackWindows(Level.TWO_HOURS.bucketOf(key.window()), key.tenant(), key.service());
        for (Level level : List.of(Level.TWO_HOURS, Level.DAY)) {
            reopen(new Bucket(level, level.bucketOf(key.window()), key.tenant(), key.service()));
        }
        FinishedWindow begun =
                new FinishedWindow(engine, zstd, onCorrupt, rollups, key, index, groups);
        for (Level level : List.of(Level.TWO_HOURS, Level.DAY)) {
            if (!begun.isWhole(level)) {
                pending.add(
                        new Bucket(
                                level, level.bucketOf(key.window()), key.tenant(), key.service()));
            }
        }
        return begun;
    }

    /** Gives each window of two hours its sums back, so that they can be added to. */
    private void unpackWindows(int twoHours, int tenant, int service) {
        if (!rollups.isWhole(Level.TWO_HOURS, twoHours, tenant, service)) {
            return;
        }
        int first = Level.TWO_HOURS.firstWindow(twoHours);
        int last = Level.TWO_HOURS.firstWindow(twoHours + 1) - 1;
        Batch batch = new Batch();
        try (View view = engine.view();
                Cursor cursor = view.scan(Family.ROLLUP)) {
            cursor.seek(
                    RollupKey.first(Level.TEN_MINUTES, last, tenant, service, 0),
                    RollupKey.after(Level.TEN_MINUTES, last, tenant, service));
            while (cursor.next()) {
                RollupKey key = RollupKey.of(cursor.key());
                if (!key.isOfWindows()) {
                    continue;
                }
                batch.delete(Family.ROLLUP, cursor.key());
                try {
                    WindowSpread spread = WindowSpread.open(cursor.value());
                    List<Rows> rows = WindowSpreads.read(view, key, spread, zstd);
                    for (int i = 0; i < rows.size(); i++) {
                        RollupKey own =
                                new RollupKey(
                                        Level.TEN_MINUTES,
                                        first + spread.window(i),
                                        tenant,
                                        service,
                                        key.type(),
                                        spread.group(i),
                                        key.epoch(),
                                        0);
                        batch.put(
                                Family.ROLLUP,
                                own.toBytes(),
                                SumsBlock.encode(rows.get(i), spread.samples(i), zstd));
                    }
                } catch (CorruptValueException e) {
                    onCorrupt.accept("windows at " + key + ": " + e.getMessage());
                }
            }
        }
        if (!batch.isEmpty()) {
            engine.write(batch);
        }
    }

    private void sum(Level level, int due) {
        List<Bucket> over = new ArrayList<>();
        for (Bucket bucket : pending) {
            if (bucket.level() == level && bucket.endWindow() <= due && !awaitsFiner(bucket)) {
                over.add(bucket);
            }
        }
        for (Bucket bucket : over) {
            new Summing(bucket).run();
            pending.remove(bucket);
        }
    }

    private boolean awaitsFiner(Bucket bucket) {
        if (bucket.level() != Level.DAY) {
            return false;
        }
        int first = Level.TWO_HOURS.bucketOf(bucket.firstWindow());
        int end = Level.TWO_HOURS.bucketOf(bucket.endWindow());
        for (int number = first; number < end; number++) {
            if (pending.contains(
                    new Bucket(Level.TWO_HOURS, number, bucket.tenant(), bucket.service()))) {
                return true;
            }
        }
        return false;
    }

    /** A series' or service's sums of a type within a stretch; ordered for {@link Summing}. */
    private record Kind(int type, int epoch, int group) implements Comparable<Kind> {
        @Override
        public int compareTo(Kind other) {
            int byType = Integer.compareUnsigned(type, other.type);
            int byEpoch = byType != 0 ? byType : Integer.compareUnsigned(epoch, other.epoch);
            return byEpoch != 0 ? byEpoch : Integer.compareUnsigned(group, other.group);
        }
    }

    /** Sums as they are read. */
    private record Block(Rows rows, long samples) {}

    /** What takes the place of sums of windows. */
    private record Packed(RollupKey key, byte[] value, List<byte[]> replaced) {}

    /**
     * Sums of a stretch out of the finer ones in it. What is written counts once the last batch
     * marks the stretch as whole; until then a kill only costs the work.
     */
    private final class Summing {
        private final Bucket bucket;
        private final StackSums one = new StackSums();
        private final StackSums all = new StackSums();
        private Batch batch = new Batch();
        private int allPart;

        /** The windows under way of the series that get no sums of their own. */
        private final List<WindowSpread.Column> columns = new ArrayList<>();

        private final List<byte[]> replaced = new ArrayList<>();
        private boolean packable = true;
        private long cells;
        private final List<Packed> packed = new ArrayList<>();

        /** Spreads that are read once for every series in them. */
        private final Map<RollupKey, WindowSpread> spreads = new HashMap<>();

        private final Map<RollupKey, List<Rows>> unpacked = new HashMap<>();
        private long unpackedCells;

        private Summing(Bucket bucket) {
            this.bucket = bucket;
        }

        private void run() {
            SortedMap<Kind, List<byte[]>> finer = finer();
            dropLabelGroups();
            Map<Integer, Set<Integer>> seriesByType = new TreeMap<>();
            finer.keySet()
                    .forEach(kind ->
                            seriesByType
                                    .computeIfAbsent(kind.type(), type -> new HashSet<>())
                                    .add(kind.group()));
            Set<Integer> serviceOnly = new HashSet<>();
            seriesByType.forEach((type, ofType) -> {
                if (bucket.level() == Level.TWO_HOURS
                        && rows(finer, type) / ofType.size() < seriesSumRows) {
                    serviceOnly.add(type);
                }
            });
            Kind last = null;
            for (Map.Entry<Kind, List<byte[]>> entry : finer.entrySet()) {
                Kind kind = entry.getKey();
                if (last != null && (last.type() != kind.type() || last.epoch() != kind.epoch())) {
                    endService(last, seriesByType, serviceOnly);
                }
                last = kind;
                add(kind, entry.getValue(), !serviceOnly.contains(kind.type()));
            }
            if (last != null) {
                endService(last, seriesByType, serviceOnly);
            }
            groups.sets().forEach(set -> sumLabelGroups(set, finer, serviceOnly));
            for (Packed each : packed) {
                each.replaced().forEach(key -> batch.delete(Family.ROLLUP, key));
                batch.put(Family.ROLLUP, each.key().toBytes(), each.value());
            }
            rollups.stageWhole(
                    batch,
                    bucket.level(),
                    bucket.number(),
                    bucket.tenant(),
                    bucket.service(),
                    new BucketMarker(serviceOnly));
            engine.write(batch);
        }

        /** What was summed up of groups before may be of ones that are not made anew. */
        private void dropLabelGroups() {
            try (Cursor cursor = engine.scan(Family.ROLLUP)) {
                cursor.seek(
                        RollupKey.first(
                                bucket.level(),
                                bucket.number(),
                                bucket.tenant(),
                                bucket.service(),
                                0),
                        RollupKey.after(
                                bucket.level(),
                                bucket.number(),
                                bucket.tenant(),
                                bucket.service()));
                while (cursor.next()) {
                    if (RollupKey.of(cursor.key()).labelGroup() >= 0) {
                        batch.delete(Family.ROLLUP, cursor.key());
                    }
                }
            }
        }

        /** A type and a group of series by labels. */
        private record LabelKind(int type, String key) {}

        /** Sums of groups of more than one series, or which the series have none of their own. */
        private void sumLabelGroups(
                LabelGroups.LabelSet set,
                SortedMap<Kind, List<byte[]>> finer,
                Set<Integer> serviceOnly) {
            Map<LabelKind, List<Kind>> members = new LinkedHashMap<>();
            for (Kind kind : finer.keySet()) {
                Labels labels = index.labels(bucket.tenant(), bucket.service(), kind.group() - 1);
                String key = labels == null ? "" : LabelGroups.key(set, labels);
                if (!key.isEmpty()) {
                    members.computeIfAbsent(
                                    new LabelKind(kind.type(), key), absent -> new ArrayList<>())
                            .add(kind);
                }
            }
            members.forEach((of, kinds) -> {
                boolean several = kinds.stream().mapToInt(Kind::group).distinct().count() > 1;
                if ((several || serviceOnly.contains(of.type())) && isWorthSums(finer, kinds)) {
                    int group = groups.number(bucket.tenant(), of.key());
                    if (group != LabelGroups.NONE) {
                        sumLabelGroup(RollupKey.groupOfLabels(group), finer, kinds);
                    }
                }
            });
        }

        private boolean isWorthSums(SortedMap<Kind, List<byte[]>> finer, List<Kind> kinds) {
            return bucket.level() != Level.TWO_HOURS
                    || kinds.stream()
                                    .flatMap(kind -> finer.getOrDefault(kind, List.of()).stream())
                                    .mapToLong(this::rows)
                                    .sum()
                            >= seriesSumRows;
        }

        /** Kinds come in the order of their epochs: all of one are next to each other. */
        private void sumLabelGroup(
                int group, SortedMap<Kind, List<byte[]>> finer, List<Kind> kinds) {
            int part = 0;
            for (int i = 0; i < kinds.size(); i++) {
                Kind kind = kinds.get(i);
                for (byte[] key : finer.getOrDefault(kind, List.of())) {
                    add(kind, key, one);
                    if (one.total() >= WindowPart.MOST_TOTAL) {
                        put(kind, group, part++, one);
                    }
                }
                if (i + 1 == kinds.size() || kinds.get(i + 1).epoch() != kind.epoch()) {
                    put(kind, group, part, one);
                    part = 0;
                }
            }
        }

        private void add(Kind kind, List<byte[]> keys, boolean ofSeries) {
            int part = 0;
            for (byte[] key : keys) {
                Block block = add(kind, key, one, all);
                if (!ofSeries) {
                    collect(kind, key, block);
                }
                if (one.total() >= WindowPart.MOST_TOTAL) {
                    putSeries(kind, part++, ofSeries);
                }
                if (all.total() >= WindowPart.MOST_TOTAL) {
                    put(kind, RollupKey.SERVICE, allPart++, all);
                }
            }
            // Also of nothing: where it lies was perhaps something.
            putSeries(kind, part, ofSeries);
            if (part > 0) {
                // Sums that were added to one by one may have come to a part more.
                batch.delete(Family.ROLLUP, key(kind, kind.group(), part + 1).toBytes());
            }
            Space.PROFILES.stageSpan(
                    batch,
                    bucket.level(),
                    bucket.number(),
                    bucket.tenant(),
                    kind.group() - 1,
                    kind.type());
        }

        /** Windows of which some are damaged, or in parts, stay as they are. */
        private void collect(Kind kind, byte[] key, @Nullable Block block) {
            RollupKey of = RollupKey.of(key);
            cells += block == null ? 0 : block.rows().count();
            packable &= block != null && of.part() == 0 && cells <= WindowSpread.MOST_CELLS;
            if (block != null && packable) {
                columns.add(
                        new WindowSpread.Column(
                                kind.group(),
                                of.bucket() - bucket.firstWindow(),
                                block.samples(),
                                block.rows()));
                replaced.add(key);
            }
        }

        private void packWindows(Kind kind) {
            if (packable && !columns.isEmpty() && allPart == 0) {
                packed.add(
                        new Packed(
                                RollupKey.ofWindows(
                                        bucket.number(),
                                        bucket.tenant(),
                                        bucket.service(),
                                        kind.type(),
                                        kind.epoch()),
                                WindowSpread.encode(columns, all.rows()),
                                List.copyOf(replaced)));
            }
            columns.clear();
            replaced.clear();
            packable = true;
            cells = 0;
        }

        private void putSeries(Kind kind, int part, boolean ofSeries) {
            if (ofSeries) {
                put(kind, kind.group(), part, one);
            }
            one.clear();
        }

        private void endService(
                Kind kind, Map<Integer, Set<Integer>> seriesByType, Set<Integer> serviceOnly) {
            packWindows(kind);
            // Of one series alone they would be the same once more.
            if (seriesByType.getOrDefault(kind.type(), Set.of()).size() > 1
                    || serviceOnly.contains(kind.type())) {
                put(kind, RollupKey.SERVICE, allPart, all);
                if (allPart > 0) {
                    batch.delete(
                            Family.ROLLUP, key(kind, RollupKey.SERVICE, allPart + 1).toBytes());
                }
            }
            all.clear();
            allPart = 0;
        }

        /** Rows of the finer sums of all series of a type. */
        private long rows(SortedMap<Kind, List<byte[]>> finer, int type) {
            long rows = 0;
            for (Map.Entry<Kind, List<byte[]>> entry : finer.entrySet()) {
                if (entry.getKey().type() == type) {
                    for (byte[] key : entry.getValue()) {
                        rows += rows(key);
                    }
                }
            }
            return rows;
        }

        private int rows(byte[] key) {
            byte[] value = engine.get(Family.ROLLUP, key);
            try {
                return value == null ? 0 : SumsBlock.open(value).rows();
            } catch (CorruptValueException e) {
                return 0; // told of when it is read
            }
        }

        private SortedMap<Kind, List<byte[]>> finer() {
            SortedMap<Kind, List<byte[]>> found = new TreeMap<>();
            try (Cursor cursor = engine.scan(Family.ROLLUP)) {
                Level level = bucket.level().finer();
                int end = level.bucketOf(bucket.endWindow());
                for (int number = level.bucketOf(bucket.firstWindow()); number < end; number++) {
                    collect(
                            cursor,
                            new Bucket(level, number, bucket.tenant(), bucket.service()),
                            Set.of(),
                            found);
                }
            }
            return found;
        }

        /** The sums of series in a bucket; of some types alone, none for all of them. */
        private void collect(
                Cursor cursor, Bucket in, Set<Integer> types, Map<Kind, List<byte[]>> found) {
            BucketMarker marker =
                    in.level() == Level.TEN_MINUTES
                            ? null
                            : rollups.marker(in.level(), in.number(), in.tenant(), in.service());
            cursor.seek(
                    RollupKey.first(in.level(), in.number(), in.tenant(), in.service(), 0),
                    RollupKey.after(in.level(), in.number(), in.tenant(), in.service()));
            while (cursor.next()) {
                RollupKey key = RollupKey.of(cursor.key());
                // Sums of series may be left from when they were more.
                if (key.isOfSeries()
                        && (marker == null || !marker.serviceOnly().contains(key.type()))
                        && (types.isEmpty() || types.contains(key.type()))) {
                    found.computeIfAbsent(
                                    new Kind(key.type(), key.epoch(), key.group()),
                                    kind -> new ArrayList<>())
                            .add(key.toBytes());
                } else if (key.isOfWindows() && types.contains(key.type())) {
                    collectSpread(key, cursor.value(), found);
                }
            }
            if (marker != null && !marker.serviceOnly().isEmpty()) {
                Level finer = in.level().finer();
                for (int number = finer.bucketOf(in.firstWindow());
                        number < finer.bucketOf(in.endWindow());
                        number++) {
                    collect(
                            cursor,
                            new Bucket(finer, number, in.tenant(), in.service()),
                            marker.serviceOnly(),
                            found);
                }
            }
        }

        private void collectSpread(RollupKey key, byte[] value, Map<Kind, List<byte[]>> found) {
            try {
                WindowSpread spread = WindowSpread.open(value);
                spreads.put(key, spread);
                for (int i = 0; i < spread.columns(); i++) {
                    if (i == 0 || spread.group(i) != spread.group(i - 1)) {
                        found.computeIfAbsent(
                                        new Kind(key.type(), key.epoch(), spread.group(i)),
                                        kind -> new ArrayList<>())
                                .add(key.toBytes());
                    }
                }
            } catch (CorruptValueException e) {
                onCorrupt.accept("windows at " + key + ": " + e.getMessage());
            }
        }

        /** Adds what lies at a key to sums; null when it is missing or damaged. */
        private @Nullable Block add(Kind kind, byte[] key, StackSums... sums) {
            pace.step();
            RollupKey of = RollupKey.of(key);
            try {
                Block block = of.isOfWindows() ? ofWindows(of, kind.group()) : block(key);
                if (block != null) {
                    for (StackSums sum : sums) {
                        sum.add(block.rows(), block.samples());
                    }
                }
                return block;
            } catch (CorruptValueException e) {
                onCorrupt.accept("sums at " + of + ": " + e.getMessage());
                return null;
            }
        }

        private @Nullable Block block(byte[] key) {
            byte[] value = engine.get(Family.ROLLUP, key);
            if (value == null) {
                return null;
            }
            SumsBlock block = SumsBlock.open(value);
            return new Block(block.read(zstd), block.samples());
        }

        /** What a series has in all windows of a spread. */
        private @Nullable Block ofWindows(RollupKey key, int group) {
            WindowSpread spread = spreads.get(key);
            if (spread == null) {
                return null;
            }
            List<Rows> rows = unpacked.get(key);
            if (rows == null) {
                try (View view = engine.view()) {
                    rows = WindowSpreads.read(view, key, spread, zstd);
                }
                if (unpackedCells > MOST_UNPACKED) {
                    unpacked.clear();
                    unpackedCells = 0;
                }
                unpacked.put(key, rows);
                unpackedCells += spread.cells();
            }
            StackSums sums = new StackSums();
            for (int i = 0; i < rows.size(); i++) {
                if (spread.group(i) == group) {
                    sums.add(rows.get(i), spread.samples(i));
                }
            }
            return new Block(sums.rows(), sums.samples());
        }

        private RollupKey key(Kind kind, int group, int part) {
            return new RollupKey(
                    bucket.level(),
                    bucket.number(),
                    bucket.tenant(),
                    bucket.service(),
                    kind.type(),
                    group,
                    kind.epoch(),
                    part);
        }

        private void put(Kind kind, int group, int part, StackSums sums) {
            rollups.stage(batch, key(kind, group, part), sums);
            sums.clear();
            if (batch.bytes() > BATCH_BYTES) {
                engine.write(batch);
                batch = new Batch();
            }
        }
    }
}
