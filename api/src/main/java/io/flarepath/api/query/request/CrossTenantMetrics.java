package io.flarepath.api.query.request;

import io.flarepath.api.server.Tenant;
import io.flarepath.store.MetricStore;
import io.flarepath.store.WriteResult;
import io.flarepath.store.metric.Measure;
import io.flarepath.store.metric.Metric;
import io.flarepath.store.metric.MetricPoint;
import io.flarepath.store.metric.MetricQuery;
import io.flarepath.store.metric.MetricSeries;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Metrics of several tenants as if they were of one. */
record CrossTenantMetrics(MetricStore store) implements MetricStore {

    @Override
    public WriteResult write(String tenant, byte[] upload, List<MetricPoint> points) {
        return store.write(tenant, upload, points);
    }

    @Override
    public boolean isAny(String tenant, Selector selector, TimeRange range) {
        return Tenant.split(tenant).stream().anyMatch(one -> store.isAny(one, selector, range));
    }

    private record Group(Metric metric, Labels labels) {}

    @Override
    public List<MetricSeries> read(MetricQuery query) {
        List<String> tenants = Tenant.split(query.tenant());
        if (tenants.size() == 1) {
            return store.read(query);
        }
        Map<Group, TreeMap<Long, Measure>> sums = new LinkedHashMap<>();
        for (String tenant : tenants) {
            MetricQuery one =
                    new MetricQuery(
                            tenant,
                            query.selector(),
                            query.range(),
                            query.stepNanos(),
                            query.groupBy());
            for (MetricSeries series : store.read(one)) {
                TreeMap<Long, Measure> steps =
                        sums.computeIfAbsent(
                                new Group(series.metric(), series.labels()),
                                absent -> new TreeMap<>());
                series.steps().forEach((at, measure) -> steps.merge(at, measure, Measure::plus));
            }
        }
        List<MetricSeries> joined = new ArrayList<>();
        sums.forEach((group, steps) ->
                joined.add(new MetricSeries(group.metric(), group.labels(), steps)));
        return joined;
    }
}
