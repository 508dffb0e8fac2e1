package io.flarepath.store;

/**
 * What lies in a store.
 *
 * @param profiles profiles written since it was opened
 * @param duplicates of those offered, how many had been stored before
 * @param series series known
 * @param bytesOnDisk size of its files, in bytes
 * @param oldestNanos start of the 10-minute window of the oldest profile, or 0 when there is none
 * @param newestNanos start of the newest profile, or 0 when there is none
 * @param corruptValues stored values that could not be read since it was opened: each was left out
 *     of an answer and reported in the log
 * @param foldedStacks stacks that ended in {@code <overflow>} since it was opened, because the
 *     dictionary of their service was full
 * @param dictionaryLoads dictionaries that were read since it was opened: each service's at first,
 *     and again where those in use do not fit the memory for them
 * @param foldedProfiles profiles that were stored under fewer labels than they had since it was
 *     opened, because their tenant had too many series
 * @param callBytes size of the calls among them, in bytes, before the engine's own packing
 * @param groupsLeftOut sums of series that agree in labels, left out since it was opened because
 *     their tenant had too many such groups; answers are made of the series' own
 * @param reads cursors and views of the engine that are open, and its calls that are under way
 * @param exemplarBytes size of what was measured of single spans, keys and values, in bytes
 * @param exemplarBytesDropped what was dropped of it since the store was opened because there was
 *     too much
 * @param fineBytes size of times of samples, keys and values, in bytes
 * @param fineBytesDropped what was dropped of it since the store was opened because there was too
 *     much of it, in bytes
 * @param metrics what became of metrics
 */
public record StoreStatistics(
        long profiles,
        long duplicates,
        long series,
        long bytesOnDisk,
        long oldestNanos,
        long newestNanos,
        long corruptValues,
        long foldedStacks,
        long dictionaryLoads,
        long foldedProfiles,
        long callBytes,
        long groupsLeftOut,
        int reads,
        long exemplarBytes,
        long exemplarBytesDropped,
        long fineBytes,
        long fineBytesDropped,
        MetricStatistics metrics) {

    /** Statistics of a store in which nothing is damaged or folded. */
    public StoreStatistics(
            long profiles,
            long duplicates,
            long series,
            long bytesOnDisk,
            long oldestNanos,
            long newestNanos) {
        this(
                profiles,
                duplicates,
                series,
                bytesOnDisk,
                oldestNanos,
                newestNanos,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                MetricStatistics.NONE);
    }
}
