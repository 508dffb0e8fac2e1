package io.flarepath.store;

import io.flarepath.store.metric.MetricPoint;
import io.flarepath.store.metric.MetricQuery;
import io.flarepath.store.metric.MetricSeries;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import java.util.List;

/** Metrics over time, beside the profiles and as safe. Safe for many threads. */
public interface MetricStore {

    /**
     * Stores all points of an upload or none.
     *
     * @param upload 16 bytes or more that are the same when it is sent again, and for no other
     * @return how many points were stored, and how many had been before; what is in neither could
     *     not be kept: a cumulative point of a series that is counted with others
     * @throws StoreException when they could not be stored
     */
    WriteResult write(String tenant, byte[] upload, List<MetricPoint> points);

    /** Whether there is anything of the selected series in a range. */
    boolean isAny(String tenant, Selector selector, TimeRange range);

    /**
     * Metrics over time, by metric and group, in the order of their names.
     *
     * @throws IllegalArgumentException when there are too many steps, or steps of groups
     */
    List<MetricSeries> read(MetricQuery query);
}
