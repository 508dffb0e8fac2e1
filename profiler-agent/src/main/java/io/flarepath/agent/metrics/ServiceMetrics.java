package io.flarepath.agent.metrics;

import io.flarepath.agent.points.HistogramValue;
import io.flarepath.agent.points.MetricKind;
import io.flarepath.agent.points.MetricPoint;
import io.flarepath.agent.points.PointWindow;
import io.flarepath.agent.points.ResourcePoints;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of services and of the network as Prometheus reads them: summed up since the start,
 * under the names of OpenTelemetry's translation (opentelemetry.io/docs/specs/otel/compatibility/
 * prometheus_and_openmetrics). Series that were quiet for an hour are forgotten; of more than the
 * limit the rest is counted by metric alone. Any thread may call it.
 */
public final class ServiceMetrics {
    /** Series that are kept. */
    static final int MOST_SERIES = 4_000;

    /** Bounds of durations, in seconds; a bucket of the sums counts where its upper bound lies. */
    private static final double[] BOUNDS = {
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
    };

    private static final long QUIET_NANOS = 3_600_000_000_000L;

    /** Resource attributes that are shown, and as what. */
    private static final Map<String, String> RESOURCE_LABELS =
            new TreeMap<>(
                    Map.of(
                            "service.name", "service_name",
                            "k8s.pod.name", "pod",
                            "k8s.namespace.name", "namespace",
                            "k8s.container.name", "container"));

    private final int most;
    private final SortedMap<String, Family> families = new TreeMap<>();
    private int size;
    private long overflowed;

    private static final class Family {
        private final MetricKind kind;
        private final boolean buckets;
        private final LinkedHashMap<String, Series> series = new LinkedHashMap<>(16, 0.75f, true);

        Family(MetricKind kind, boolean buckets) {
            this.kind = kind;
            this.buckets = buckets;
        }
    }

    private static final class Series {
        private long lastNanos;
        private long count;
        private double sum;
        private long @Nullable [] buckets;
    }

    /** Nothing is known yet. */
    public ServiceMetrics() {
        this(MOST_SERIES);
    }

    ServiceMetrics(int most) {
        this.most = most;
    }

    /** Adds what a window told. */
    public synchronized void add(PointWindow window) {
        forgetQuiet(window.endNanos());
        families.values().stream()
                .filter(family -> family.kind == MetricKind.GAUGE)
                .forEach(family -> family.series.values().forEach(series -> series.count = 0));
        for (ResourcePoints resource : window.resources()) {
            String labels = resourceLabels(resource.resource());
            for (MetricPoint point : resource.points()) {
                add(labels, point, window.endNanos());
            }
        }
    }

    private void forgetQuiet(long nowNanos) {
        for (Family family : families.values()) {
            Iterator<Series> oldestFirst = family.series.values().iterator();
            while (oldestFirst.hasNext() && nowNanos - oldestFirst.next().lastNanos > QUIET_NANOS) {
                oldestFirst.remove();
                size--;
            }
        }
    }

    private void add(String resourceLabels, MetricPoint point, long nowNanos) {
        boolean seconds = point.unit().equals("s");
        Family family =
                families.computeIfAbsent(name(point), n -> new Family(point.kind(), seconds));
        if (family.kind != point.kind()) {
            throw new IllegalArgumentException(point.name() + " has changed its kind");
        }
        Series series = series(family, labels(resourceLabels, point));
        series.lastNanos = nowNanos;
        series.count += point.count();
        HistogramValue histogram = point.histogram();
        if (histogram != null) {
            series.sum += histogram.sum();
            if (family.buckets) {
                spread(histogram, buckets(series));
            }
        }
    }

    private Series series(Family family, String labels) {
        Series known = family.series.get(labels);
        if (known != null) {
            return known;
        }
        String used = labels;
        if (size >= most) {
            overflowed++;
            used = "otel_metric_overflow=\"true\"";
        }
        return family.series.computeIfAbsent(
                used,
                u -> {
                    size++;
                    return new Series();
                });
    }

    private static long[] buckets(Series series) {
        long[] buckets = series.buckets;
        if (buckets == null) {
            buckets = new long[BOUNDS.length + 1];
            series.buckets = buckets;
        }
        return buckets;
    }

    private static void spread(HistogramValue histogram, long[] into) {
        into[0] += histogram.zeros();
        long[] counts = histogram.buckets();
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0) {
                // What is at most this, but for rounding: a bound itself must not go one too far.
                double upper = Math.min(histogram.upper(i), histogram.max()) * (1 - 1e-12);
                int at = Arrays.binarySearch(BOUNDS, upper);
                into[at < 0 ? -at - 1 : at] += counts[i];
            }
        }
    }

    private static String name(MetricPoint point) {
        String unit =
                switch (point.unit()) {
                    case "s" -> "_seconds";
                    case "By" -> "_bytes";
                    default -> "";
                };
        return label(point.name()) + unit + (point.kind() == MetricKind.SUM ? "_total" : "");
    }

    /** A name of ours or of the conventions, in Prometheus' alphabet. */
    private static String label(String name) {
        return name.replaceAll("[^A-Za-z0-9_]", "_");
    }

    private static String resourceLabels(SortedMap<String, String> resource) {
        StringBuilder out = new StringBuilder();
        RESOURCE_LABELS.forEach((attribute, label) -> {
            String value = resource.get(attribute);
            if (value != null) {
                append(out, label, value);
            }
        });
        return out.toString();
    }

    private static String labels(String resourceLabels, MetricPoint point) {
        StringBuilder out = new StringBuilder(resourceLabels);
        new TreeMap<>(point.attributes()).forEach((name, value) -> append(out, label(name), value));
        return out.toString();
    }

    private static void append(StringBuilder out, String label, String value) {
        out.append(out.isEmpty() ? "" : ",").append(label).append("=\"");
        out.append(MetricRegistry.escape(value, true)).append('"');
    }

    /** Points that were counted without their labels. */
    public synchronized long overflowed() {
        return overflowed;
    }

    /** Series that are kept now. */
    public synchronized int size() {
        return size;
    }

    /** All series in Prometheus' text format 0.0.4. */
    synchronized void appendTo(StringBuilder out) {
        families.forEach((name, family) -> {
            if (family.series.isEmpty()) {
                return;
            }
            out.append("# TYPE ").append(name).append(' ');
            out.append(
                    switch (family.kind) {
                        case SUM -> "counter\n";
                        case GAUGE -> "gauge\n";
                        case HISTOGRAM -> "histogram\n";
                    });
            // In the order of use, which looking at them here must not change.
            family.series.forEach((labels, series) -> append(out, name, family, labels, series));
        });
    }

    private static void append(
            StringBuilder out, String name, Family family, String labels, Series series) {
        if (family.kind != MetricKind.HISTOGRAM) {
            line(out, name, labels, "").append(series.count).append('\n');
            return;
        }
        long[] buckets = series.buckets;
        if (buckets != null) {
            long sum = 0;
            for (int i = 0; i < BOUNDS.length; i++) {
                sum += buckets[i];
                String bound = "le=\"" + BOUNDS[i] + "\"";
                line(out, name + "_bucket", labels, bound).append(sum).append('\n');
            }
        }
        line(out, name + "_bucket", labels, "le=\"+Inf\"").append(series.count).append('\n');
        line(out, name + "_sum", labels, "").append(series.sum).append('\n');
        line(out, name + "_count", labels, "").append(series.count).append('\n');
    }

    private static StringBuilder line(StringBuilder out, String name, String labels, String more) {
        String comma = labels.isEmpty() || more.isEmpty() ? "" : ",";
        out.append(name);
        if (!labels.isEmpty() || !more.isEmpty()) {
            out.append('{').append(labels).append(comma).append(more).append('}');
        }
        return out.append(' ');
    }
}
