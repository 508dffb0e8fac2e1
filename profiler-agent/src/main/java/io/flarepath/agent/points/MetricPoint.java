package io.flarepath.agent.points;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one metric was in one window, for one set of attributes. A sum or a histogram is a delta: it
 * begins at nothing with each window.
 *
 * @param pid process that it is about; the resource follows from it. 0 where it is none in
 *     particular
 * @param name name of the metric
 * @param kind what the number means; the same in all points of the name
 * @param unit of its values, as in UCUM: {@code s}, {@code By}, <code>{request}</code>
 * @param attributes by name
 * @param count of a sum or gauge; of a histogram, that of its values
 * @param histogram null unless it is one
 */
public record MetricPoint(
        int pid,
        String name,
        MetricKind kind,
        String unit,
        Map<String, String> attributes,
        long count,
        @Nullable HistogramValue histogram) {

    /** A sum or a gauge. */
    public static MetricPoint number(
            int pid,
            String name,
            MetricKind kind,
            String unit,
            Map<String, String> attributes,
            long count) {
        return new MetricPoint(pid, name, kind, unit, attributes, count, null);
    }

    /** A histogram. */
    public static MetricPoint histogram(
            int pid,
            String name,
            String unit,
            Map<String, String> attributes,
            HistogramValue value) {
        return new MetricPoint(
                pid, name, MetricKind.HISTOGRAM, unit, attributes, value.count(), value);
    }
}
