package io.flarepath.store;

import io.flarepath.store.retention.Ages;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * How a store is run. Start from {@link #defaults()}.
 *
 * @param durability what an acknowledged profile survives
 * @param retention from what age on profiles and their sums are dropped
 * @param exemplars from what age on it is dropped what was measured of single spans; what is
 *     dropped of profiles takes it along
 * @param exemplarBytes size of that above which its oldest goes whatever its age
 * @param fine from what age on it is dropped when, and in which threads, samples were taken
 * @param fineBytes size of that above which its oldest goes whatever its age
 * @param calls from what age on calls are dropped
 * @param callBytes size of the call log above which its oldest calls go whatever their age
 * @param tenantAges by name of the tenant, from what age on all of it is dropped, sums too
 * @param retentionInterval time between two passes of retention
 * @param mostBytes size of the files above which the oldest goes whatever its age: calls, then
 *     profiles one by one and slots of metrics, then sums
 * @param windowGrace how long after its end a window is left alone; what comes later is added to it
 * @param finishingInterval time between two passes that put windows together
 * @param seriesSumRows a series has sums of two hours when its windows in them come to so many
 *     rows; reading fewer takes little time, and their sums would take nearly as much room again
 * @param groups sets of label names: series of a service that agree in all of a set have sums
 *     together as well
 * @param cacheBytes memory for blocks and memtables of the engine together
 * @param memtableBytes of which memtables
 * @param dictionaryBytes memory for dictionaries
 * @param dictionaryNodes nodes of one service beyond which new stacks fold into {@code <overflow>}
 * @param series series of one tenant beyond which those of new labels fold into one of the service
 * @param minimumFreeBytes free disk below which writes are refused; negative for 1 % of the disk,
 *     at least 256 MiB
 * @param clock the time by which retention goes
 * @param acceptLoss whether a store whose WAL is damaged in the middle is opened with what lies
 *     before the damage; without it such a store is refused
 */
public record StoreOptions(
        Durability durability,
        Ages retention,
        Duration exemplars,
        long exemplarBytes,
        Duration fine,
        long fineBytes,
        Duration calls,
        long callBytes,
        Map<String, Duration> tenantAges,
        Duration retentionInterval,
        long mostBytes,
        Duration windowGrace,
        Duration finishingInterval,
        int seriesSumRows,
        List<List<String>> groups,
        long cacheBytes,
        long memtableBytes,
        long dictionaryBytes,
        int dictionaryNodes,
        int series,
        long minimumFreeBytes,
        InstantSource clock,
        boolean acceptLoss) {
    private static final int MOST_GROUPS = 4;
    private static final long MIB = 1 << 20;

    /** Refuses what cannot work. */
    public StoreOptions {
        tenantAges = Map.copyOf(tenantAges);
        groups = groups.stream().map(List::copyOf).toList();
        if (groups.size() > MOST_GROUPS || groups.stream().anyMatch(List::isEmpty)) {
            throw new IllegalArgumentException(
                    "series are summed up together by at most "
                            + MOST_GROUPS
                            + " sets of labels, none of them empty, not by "
                            + groups);
        }
        if (exemplars.isNegative() || exemplars.isZero()) {
            throw new IllegalArgumentException(
                    "the retention of exemplars must be positive, not " + exemplars);
        }
        if (fine.isNegative() || fine.isZero() || fineBytes < 1) {
            throw new IllegalArgumentException(
                    "times of samples must be given an age and room, not "
                            + fine
                            + " and "
                            + fineBytes
                            + " bytes");
        }
        if (exemplarBytes < 1) {
            throw new IllegalArgumentException(
                    "exemplars must be given room, not " + exemplarBytes + " bytes");
        }
        if (calls.isNegative() || calls.isZero() || callBytes < MIB) {
            throw new IllegalArgumentException(
                    "the call log needs a positive retention and 1 MiB at least, not "
                            + calls
                            + " and "
                            + callBytes
                            + " bytes");
        }
        if (retentionInterval.isNegative() || retentionInterval.isZero()) {
            throw new IllegalArgumentException(
                    "the interval of retention must be positive, not " + retentionInterval);
        }
        if (windowGrace.isNegative()
                || finishingInterval.isNegative()
                || finishingInterval.isZero()) {
            throw new IllegalArgumentException(
                    "the interval of finishing must be positive and the grace not negative: "
                            + finishingInterval
                            + ", "
                            + windowGrace);
        }
        if (mostBytes < MIB) {
            throw new IllegalArgumentException(
                    "the store needs 1 MiB at least, not " + mostBytes + " bytes");
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
        if (series < 1) {
            throw new IllegalArgumentException("a tenant needs one series, not " + series);
        }
    }

    /**
     * Profiles for seven days, exemplars and 1 GiB of calls for one, times of samples for an hour,
     * sums of 10 minutes for 30, of 2 hours for 180, of days for three years; durability {@code
     * os}, 96 MiB for the engine, 128 MiB for dictionaries.
     */
    public static StoreOptions defaults() {
        return new StoreOptions(
                Durability.OS,
                new Ages(
                        Duration.ofDays(7),
                        Duration.ofDays(30),
                        Duration.ofDays(180),
                        Duration.ofDays(3 * 365)),
                Duration.ofDays(1),
                1L << 30,
                Duration.ofHours(1),
                256 * MIB,
                Duration.ofDays(1),
                1L << 30,
                Map.of(),
                Duration.ofMinutes(10),
                Long.MAX_VALUE,
                Duration.ofMinutes(2),
                Duration.ofSeconds(20),
                8192,
                List.of(),
                96 * MIB,
                32 * MIB,
                128 * MIB,
                1_000_000,
                200_000,
                -1,
                InstantSource.system(),
                false);
    }

    /** The same with another durability. */
    public StoreOptions withDurability(Durability other) {
        return with(draft -> draft.durability = other);
    }

    /** The same, but profiles and all of their sums go at one age. */
    public StoreOptions withRetention(Duration age, Duration interval) {
        return withRetention(Ages.all(age), interval);
    }

    /** The same with another retention. */
    public StoreOptions withRetention(Ages ages, Duration interval) {
        return with(draft -> {
            draft.retention = ages;
            draft.retentionInterval = interval;
        });
    }

    /** The same, but what was measured of single spans goes at another age and size. */
    public StoreOptions withExemplars(Duration age, long bytes) {
        return with(draft -> {
            draft.exemplars = age;
            draft.exemplarBytes = bytes;
        });
    }

    /** The same, but times of samples go at another age and size. */
    public StoreOptions withFine(Duration age, long bytes) {
        return with(draft -> {
            draft.fine = age;
            draft.fineBytes = bytes;
        });
    }

    /** The same with another retention of calls. */
    public StoreOptions withCalls(Duration age, long bytes) {
        return with(draft -> {
            draft.calls = age;
            draft.callBytes = bytes;
        });
    }

    /** The same with tenants of which all goes at an age of their own. */
    public StoreOptions withTenantAges(Map<String, Duration> others) {
        return with(draft -> draft.tenantAges = others);
    }

    /** The same with another bound of size. */
    public StoreOptions withMostBytes(long bytes) {
        return with(draft -> draft.mostBytes = bytes);
    }

    /** The same with other times for putting windows together. */
    public StoreOptions withFinishing(Duration grace, Duration interval) {
        return with(draft -> {
            draft.windowGrace = grace;
            draft.finishingInterval = interval;
        });
    }

    /** The same, but series have sums of two hours from other numbers of rows on. */
    public StoreOptions withSeriesSumRows(int rows) {
        return with(draft -> draft.seriesSumRows = rows);
    }

    /** The same, but series that agree in all labels of a set have sums together as well. */
    public StoreOptions withGroups(List<List<String>> sets) {
        return with(draft -> draft.groups = sets);
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

    /** The same with another bound of series. */
    public StoreOptions withSeries(int most) {
        return with(draft -> draft.series = most);
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
        private Ages retention;
        private Duration exemplars;
        private long exemplarBytes;
        private Duration fine;
        private long fineBytes;
        private Duration calls;
        private long callBytes;
        private Map<String, Duration> tenantAges;
        private Duration retentionInterval;
        private long mostBytes;
        private Duration windowGrace;
        private Duration finishingInterval;
        private int seriesSumRows;
        private List<List<String>> groups;
        private long cacheBytes;
        private long memtableBytes;
        private long dictionaryBytes;
        private int dictionaryNodes;
        private int series;
        private long minimumFreeBytes;
        private InstantSource clock;
        private boolean acceptLoss;

        private Draft(StoreOptions from) {
            durability = from.durability;
            retention = from.retention;
            exemplars = from.exemplars;
            exemplarBytes = from.exemplarBytes;
            fine = from.fine;
            fineBytes = from.fineBytes;
            calls = from.calls;
            callBytes = from.callBytes;
            tenantAges = from.tenantAges;
            retentionInterval = from.retentionInterval;
            mostBytes = from.mostBytes;
            windowGrace = from.windowGrace;
            finishingInterval = from.finishingInterval;
            seriesSumRows = from.seriesSumRows;
            groups = from.groups;
            cacheBytes = from.cacheBytes;
            memtableBytes = from.memtableBytes;
            dictionaryBytes = from.dictionaryBytes;
            dictionaryNodes = from.dictionaryNodes;
            series = from.series;
            minimumFreeBytes = from.minimumFreeBytes;
            clock = from.clock;
            acceptLoss = from.acceptLoss;
        }

        private StoreOptions options() {
            return new StoreOptions(
                    durability,
                    retention,
                    exemplars,
                    exemplarBytes,
                    fine,
                    fineBytes,
                    calls,
                    callBytes,
                    tenantAges,
                    retentionInterval,
                    mostBytes,
                    windowGrace,
                    finishingInterval,
                    seriesSumRows,
                    groups,
                    cacheBytes,
                    memtableBytes,
                    dictionaryBytes,
                    dictionaryNodes,
                    series,
                    minimumFreeBytes,
                    clock,
                    acceptLoss);
        }
    }
}
