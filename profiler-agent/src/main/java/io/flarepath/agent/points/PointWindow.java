package io.flarepath.agent.points;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * All points of one window, by resource.
 *
 * @param startNanos its start, nanoseconds since 1970
 * @param endNanos its end
 * @param resources each at most once
 */
public record PointWindow(long startNanos, long endNanos, List<ResourcePoints> resources) {
    private record Series(String name, Map<String, String> attributes) {}

    /**
     * Puts together what the processes of a resource did: points of the same name and attributes
     * become one, as a series of OpenTelemetry has one writer.
     *
     * @param resourceOf resource attributes of a process, or null where it is not to be told of;
     *     that of 0 is the machine's own
     */
    public static PointWindow of(
            long startNanos,
            long endNanos,
            List<MetricPoint> points,
            IntFunction<@Nullable SortedMap<String, String>> resourceOf) {
        Map<Integer, SortedMap<String, String>> resources = new LinkedHashMap<>();
        Map<SortedMap<String, String>, Map<Series, MetricPoint>> merged = new LinkedHashMap<>();
        for (MetricPoint point : points) {
            SortedMap<String, String> resource =
                    resources.computeIfAbsent(
                            point.pid(),
                            pid -> {
                                SortedMap<String, String> known = resourceOf.apply(pid);
                                return known == null ? new TreeMap<>() : known;
                            });
            if (!resource.isEmpty()) {
                merged.computeIfAbsent(resource, r -> new LinkedHashMap<>())
                        .merge(
                                new Series(point.name(), point.attributes()),
                                withoutPid(point),
                                PointWindow::sum);
            }
        }
        List<ResourcePoints> byResource = new ArrayList<>(merged.size());
        merged.forEach((resource, series) -> {
            List<MetricPoint> ordered = new ArrayList<>(series.values());
            ordered.sort(Comparator.comparing(MetricPoint::name));
            byResource.add(new ResourcePoints(resource, ordered));
        });
        return new PointWindow(startNanos, endNanos, byResource);
    }

    private static MetricPoint withoutPid(MetricPoint point) {
        return new MetricPoint(
                0,
                point.name(),
                point.kind(),
                point.unit(),
                point.attributes(),
                point.count(),
                point.histogram());
    }

    private static MetricPoint sum(MetricPoint one, MetricPoint other) {
        HistogramValue first = one.histogram();
        HistogramValue second = other.histogram();
        if (first == null || second == null) {
            return MetricPoint.number(
                    0,
                    one.name(),
                    one.kind(),
                    one.unit(),
                    one.attributes(),
                    one.count() + other.count());
        }
        ExponentialHistogram both = new ExponentialHistogram();
        both.add(first);
        both.add(second);
        return MetricPoint.histogram(0, one.name(), one.unit(), one.attributes(), both.value());
    }
}
