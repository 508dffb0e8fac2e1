package io.flarepath.store.rollup;

import io.flarepath.store.chunk.BucketMarker;
import io.flarepath.store.chunk.Chunk;
import io.flarepath.store.chunk.Detail;
import io.flarepath.store.chunk.DetailKey;
import io.flarepath.store.chunk.Level;
import io.flarepath.store.chunk.Members;
import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.chunk.RollupKey;
import io.flarepath.store.chunk.Rows;
import io.flarepath.store.chunk.StackSums;
import io.flarepath.store.chunk.SumsBlock;
import io.flarepath.store.chunk.WindowPart;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import io.flarepath.store.index.LabelGroups;
import io.flarepath.store.index.Series;
import io.flarepath.store.index.SeriesIndex;
import io.flarepath.store.index.Space;
import io.flarepath.store.profile.Labels;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One service and type in a window that is over: its profiles, given in the order of their keys,
 * become one value a series, and their sums are added to those of the service and of longer times
 * that are whole already. What one batch writes it also takes away: a kill leaves a profile either
 * by itself or in all of the sums. One thread.
 */
final class FinishedWindow {
    /** A batch is written when it has come to this. */
    private static final long BATCH_BYTES = 4L << 20;

    /** Sums that are kept until the batch is written. */
    private static final int MOST_SUMS = 64;

    /** Numbers in those sums together, 8 bytes each. */
    private static final long MOST_CELLS = 4L << 20;

    /** With fewer series the sums of a service or group save a reader nothing at this level. */
    private static final int GROUP_SUMS_FROM = 8;

    private final Engine engine;
    private final ZstdPool zstd;
    private final Consumer<String> onCorrupt;
    private final Rollups rollups;
    private final ProfileKey first;
    private final SeriesIndex index;
    private final LabelGroups groups;
    private final boolean ofService;

    /** Groups by labels whose sums begin here. */
    private final Set<Integer> begun;

    private final Map<Integer, Set<Level>> levelsByGroup = new HashMap<>();
    private final boolean[] whole = new boolean[Level.values().length];
    private final boolean[] wholeOfSeries = new boolean[Level.values().length];
    private final boolean[] wholeOfService = new boolean[Level.values().length];
    private final Map<RollupKey, StackSums> sums = new LinkedHashMap<>();
    private final Map<Integer, WindowPart> parts = new HashMap<>();
    private Batch batch = new Batch();
    private int series = -1;

    /**
     * Starts with the first profile's key.
     *
     * @param groups tells which series are summed up together
     */
    FinishedWindow(
            Engine engine,
            ZstdPool zstd,
            Consumer<String> onCorrupt,
            Rollups rollups,
            ProfileKey first,
            SeriesIndex index,
            LabelGroups groups) {
        this.engine = engine;
        this.zstd = zstd;
        this.onCorrupt = onCorrupt;
        this.rollups = rollups;
        this.first = first;
        this.index = index;
        this.groups = groups;
        for (Level level : Level.values()) {
            int bucket = level.bucketOf(first.window());
            BucketMarker marker =
                    level == Level.TEN_MINUTES
                            ? null
                            : rollups.marker(level, bucket, first.tenant(), first.service());
            whole[level.code()] = marker != null;
            wholeOfSeries[level.code()] =
                    marker != null && !marker.serviceOnly().contains(first.type());
            wholeOfService[level.code()] = whole[level.code()] && has(level, RollupKey.SERVICE);
        }
        List<Series> all =
                index.seriesIn(first.tenant(), first.service(), first.type(), first.window());
        // Sums of the service, or of a group, that began later would not be those of all series.
        boolean isFirst = !rollups.isAny(firstOfType(first.type()), afterType());
        ofService =
                has(Level.TEN_MINUTES, RollupKey.SERVICE)
                        || (all.size() >= GROUP_SUMS_FROM && isFirst);
        begun = isFirst ? large(all) : Set.of();
    }

    private boolean has(Level level, int group) {
        return rollups.has(
                level,
                level.bucketOf(first.window()),
                first.tenant(),
                first.service(),
                first.type(),
                group);
    }

    /** Groups with so many series that their sums save a reader something. */
    private Set<Integer> large(List<Series> all) {
        Set<Integer> large = new HashSet<>();
        for (LabelGroups.LabelSet set : groups.sets()) {
            Map<String, Integer> counts = new HashMap<>();
            all.forEach(each -> counts.merge(LabelGroups.key(set, each.labels()), 1, Integer::sum));
            counts.forEach((key, count) -> {
                int group =
                        count < GROUP_SUMS_FROM
                                ? LabelGroups.NONE
                                : groups.number(first.tenant(), key);
                if (group != LabelGroups.NONE) {
                    large.add(RollupKey.groupOfLabels(group));
                }
            });
        }
        return large;
    }

    /** The groups by labels that the series under way is in, as they stand in keys. */
    private List<Integer> labelGroups() {
        List<Integer> found = new ArrayList<>();
        Labels labels =
                groups.sets().isEmpty()
                        ? null
                        : index.labels(first.tenant(), first.service(), series);
        if (labels != null) {
            for (LabelGroups.LabelSet set : groups.sets()) {
                int group = groups.find(first.tenant(), LabelGroups.key(set, labels));
                if (group != LabelGroups.NONE) {
                    found.add(RollupKey.groupOfLabels(group));
                }
            }
        }
        return found;
    }

    /** At which levels the sums of a group by labels are kept. */
    private Set<Level> levelsOf(int group) {
        return levelsByGroup.computeIfAbsent(
                group,
                each -> {
                    Set<Level> levels = EnumSet.noneOf(Level.class);
                    if (begun.contains(each) || has(Level.TEN_MINUTES, each)) {
                        levels.add(Level.TEN_MINUTES);
                    }
                    for (Level level : Level.values()) {
                        if (whole[level.code()] && has(level, each)) {
                            levels.add(level);
                        }
                    }
                    return levels;
                });
    }

    private byte[] firstOfType(int type) {
        return RollupKey.first(
                Level.TEN_MINUTES, first.window(), first.tenant(), first.service(), type);
    }

    private byte[] afterType() {
        return firstOfType(first.type() + 1);
    }

    /** Whether a profile belongs in here. */
    boolean takes(ProfileKey key) {
        return key.tenant() == first.tenant()
                && key.service() == first.service()
                && key.type() == first.type();
    }

    /** Whether a level is whole already in the window's bucket. */
    boolean isWhole(Level level) {
        return whole[level.code()];
    }

    /** Adds the next profile. */
    void add(ProfileKey key, byte[] value) {
        if (key.series() != series) {
            endSeries();
            series = key.series();
        }
        // A profile that cannot be read is told of once, and does not stand in the way for ever.
        batch.delete(Family.PROFILES, key.toBytes());
        try {
            Chunk chunk = Chunk.open(value);
            Rows rows = chunk.read(zstd);
            WindowPart part = parts.computeIfAbsent(chunk.epoch(), epoch -> new WindowPart());
            part.add(key, chunk, rows);
            if (part.isFull()) {
                endSeries();
                write();
            }
        } catch (CorruptValueException e) {
            onCorrupt.accept(
                    "profile at "
                            + key.startNanos()
                            + " ns of series "
                            + key.series()
                            + ": "
                            + e.getMessage());
        }
    }

    /** Writes what is left. */
    void end() {
        endSeries();
        write();
    }

    private void endSeries() {
        parts.forEach((epoch, part) -> end(epoch, part));
        parts.clear();
        long cells = sums.values().stream().mapToLong(StackSums::size).sum();
        if (batch.bytes() > BATCH_BYTES || sums.size() > MOST_SUMS || cells > MOST_CELLS) {
            write();
        }
    }

    private void write() {
        sums.forEach((key, more) -> rollups.stageMore(batch, key, more));
        sums.clear();
        if (!batch.isEmpty()) {
            engine.write(batch);
            batch = new Batch();
        }
    }

    private void end(int epoch, WindowPart part) {
        Rows more = part.sums();
        long samples = part.samples();
        part.stage(batch, join(epoch, part), zstd);
        if (ofService) {
            add(Level.TEN_MINUTES, RollupKey.SERVICE, epoch, more, samples);
        }
        for (int group : labelGroups()) {
            levelsOf(group).forEach(level -> add(level, group, epoch, more, samples));
        }
        for (Level level : Level.values()) {
            if (whole[level.code()]) {
                if (wholeOfSeries[level.code()]) {
                    add(level, RollupKey.groupOf(series), epoch, more, samples);
                }
                Space.PROFILES.stageSpan(
                        batch,
                        level,
                        level.bucketOf(first.window()),
                        first.tenant(),
                        series,
                        first.type());
                if (wholeOfService[level.code()]) {
                    add(level, RollupKey.SERVICE, epoch, more, samples);
                }
            }
        }
    }

    private void add(Level level, int group, int epoch, Rows more, long samples) {
        RollupKey key =
                new RollupKey(
                        level,
                        level.bucketOf(first.window()),
                        first.tenant(),
                        first.service(),
                        first.type(),
                        group,
                        epoch,
                        0);
        sums.computeIfAbsent(key, sum -> new StackSums()).add(more, samples);
    }

    /** Takes in what was finished of the same series before, if there is room; tells the place. */
    private DetailKey join(int epoch, WindowPart part) {
        DetailKey last = lastPart(epoch);
        if (last == null) {
            return key(epoch, 0);
        }
        try {
            byte[] list = engine.get(Family.MEMBERS, last.toBytes());
            byte[] block = engine.get(Family.ROLLUP, last.sums().toBytes());
            byte[] spread = engine.get(Family.DETAIL, last.toBytes());
            if (list == null || block == null) {
                throw new CorruptValueException("its list or its sums are missing");
            }
            Members members = Members.open(list, zstd);
            if (spread == null && members.count() > 1) {
                throw new CorruptValueException("its spread is missing");
            }
            Rows rows = SumsBlock.open(block).read(zstd);
            Detail detail =
                    spread == null ? null : Detail.open(spread, rows, members.count(), zstd);
            if ((detail == null || detail.cells() < WindowPart.MOST_CELLS / 2)
                    && members.count() < WindowPart.MOST_CELLS / 2
                    && rows.total() < WindowPart.MOST_TOTAL) {
                part.add(members, rows, detail);
                return last;
            }
        } catch (CorruptValueException e) {
            onCorrupt.accept("finished window at " + last + ": " + e.getMessage());
        }
        return key(epoch, last.part() + 1);
    }

    private DetailKey key(int epoch, int part) {
        return new DetailKey(
                first.window(), first.tenant(), first.service(), first.type(), series, epoch, part);
    }

    private @Nullable DetailKey lastPart(int epoch) {
        DetailKey last = null;
        try (Cursor cursor = engine.scan(Family.MEMBERS)) {
            byte[] from = new ByteWriter(24).bytes(key(epoch, 0).toBytes(), 0, 24).toArray();
            byte[] until = key(epoch + 1, 0).toBytes();
            cursor.seek(from, until);
            while (cursor.next()) {
                last = DetailKey.of(cursor.key());
            }
        }
        return last;
    }
}
