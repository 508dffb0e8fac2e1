package io.flarepath.agent.requests.red;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one metric was in one window, for one set of attributes. A delta: it begins at nothing with
 * each window.
 *
 * @param pid process whose calls these are; the resource follows from it
 * @param name name of the metric
 * @param unit of its values, as in UCUM: {@code s}, {@code By}, <code>{request}</code>
 * @param attributes by name
 * @param count of a sum; of a histogram, that of its values
 * @param histogram null for a sum
 */
public record MetricPoint(
        int pid,
        String name,
        String unit,
        Map<String, String> attributes,
        long count,
        @Nullable HistogramValue histogram) {}
