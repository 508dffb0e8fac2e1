package io.flarepath.agent.requests.red;

import io.flarepath.agent.points.ExponentialHistogram;
import io.flarepath.agent.points.MetricKind;
import io.flarepath.agent.points.MetricPoint;
import io.flarepath.agent.requests.message.Call;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Outcome;
import io.flarepath.agent.requests.message.Protocol;
import io.flarepath.agent.requests.route.MaskedPath;
import io.flarepath.agent.requests.route.Routes;
import io.flarepath.agent.requests.stream.Role;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Sums up calls by process and attributes for as long as a window lasts. Each process may have so
 * many names of a kind and so many series, all of them together so many; what has no room is
 * counted all the same, in a series that says {@code otel.metric.overflow}. Not for several
 * threads.
 */
public final class RequestMetrics {
    /** Series of one process in a window. */
    public static final int MOST_SERIES = 1000;

    /** Series of all processes in a window. */
    public static final int MOST_SERIES_OF_ALL = 8000;

    /** Processes whose names are remembered. */
    private static final int MOST_PROCESSES = 1024;

    private static final int MOST_NAMES = 200;
    private static final int MOST_OPERATIONS = 64;
    private static final int MOST_PEERS = 64;
    private static final double NANOS = 1e-9;

    private final List<String> patterns;
    private final LinkedHashMap<Integer, Names> names = new LinkedHashMap<>(16, 0.75f, true);
    private final LinkedHashMap<Key, Series> series = new LinkedHashMap<>();
    private final Map<Integer, Integer> seriesOf = new LinkedHashMap<>();
    private long overflowed;

    private record Key(
            int pid, Protocol protocol, Role role, String kind, Map<String, String> attributes) {}

    /** What is remembered of a process between windows, so that names stay the same. */
    private static final class Names {
        private final Routes routes;
        private final CappedNames targets = new CappedNames(MOST_NAMES);
        private final CappedNames operations = new CappedNames(MOST_OPERATIONS);
        private final CappedNames peers = new CappedNames(MOST_PEERS);

        Names(List<String> patterns) {
            routes = new Routes(patterns);
        }
    }

    private static final class Series {
        private long count;
        private final ExponentialHistogram duration = new ExponentialHistogram();
        private final ExponentialHistogram firstByte = new ExponentialHistogram();
        private final ExponentialHistogram requestSize = new ExponentialHistogram();
        private final ExponentialHistogram responseSize = new ExponentialHistogram();
    }

    /**
     * Nothing is counted yet.
     *
     * @param patterns of routes, as in {@link Routes}
     */
    public RequestMetrics(List<String> patterns) {
        this.patterns = List.copyOf(patterns);
    }

    /** Counts a call. */
    public void record(Call call) {
        Exchange exchange = call.exchange();
        Names known = names(call.connection().pid());
        String operation = operation(exchange, known);
        String peer = known.peers.of(call.connection().peerAddress());
        Map<String, String> attributes =
                CallAttributes.of(call, route(exchange, known), operation, peer);
        boolean measured = CallAttributes.isMeasured(exchange);
        String kind = measured ? "" : kind(exchange);
        Series one =
                series(
                        new Key(
                                call.connection().pid(),
                                exchange.protocol(),
                                call.role(),
                                kind,
                                attributes));
        one.count++;
        if (measured) {
            one.duration.record((exchange.responseEnd() - exchange.requestStart()) * NANOS);
            one.firstByte.record((exchange.responseStart() - exchange.requestStart()) * NANOS);
        }
        one.requestSize.record((double) exchange.requestBytes());
        one.responseSize.record((double) exchange.responseBytes());
    }

    private static String kind(Exchange exchange) {
        if (exchange.outcome() == Outcome.TIMEOUT || exchange.outcome() == Outcome.BROKEN) {
            return "unanswered";
        }
        return switch (exchange.kind()) {
            case UNARY -> "unary";
            case ONE_WAY -> "one_way";
            case STREAM -> "stream";
            case LONG_POLL -> "long_poll";
        };
    }

    private Names names(int pid) {
        Names known = names.computeIfAbsent(pid, p -> new Names(patterns));
        Map.Entry<Integer, Names> eldest = names.firstEntry();
        if (names.size() > MOST_PROCESSES && eldest != null) {
            names.remove(eldest.getKey());
        }
        return known;
    }

    private static String operation(Exchange exchange, Names known) {
        boolean http =
                exchange.protocol() == Protocol.HTTP1 || exchange.protocol() == Protocol.HTTP2;
        return http
                ? CallAttributes.method(exchange.operation())
                : known.operations.of(exchange.operation());
    }

    private static String route(Exchange exchange, Names known) {
        return switch (exchange.protocol()) {
            case HTTP1, HTTP2 -> {
                String path = MaskedPath.withoutQuery(exchange.target());
                boolean served = exchange.outcome() == Outcome.OK;
                yield path.isEmpty() ? "" : known.routes.of(path, served);
            }
            default -> known.targets.of(exchange.target());
        };
    }

    private Series series(Key key) {
        Series there = series.get(key);
        if (there != null) {
            return there;
        }
        int ofProcess = seriesOf.merge(key.pid, 1, Integer::sum);
        boolean room = ofProcess <= MOST_SERIES && series.size() < MOST_SERIES_OF_ALL;
        Key used = key;
        if (!room) {
            overflowed++;
            seriesOf.merge(key.pid, -1, Integer::sum);
            // One for each metric, without the process: there may be too many of those.
            used =
                    new Key(
                            0,
                            key.protocol,
                            key.role,
                            key.kind,
                            Map.of("otel.metric.overflow", "true"));
        }
        return series.computeIfAbsent(used, k -> new Series());
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

    private static void points(List<MetricPoint> points, Key key, Series one) {
        String durations = CallAttributes.durations(key.protocol, key.role);
        Map<String, String> attributes = key.attributes;
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
