package io.flarepath.store;

import java.time.Duration;
import java.time.InstantSource;

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
        return new StoreOptions(
                other,
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

    /** The same with another retention. */
    public StoreOptions withRetention(Duration age, Duration interval) {
        return new StoreOptions(
                durability,
                age,
                interval,
                cacheBytes,
                memtableBytes,
                dictionaryBytes,
                dictionaryNodes,
                minimumFreeBytes,
                clock,
                acceptLoss);
    }

    /** The same with other bounds of memory for the engine. */
    public StoreOptions withEngineMemory(long cache, long memtables) {
        return new StoreOptions(
                durability,
                retention,
                retentionInterval,
                cache,
                memtables,
                dictionaryBytes,
                dictionaryNodes,
                minimumFreeBytes,
                clock,
                acceptLoss);
    }

    /** The same with other bounds of dictionaries. */
    public StoreOptions withDictionaries(long bytes, int nodes) {
        return new StoreOptions(
                durability,
                retention,
                retentionInterval,
                cacheBytes,
                memtableBytes,
                bytes,
                nodes,
                minimumFreeBytes,
                clock,
                acceptLoss);
    }

    /** The same with another bound of free disk. */
    public StoreOptions withMinimumFreeBytes(long bytes) {
        return new StoreOptions(
                durability,
                retention,
                retentionInterval,
                cacheBytes,
                memtableBytes,
                dictionaryBytes,
                dictionaryNodes,
                bytes,
                clock,
                acceptLoss);
    }

    /** The same with another clock. */
    public StoreOptions withClock(InstantSource other) {
        return new StoreOptions(
                durability,
                retention,
                retentionInterval,
                cacheBytes,
                memtableBytes,
                dictionaryBytes,
                dictionaryNodes,
                minimumFreeBytes,
                other,
                acceptLoss);
    }

    /** The same, but a damaged WAL is cut at the damage, with a copy kept, and not refused. */
    public StoreOptions withAcceptLoss(boolean accept) {
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
                accept);
    }
}
