package io.flarepath.store;

import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.encoding.ByteReader;
import io.flarepath.store.encoding.ByteWriter;
import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * The ids of stored uploads, by the day of their profile's start, so that they go with it. A retry
 * that gives another start is looked for in the days around it, too.
 */
final class Uploads {
    /** Days on either side in which a retry with another start is looked for. */
    static final int DAYS_AROUND = 31;

    private static final long DAY_NANOS = 86_400_000_000_000L;
    private static final int KEY_BYTES = 32;
    private static final int UPLOAD_BYTES = 16;

    /** What stands in place of a service and a type: one such upload has something of many. */
    enum Kind {
        METRICS(-1),
        CALLS(-2);

        private final int code;

        Kind(int code) {
            this.code = code;
        }
    }

    private final Engine engine;
    private final ConcurrentSkipListSet<Integer> days = new ConcurrentSkipListSet<>();

    Uploads(Engine engine) {
        this.engine = engine;
        try (Cursor cursor = engine.scan(Family.UPLOADS)) {
            byte[] end = new ByteWriter(KEY_BYTES).u64(-1).u64(-1).u64(-1).u64(-1).toArray();
            cursor.seek(new byte[0], end);
            while (cursor.next()) {
                byte[] key = cursor.key();
                int day = new ByteReader(key, 0, key.length).u32();
                days.add(day);
                cursor.seek(new ByteWriter(4).u32(day + 1).toArray(), end);
            }
        }
    }

    /** Whether an upload of this id is stored. */
    boolean contains(ProfileKey key, Identity identity) {
        int day = day(key);
        if (engine.get(Family.UPLOADS, key(day, key, identity)) != null) {
            return true;
        }
        for (int other : days.subSet(day - DAYS_AROUND, true, day + DAYS_AROUND, true)) {
            if (other != day && engine.get(Family.UPLOADS, key(other, key, identity)) != null) {
                return true;
            }
        }
        return false;
    }

    /** Puts an id into a batch, with the window of its profile. */
    void stage(Batch batch, ProfileKey key, Identity identity) {
        int day = day(key);
        days.add(day);
        batch.put(
                Family.UPLOADS,
                key(day, key, identity),
                new ByteWriter(4).u32(key.window()).toArray());
    }

    /** Whether such an upload is stored: its bytes say all, its first time among them. */
    boolean contains(Kind kind, int tenant, long startNanos, byte[] upload) {
        return engine.get(Family.UPLOADS, key(kind, tenant, startNanos, upload)) != null;
    }

    /** Puts the id of such an upload into a batch. */
    void stage(Batch batch, Kind kind, int tenant, long startNanos, byte[] upload) {
        days.add((int) (startNanos / DAY_NANOS));
        batch.put(
                Family.UPLOADS,
                key(kind, tenant, startNanos, upload),
                new ByteWriter(4).u32(ProfileKey.windowOf(startNanos)).toArray());
    }

    private static byte[] key(Kind kind, int tenant, long startNanos, byte[] upload) {
        return new ByteWriter(KEY_BYTES)
                .u32((int) (startNanos / DAY_NANOS))
                .u32(tenant)
                .u32(kind.code)
                .u32(kind.code)
                .bytes(upload, 0, UPLOAD_BYTES)
                .toArray();
    }

    /** Drops the ids of profiles that started on days that ended before an instant. */
    void dropBefore(long nanos) {
        int day = (int) (nanos / DAY_NANOS);
        if (!days.headSet(day).isEmpty()) {
            engine.dropRange(Family.UPLOADS, new byte[4], new ByteWriter(4).u32(day).toArray());
            days.headSet(day).clear();
        }
    }

    private static int day(ProfileKey key) {
        return (int) (key.startNanos() / DAY_NANOS);
    }

    private static byte[] key(int day, ProfileKey key, Identity identity) {
        return new ByteWriter(KEY_BYTES)
                .u32(day)
                .u32(key.tenant())
                .u32(key.service())
                .u32(key.type())
                .bytes(identity.upload(), 0, identity.upload().length)
                .toArray();
    }
}
