package io.flarepath.store;

import io.flarepath.store.call.CallIndex;
import io.flarepath.store.call.CallKey;
import io.flarepath.store.chunk.ProfileKey;
import io.flarepath.store.encoding.CorruptValueException;
import io.flarepath.store.encoding.ZstdPool;
import io.flarepath.store.engine.Batch;
import io.flarepath.store.engine.Cursor;
import io.flarepath.store.engine.Engine;
import io.flarepath.store.engine.Family;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Drops calls that are too old, and the oldest when there are too many. */
final class CallRetention {
    private static final Logger log = LoggerFactory.getLogger(CallRetention.class);
    private static final List<Family> FAMILIES =
            List.of(Family.CALL_PARTS, Family.CALLS, Family.CALL_INDEX);
    private static final int STEPS = 16;

    private final Engine engine;
    private final ZstdPool zstd;
    private final CallSizes sizes;
    private final Damage damage;

    CallRetention(Engine engine, ZstdPool zstd, CallSizes sizes, Damage damage) {
        this.engine = engine;
        this.zstd = zstd;
        this.sizes = sizes;
        this.damage = damage;
    }

    /** Drops what began before the window in which something of an age would have begun. */
    void dropOlder(long nowNanos, Duration age) {
        long nanos = age.toSeconds() * 1_000_000_000L;
        if (nowNanos > nanos) {
            dropBefore(ProfileKey.windowOf(nowNanos - nanos));
        }
    }

    private void dropBefore(int window) {
        if (sizes.isEmpty() || sizes.first() >= window) {
            return; // the tombstone of one pass is not written again by the next
        }
        FAMILIES.forEach(
                family -> engine.dropRange(family, ProfileKey.first(0), ProfileKey.first(window)));
        for (int dropped : sizes.windows()) {
            if (dropped < window) {
                sizes.remove(dropped);
            }
        }
    }

    /** Drops what a tenant has before a window. */
    void dropBefore(int tenant, int end) {
        for (int window : sizes.windows()) {
            if (window >= end) {
                return;
            }
            List<Block> blocks = new ArrayList<>();
            addBlocks(
                    blocks,
                    Family.CALL_INDEX,
                    CallKey.first(window, tenant),
                    CallKey.first(window, tenant + 1));
            addBlocks(
                    blocks,
                    Family.CALL_PARTS,
                    CallKey.first(window, tenant),
                    CallKey.first(window, tenant + 1));
            if (!blocks.isEmpty()) {
                byte[] from = CallKey.first(window, tenant);
                byte[] until = CallKey.first(window, tenant + 1);
                FAMILIES.forEach(family -> engine.dropRange(family, from, until));
                sizes.add(window, -blocks.stream().mapToLong(Block::bytes).sum());
            }
        }
    }

    /**
     * Makes the log no larger than so many bytes: the oldest windows go, of the last one the oldest
     * blocks. What came within the last seconds stays.
     */
    void bound(long mostBytes) {
        long total = sizes.total();
        if (total <= mostBytes) {
            return;
        }
        int window = sizes.first();
        while (total > mostBytes && window < sizes.last()) {
            total -= sizes.of(window);
            window++;
        }
        log.info(
                "The call log takes more than {} bytes: calls before {} are dropped",
                mostBytes,
                instant(window));
        dropBefore(window);
        if (total > mostBytes) {
            dropOldestOf(window, total - mostBytes);
        }
    }

    /**
     * Makes room for the rest of the store: the oldest sixteenth of the windows goes.
     *
     * @return whether anything was dropped
     */
    boolean makeRoom(long mostBytes) {
        if (sizes.isEmpty() || sizes.first() == sizes.last() || engine.bytesOnDisk() <= mostBytes) {
            return false;
        }
        int window = sizes.first() + Math.max(1, (sizes.last() - sizes.first()) / STEPS);
        log.warn(
                "The store takes more than {} bytes: calls before {} are dropped",
                mostBytes,
                instant(window));
        dropBefore(window);
        return true;
    }

    private static Instant instant(int window) {
        return Instant.ofEpochSecond(0, window * ProfileKey.WINDOW_NANOS);
    }

    private record Block(byte[] key, long lastNanos, long bytes) {}

    private void dropOldestOf(int window, long tooMany) {
        List<Block> blocks = new ArrayList<>();
        addBlocks(
                blocks, Family.CALL_INDEX, ProfileKey.first(window), ProfileKey.first(window + 1));
        blocks.sort(Comparator.comparingLong(Block::lastNanos));
        Batch batch = new Batch();
        long dropped = 0;
        for (Block block : blocks) {
            if (dropped < tooMany) {
                batch.delete(Family.CALLS, block.key());
                batch.delete(Family.CALL_INDEX, block.key());
                dropped += block.bytes();
            }
        }
        engine.write(batch);
        sizes.add(window, -dropped);
    }

    private void addBlocks(List<Block> blocks, Family family, byte[] from, byte[] until) {
        try (Cursor cursor = engine.scan(family)) {
            cursor.seek(from, until);
            while (cursor.next()) {
                byte[] value = cursor.value();
                long bytes = value.length;
                long last = 0;
                if (family == Family.CALL_INDEX) {
                    try {
                        CallIndex index = CallIndex.open(value, zstd);
                        bytes += index.blockBytes();
                        last = index.summary().lastNanos();
                    } catch (CorruptValueException e) {
                        damage.found("the index of calls: " + e.getMessage());
                    }
                }
                blocks.add(new Block(cursor.key(), last, bytes));
            }
        }
    }
}
