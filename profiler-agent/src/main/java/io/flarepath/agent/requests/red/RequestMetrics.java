package io.flarepath.agent.requests.red;

import io.flarepath.agent.points.ExponentialHistogram;
import io.flarepath.agent.points.MetricKind;
import io.flarepath.agent.points.MetricPoint;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Protocol;
import io.flarepath.agent.requests.named.CallAttributes;
import io.flarepath.agent.requests.named.NamedCall;
import io.flarepath.agent.requests.stream.Role;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Sums up calls by process and attributes for as long as a window lasts. Each process may have so
 * many series, all of them together so many; what has no room is counted all the same, in a series
 * that says {@code otel.metric.overflow}. Not for several threads.
 */
public final class RequestMetrics {
    /** Series of one process in a window. */
    public static final int MOST_SERIES = 1000;

    /** Series of all processes in a window. */
    public static final int MOST_SERIES_OF_ALL = 8000;

    private static final double NANOS = 1e-9;

    private static final Map<String, String> OVERFLOW = Map.of("otel.metric.overflow", "true");

    private final LinkedHashMap<SeriesKey, Series> series = new LinkedHashMap<>();
    private final Map<Integer, Integer> seriesOf = new LinkedHashMap<>();
    private long overflowed;

    private static final class Series {
        private final Map<String, String> attributes;
        private long count;
        private final ExponentialHistogram duration = new ExponentialHistogram();
        private final ExponentialHistogram firstByte = new ExponentialHistogram();
        private final ExponentialHistogram requestSize = new ExponentialHistogram();
        private final ExponentialHistogram responseSize = new ExponentialHistogram();

        Series(Map<String, String> attributes) {
            this.attributes = attributes;
        }
    }

    /** Counts a call. */
    public void record(NamedCall named) {
        Exchange exchange = named.call().exchange();
        Series one = series(SeriesKey.of(named), named);
        one.count++;
        if (CallAttributes.isMeasured(exchange)) {
            one.duration.record((exchange.responseEnd() - exchange.requestStart()) * NANOS);
            one.firstByte.record((exchange.responseStart() - exchange.requestStart()) * NANOS);
        }
        one.requestSize.record((double) exchange.requestBytes());
        one.responseSize.record((double) exchange.responseBytes());
    }

    private Series series(SeriesKey key, NamedCall named) {
        Series there = series.get(key);
        if (there != null) {
            return there;
        }
        int ofProcess = seriesOf.merge(key.pid, 1, Integer::sum);
        if (ofProcess <= MOST_SERIES && series.size() < MOST_SERIES_OF_ALL) {
            Series made = new Series(CallAttributes.of(named));
            series.put(key, made);
            return made;
        }
        overflowed++;
        seriesOf.merge(key.pid, -1, Integer::sum);
        return series.computeIfAbsent(key.overflow(), k -> new Series(OVERFLOW));
    }

    /** Calls that were counted without their attributes since the start. */
    public long overflowed() {
        return overflowed;
    }

    /** Ends the window: gives all that is in it, and empties it. */
    public List<MetricPoint> take() {
        List<MetricPoint> points = new ArrayList<>(series.size() * 3);
        series.forEach((key, one) -> points(points, key, one));
        series.clear();
        seriesOf.clear();
        return points;
    }

    private static void points(List<MetricPoint> points, SeriesKey key, Series one) {
        String durations = CallAttributes.durations(key.protocol, key.role);
        Map<String, String> attributes = one.attributes;
        if (key.kind.isEmpty()) {
            add(points, key.pid, attributes, durations, "s", one.duration);
            add(
                    points,
                    key.pid,
                    attributes,
                    "flarepath.request.time_to_first_byte",
                    "s",
                    one.firstByte);
        } else {
            attributes = new TreeMap<>(attributes);
            attributes.put("flarepath.request.kind", key.kind);
            attributes.put("flarepath.request.metric", durations);
            points.add(
                    MetricPoint.number(
                            key.pid,
                            "flarepath.requests.unmeasured",
                            MetricKind.SUM,
                            "{request}",
                            attributes,
                            one.count));
        }
        String side = key.role == Role.SERVER ? "server" : "client";
        boolean http = key.protocol == Protocol.HTTP1 || key.protocol == Protocol.HTTP2;
        String asked = http ? "http." + side + ".request.body.size" : "flarepath.request.size";
        String answered = http ? "http." + side + ".response.body.size" : "flarepath.response.size";
        add(points, key.pid, attributes, asked, "By", one.requestSize);
        add(points, key.pid, attributes, answered, "By", one.responseSize);
    }

    private static void add(
            List<MetricPoint> points,
            int pid,
            Map<String, String> attributes,
            String name,
            String unit,
            ExponentialHistogram histogram) {
        points.add(MetricPoint.histogram(pid, name, unit, attributes, histogram.value()));
    }
}
