package io.flarepath.store.rollup;

import io.flarepath.store.chunk.BucketMarker;
import io.flarepath.store.chunk.Level;
import io.flarepath.store.chunk.RollupKey;
import io.flarepath.store.chunk.Rows;
import io.flarepath.store.chunk.StackSums;
import io.flarepath.store.chunk.SumsBlock;
import io.flarepath.store.chunk.WindowPart;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Sums that lie in the engine: adds to them, marks buckets whole. One thread at a time. */
final class Rollups {

    private final Engine engine;
    private final ZstdPool zstd;
    private final Consumer<String> onCorrupt;

    Rollups(Engine engine, ZstdPool zstd, Consumer<String> onCorrupt) {
        this.engine = engine;
        this.zstd = zstd;
        this.onCorrupt = onCorrupt;
    }

    /** Whether a bucket of a service holds all that was finished in its time. */
    boolean isWhole(Level level, int bucket, int tenant, int service) {
        return engine.get(Family.ROLLUP, RollupKey.marker(level, bucket, tenant, service)) != null;
    }

    /** What says so, or null. */
    @Nullable BucketMarker marker(Level level, int bucket, int tenant, int service) {
        byte[] value = engine.get(Family.ROLLUP, RollupKey.marker(level, bucket, tenant, service));
        return value == null ? null : BucketMarker.of(value);
    }

    void stageWhole(
            Batch batch, Level level, int bucket, int tenant, int service, BucketMarker marker) {
        batch.put(
                Family.ROLLUP, RollupKey.marker(level, bucket, tenant, service), marker.toBytes());
    }

    /** Whether there is any key from one on, before another. */
    boolean isAny(byte[] from, byte[] until) {
        try (Cursor cursor = engine.scan(Family.ROLLUP)) {
            cursor.seek(from, until);
            return cursor.next();
        }
    }

    /** Whether the sums of a group of series of a service are kept. */
    boolean has(Level level, int bucket, int tenant, int service, int type, int group) {
        return isAny(
                RollupKey.first(level, bucket, tenant, service, type, group),
                RollupKey.first(level, bucket, tenant, service, type, group + 1));
    }

    /** Puts sums into a batch in the place of what lies there. */
    void stage(Batch batch, RollupKey key, StackSums sums) {
        batch.put(
                Family.ROLLUP, key.toBytes(), SumsBlock.encode(sums.rows(), sums.samples(), zstd));
    }

    /** Puts into a batch what lies in the engine with more added to it. */
    void stageMore(Batch batch, RollupKey first, StackSums more) {
        RollupKey key = first;
        byte[] stored = engine.get(Family.ROLLUP, key.toBytes());
        while (stored != null) {
            try {
                SumsBlock block = SumsBlock.open(stored);
                if (block.total() < WindowPart.MOST_TOTAL) {
                    Rows rows = block.read(zstd);
                    more.add(rows, block.samples());
                    break;
                }
            } catch (CorruptValueException e) {
                onCorrupt.accept("sums at " + key + ", which are replaced: " + e.getMessage());
                break;
            }
            key = part(key, key.part() + 1);
            stored = engine.get(Family.ROLLUP, key.toBytes());
        }
        stage(batch, key, more);
    }

    static RollupKey part(RollupKey key, int part) {
        return new RollupKey(
                key.level(),
                key.bucket(),
                key.tenant(),
                key.service(),
                key.type(),
                key.group(),
                key.epoch(),
                part);
    }
}
