package io.flarepath.store;

import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Consumer;

/**
 * How a store is run. Start from {@link #defaults()}.
 *
 * @param durability what an acknowledged profile survives
 * @param retention age from which profiles are dropped, counted from their start
 * @param retentionInterval time between two passes of retention
 * @param cacheBytes memory for blocks and memtables of the engine together
 * @param memtableBytes of which memtables
 * @param dictionaryBytes memory for dictionaries
 * @param dictionaryNodes nodes of one service beyond which new stacks fold into {@code <overflow>}
 * @param minimumFreeBytes free disk below which writes are refused; negative for 1 % of the disk,
 *     at least 256 MiB
 * @param clock the time by which retention goes
 * @param acceptLoss whether a store whose WAL is damaged in the middle is opened with what lies
 *     before the damage; without it such a store is refused
 */
public record StoreOptions(
        Durability durability,
        Duration retention,
        Duration retentionInterval,
        long cacheBytes,
        long memtableBytes,
        long dictionaryBytes,
        int dictionaryNodes,
        long minimumFreeBytes,
        InstantSource clock,
        boolean acceptLoss) {
    private static final long MIB = 1 << 20;

    /** Refuses what cannot work. */
    public StoreOptions {
        if (retention.isNegative() || retention.isZero()) {
            throw new IllegalArgumentException("retention must be positive, not " + retention);
        }
        if (retentionInterval.isNegative() || retentionInterval.isZero()) {
            throw new IllegalArgumentException(
                    "the interval of retention must be positive, not " + retentionInterval);
        }
        if (memtableBytes < MIB || cacheBytes < memtableBytes) {
            throw new IllegalArgumentException(
                    "memtables need 1 MiB at least and lie within the cache: memtableBytes="
                            + memtableBytes
                            + " cacheBytes="
                            + cacheBytes);
        }
        if (dictionaryBytes < MIB || dictionaryNodes < 1 || dictionaryNodes > 1 << 24) {
            throw new IllegalArgumentException(
                    "dictionaries need 1 MiB at least and 1 to 16,777,216 nodes: dictionaryBytes="
                            + dictionaryBytes
                            + " dictionaryNodes="
                            + dictionaryNodes);
        }
    }

    /** Seven days, durability {@code os}, 96 MiB for the engine, 128 MiB for dictionaries. */
    public static StoreOptions defaults() {
        return new StoreOptions(
                Durability.OS,
                Duration.ofDays(7),
                Duration.ofMinutes(10),
                96 * MIB,
                32 * MIB,
                128 * MIB,
                1_000_000,
                -1,
                InstantSource.system(),
                false);
    }

    /** The same with another durability. */
    public StoreOptions withDurability(Durability other) {
        return with(draft -> draft.durability = other);
    }

    /** The same with another retention. */
    public StoreOptions withRetention(Duration age, Duration interval) {
        return with(draft -> {
            draft.retention = age;
            draft.retentionInterval = interval;
        });
    }

    /** The same with other bounds of memory for the engine. */
    public StoreOptions withEngineMemory(long cache, long memtables) {
        return with(draft -> {
            draft.cacheBytes = cache;
            draft.memtableBytes = memtables;
        });
    }

    /** The same with other bounds of dictionaries. */
    public StoreOptions withDictionaries(long bytes, int nodes) {
        return with(draft -> {
            draft.dictionaryBytes = bytes;
            draft.dictionaryNodes = nodes;
        });
    }

    /** The same with another bound of free disk. */
    public StoreOptions withMinimumFreeBytes(long bytes) {
        return with(draft -> draft.minimumFreeBytes = bytes);
    }

    /** The same with another clock. */
    public StoreOptions withClock(InstantSource other) {
        return with(draft -> draft.clock = other);
    }

    /** The same, but a damaged WAL is cut at the damage, with a copy kept, and not refused. */
    public StoreOptions withAcceptLoss(boolean accept) {
        return with(draft -> draft.acceptLoss = accept);
    }

    private StoreOptions with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.options();
    }

    /** Options under change. */
    private static final class Draft {
        private Durability durability;
        private Duration retention;
        private Duration retentionInterval;
        private long cacheBytes;
        private long memtableBytes;
        private long dictionaryBytes;
        private int dictionaryNodes;
        private long minimumFreeBytes;
        private InstantSource clock;
        private boolean acceptLoss;

        private Draft(StoreOptions from) {
            durability = from.durability;
            retention = from.retention;
            retentionInterval = from.retentionInterval;
            cacheBytes = from.cacheBytes;
            memtableBytes = from.memtableBytes;
            dictionaryBytes = from.dictionaryBytes;
            dictionaryNodes = from.dictionaryNodes;
            minimumFreeBytes = from.minimumFreeBytes;
            clock = from.clock;
            acceptLoss = from.acceptLoss;
        }

        private StoreOptions options() {
            return new StoreOptions(
                    durability,
                    retention,
                    retentionInterval,
                    cacheBytes,
                    memtableBytes,
                    dictionaryBytes,
                    dictionaryNodes,
                    minimumFreeBytes,
                    clock,
                    acceptLoss);
        }
    }
}
