package io.flarepath.agent.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.agent.points.ExponentialHistogram;
import io.flarepath.agent.points.HistogramValue;
import io.flarepath.agent.points.MetricKind;
import io.flarepath.agent.points.MetricPoint;
import io.flarepath.agent.points.PointWindow;
import io.flarepath.config.Configuration;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsEncoderTest {
    private static final long START = 1_700_000_000_000_000_000L;
    private static final long END = START + 10_000_000_000L;

    @TempDir Path folder;

    @Test
    void everyPointArrivesWithItsKindTimesAndAttributes() throws Exception {
        Random random = new Random(11);
        PointWindow window = window(random, 3, 40);
        List<EncodedRequest> requests = new MetricsEncoder("9", Exporter.LONGEST).encode(window);
        assertThat(requests).hasSize(1);
        assertThat(requests.getFirst().payload()).isEqualTo(Payload.METRICS);
        assertThat(decoded(requests)).isEqualTo(expected(window));
    }

    @Test
    void aLongWindowIsCutIntoRequestsThatAddUpToIt() throws Exception {
        PointWindow window = window(new Random(12), 4, 200);
        List<EncodedRequest> requests = new MetricsEncoder("9", 4_000).encode(window);
        assertThat(requests).hasSizeGreaterThan(3);
        assertThat(requests).allMatch(request -> request.rawBytes() < 12_000);
        assertThat(decoded(requests)).isEqualTo(expected(window));
        assertThat(requests.stream().mapToLong(EncodedRequest::items).sum())
                .isEqualTo(expected(window).size());
    }

    @Test
    void anEmptyWindowIsNotSent() {
        PointWindow empty = new PointWindow(START, END, List.of());
        assertThat(new MetricsEncoder("9", Exporter.LONGEST).encode(empty)).isEmpty();
    }

    @Test
    void numbersOfTheConventionsAreNumbers() throws Exception {
        MetricPoint point =
                MetricPoint.number(
                        1,
                        "a",
                        MetricKind.SUM,
                        "By",
                        Map.of(
                                "server.port",
                                "8080",
                                "http.response.status_code",
                                "abc",
                                "http.route",
                                "7"),
                        5);
        PointWindow window = PointWindow.of(START, END, List.of(point), pid -> resource("s"));
        ExportMetricsServiceRequest request =
                parse(new MetricsEncoder("9", Exporter.LONGEST).encode(window).getFirst());
        List<KeyValue> attributes =
                request.getResourceMetrics(0)
                        .getScopeMetrics(0)
                        .getMetrics(0)
                        .getSum()
                        .getDataPoints(0)
                        .getAttributesList();
        assertThat(attributes)
                .anyMatch(
                        a -> a.getKey().equals("server.port") && a.getValue().getIntValue() == 8080)
                .anyMatch(a -> a.getValue().getStringValue().equals("abc"))
                .anyMatch(a -> a.getValue().getStringValue().equals("7"));
    }

    /** Profiles and metrics wait in one queue, and each goes to its own path after a restart. */
    @Test
    void whatWaitedOnDiskIsPostedToThePathOfMetrics() throws Exception {
        PointWindow window = window(new Random(13), 1, 5);
        MetricRegistry registry = new MetricRegistry();
        int[] status = {503};
        try (FakeServer server = new FakeServer(0, (e, r) -> FakeServer.say(e, status[0], ""))) {
            Configuration configuration =
                    Configuration.load(
                            null,
                            Map.of(),
                            List.of("server=" + server.uri(), "queue.path=" + folder.resolve("q")));
            try (HttpPost http = new HttpPost(Map.of());
                    Exporter exporter = Exporter.start(configuration, "9", http, registry)) {
                exporter.send(window);
                server.take();
            }
            while (server.waiting() > 0) {
                server.take();
            }
            status[0] = 200;
            try (HttpPost http = new HttpPost(Map.of());
                    Exporter exporter = Exporter.start(configuration, "9", http, registry)) {
                FakeServer.Request request = server.take();
                assertThat(request.path()).isEqualTo("/v1/metrics");
                List<String> lines = new ArrayList<>();
                add(ExportMetricsServiceRequest.parseFrom(unzipped(request.body())), lines);
                assertThat(lines).isEqualTo(expected(window));
                assertThat(exporter.trouble()).isEmpty();
            }
        }
        assertThat(registry.counters())
                .containsEntry("exported_points_total", (long) expected(window).size())
                .containsEntry("exported_samples_total", 0L);
    }

    private static PointWindow window(Random random, int services, int points) {
        List<MetricPoint> all = new ArrayList<>();
        for (int i = 0; i < points; i++) {
            int pid = 1 + random.nextInt(services);
            Map<String, String> attributes = new TreeMap<>();
            attributes.put("n", Integer.toString(i));
            attributes.put("http.route", "/ä/" + random.nextInt(9));
            switch (random.nextInt(3)) {
                case 0 ->
                        all.add(
                                MetricPoint.number(
                                        pid,
                                        "sum",
                                        MetricKind.SUM,
                                        "By",
                                        attributes,
                                        random.nextLong(1L << 50)));
                case 1 ->
                        all.add(
                                MetricPoint.number(
                                        pid, "gauge", MetricKind.GAUGE, "", attributes, i));
                default ->
                        all.add(
                                MetricPoint.histogram(
                                        pid,
                                        "h" + random.nextInt(2),
                                        "s",
                                        attributes,
                                        histogram(random)));
            }
        }
        return PointWindow.of(START, END, all, pid -> resource("service-" + pid));
    }

    private static HistogramValue histogram(Random random) {
        ExponentialHistogram histogram = new ExponentialHistogram();
        int values = random.nextInt(50);
        for (int i = 0; i < values; i++) {
            histogram.record(random.nextInt(10) == 0 ? 0 : Math.exp(random.nextGaussian() * 3));
        }
        return histogram.value();
    }

    private static SortedMap<String, String> resource(String service) {
        return new TreeMap<>(Map.of("service.name", service, "host.name", "n"));
    }

    private static List<String> expected(PointWindow window) {
        List<String> lines = new ArrayList<>();
        window.resources().forEach(r -> r.points().forEach(p -> lines.add(line(r.resource(), p))));
        return lines;
    }

    private static String line(SortedMap<String, String> resource, MetricPoint point) {
        HistogramValue h = point.histogram();
        String value =
                h == null
                        ? Long.toString(point.count())
                        : "%d %s %s %s %d %d %s"
                                .formatted(
                                        h.count(),
                                        h.sum(),
                                        h.min(),
                                        h.max(),
                                        h.scale(),
                                        h.zeros(),
                                        buckets(h));
        return "%s %s %s %s %s %s"
                .formatted(
                        resource,
                        point.name(),
                        point.kind(),
                        point.unit(),
                        new TreeMap<>(point.attributes()),
                        value);
    }

    private static String buckets(HistogramValue h) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < h.buckets().length; i++) {
            if (h.buckets()[i] > 0) {
                text.append(h.offset() + i).append(':').append(h.buckets()[i]).append(' ');
            }
        }
        return text.toString();
    }

    private static List<String> decoded(List<EncodedRequest> requests) throws Exception {
        List<String> lines = new ArrayList<>();
        for (EncodedRequest request : requests) {
            add(parse(request), lines);
        }
        return lines;
    }

    private static void add(ExportMetricsServiceRequest request, List<String> lines) {
        for (ResourceMetrics resource : request.getResourceMetricsList()) {
            SortedMap<String, String> labels = map(resource.getResource().getAttributesList());
            assertThat(resource.getScopeMetricsList()).hasSize(1);
            assertThat(resource.getScopeMetrics(0).getScope().getName()).isEqualTo("flarepath");
            for (Metric metric : resource.getScopeMetrics(0).getMetricsList()) {
                points(metric).forEach(p -> lines.add(line(labels, p)));
            }
        }
    }

    private static List<MetricPoint> points(Metric metric) {
        List<MetricPoint> points = new ArrayList<>();
        switch (metric.getDataCase()) {
            case SUM -> {
                assertThat(metric.getSum().getIsMonotonic()).isTrue();
                assertThat(metric.getSum().getAggregationTemporality())
                        .isEqualTo(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA);
                for (NumberDataPoint p : metric.getSum().getDataPointsList()) {
                    points.add(number(metric, MetricKind.SUM, p));
                }
            }
            case GAUGE -> {
                for (NumberDataPoint p : metric.getGauge().getDataPointsList()) {
                    points.add(number(metric, MetricKind.GAUGE, p));
                }
            }
            case EXPONENTIAL_HISTOGRAM -> {
                assertThat(metric.getExponentialHistogram().getAggregationTemporality())
                        .isEqualTo(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA);
                for (ExponentialHistogramDataPoint p :
                        metric.getExponentialHistogram().getDataPointsList()) {
                    times(p.getStartTimeUnixNano(), p.getTimeUnixNano());
                    points.add(histogram(metric, p));
                }
            }
            default -> throw new AssertionError(metric.getDataCase());
        }
        return points;
    }

    private static void times(long start, long end) {
        assertThat(start).isEqualTo(START);
        assertThat(end).isEqualTo(END);
    }

    private static MetricPoint number(Metric metric, MetricKind kind, NumberDataPoint p) {
        times(p.getStartTimeUnixNano(), p.getTimeUnixNano());
        return MetricPoint.number(
                0,
                metric.getName(),
                kind,
                metric.getUnit(),
                map(p.getAttributesList()),
                p.getAsInt());
    }

    private static MetricPoint histogram(Metric metric, ExponentialHistogramDataPoint p) {
        long[] buckets = p.getPositive().getBucketCountsList().stream().mapToLong(n -> n).toArray();
        return MetricPoint.histogram(
                0,
                metric.getName(),
                metric.getUnit(),
                map(p.getAttributesList()),
                new HistogramValue(
                        p.getCount(),
                        p.getSum(),
                        p.getMin(),
                        p.getMax(),
                        p.getScale(),
                        p.getZeroCount(),
                        p.getPositive().getOffset(),
                        buckets));
    }

    private static SortedMap<String, String> map(List<KeyValue> attributes) {
        SortedMap<String, String> map = new TreeMap<>();
        attributes.forEach(a -> map.put(a.getKey(), a.getValue().getStringValue()));
        return map;
    }

    private static ExportMetricsServiceRequest parse(EncodedRequest request) throws Exception {
        byte[] raw = unzipped(request.body());
        assertThat(raw).hasSize(request.rawBytes());
        ExportMetricsServiceRequest parsed = ExportMetricsServiceRequest.parseFrom(raw);
        assertThat(parsed.getSerializedSize()).isEqualTo(raw.length);
        assertThat(parsed.getUnknownFields().asMap()).isEmpty();
        return parsed;
    }

    private static byte[] unzipped(byte[] body) throws Exception {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
            return in.readAllBytes();
        }
    }
}
