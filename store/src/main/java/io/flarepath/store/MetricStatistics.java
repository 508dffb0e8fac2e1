package io.flarepath.store;

/**
 * What became of the metrics that were offered since a store was opened.
 *
 * @param points points that are stored
 * @param duplicates points of uploads that had been stored before
 * @param series series known
 * @param folded of the points, how many were stored under fewer labels or another name than they
 *     had, because their tenant had too many series or metrics
 * @param dropped cumulative points that were not stored for that reason: what several stood at
 *     cannot be added up
 */
public record MetricStatistics(
        long points, long duplicates, long series, long folded, long dropped) {

    /** Of a store without metrics. */
    public static final MetricStatistics NONE = new MetricStatistics(0, 0, 0, 0, 0);
}
