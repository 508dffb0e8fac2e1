package io.flarepath.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.points.ExponentialHistogram;
import io.flarepath.agent.points.MetricKind;
import io.flarepath.agent.points.MetricPoint;
import io.flarepath.agent.points.PointWindow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ServiceMetricsTest {
    private static final long SECOND = 1_000_000_000L;

    private final MetricRegistry registry = new MetricRegistry();

    @Test
    void requestsHaveTheNamesOfTheTranslationAndAddUpOverWindows() {
        registry.services().add(window(1, duration(0.004, 0.3), request("GET", "/a\"b")));
        registry.services().add(window(2, duration(7), request("GET", "/a\"b")));
        String labels =
                "namespace=\"n\",pod=\"p\",service_name=\"shop\",http_request_method=\"GET\","
                        + "http_response_status_code=\"200\",http_route=\"/a\\\"b\"";
        assertThat(lines())
                .contains(
                        "# TYPE http_server_request_duration_seconds histogram",
                        "http_server_request_duration_seconds_count{" + labels + "} 3",
                        "http_server_request_duration_seconds_bucket{"
                                + labels
                                + ",le=\"0.0025\"} 0",
                        "http_server_request_duration_seconds_bucket{"
                                + labels
                                + ",le=\"0.005\"} 1",
                        "http_server_request_duration_seconds_bucket{" + labels + ",le=\"0.5\"} 2",
                        "http_server_request_duration_seconds_bucket{" + labels + ",le=\"10.0\"} 3",
                        "http_server_request_duration_seconds_bucket{"
                                + labels
                                + ",le=\"+Inf\"} 3");
    }

    @Test
    void sumsAreCountersWithTheirUnitAndGaugesFall() {
        registry.services().add(window(1, number("flarepath.tcp.io", MetricKind.SUM, "By", 5)));
        registry.services()
                .add(
                        window(
                                2,
                                number("flarepath.tcp.io", MetricKind.SUM, "By", 6),
                                number(
                                        "flarepath.tcp.connections.active",
                                        MetricKind.GAUGE,
                                        "",
                                        9)));
        assertThat(values()).containsEntry("flarepath_tcp_io_bytes_total", "11");
        assertThat(values()).containsEntry("flarepath_tcp_connections_active", "9");
        registry.services().add(window(3, number("flarepath.tcp.io", MetricKind.SUM, "By", 1)));
        assertThat(values()).containsEntry("flarepath_tcp_connections_active", "0");
        assertThat(lines()).contains("# TYPE flarepath_tcp_io_bytes_total counter");
    }

    /** Whatever the names are, totals stay right and the number of series bounded. */
    @Test
    void seriesBeyondTheLimitAreCountedByMetricAlone() {
        ServiceMetrics few = new ServiceMetrics(10);
        for (int i = 0; i < 100; i++) {
            few.add(
                    window(
                            i,
                            MetricPoint.number(
                                    1, "a", MetricKind.SUM, "", Map.of("n", "" + i), 1)));
        }
        assertThat(few.size()).isLessThanOrEqualTo(11);
        StringBuilder text = new StringBuilder();
        few.appendTo(text);
        long sum =
                text.toString()
                        .lines()
                        .filter(line -> !line.startsWith("#"))
                        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(' ') + 1)))
                        .sum();
        assertThat(sum).isEqualTo(100);
        assertThat(text).contains("a_total{otel_metric_overflow=\"true\"} 90");
        assertThat(few.overflowed()).isEqualTo(90);
    }

    @Test
    void whatWasQuietForAnHourIsForgotten() {
        ServiceMetrics metrics = new ServiceMetrics();
        metrics.add(window(1, number("a", MetricKind.SUM, "", 1)));
        metrics.add(window(3_000, number("b", MetricKind.SUM, "", 1)));
        metrics.add(window(3_700, number("c", MetricKind.SUM, "", 1)));
        StringBuilder text = new StringBuilder();
        metrics.appendTo(text);
        assertThat(text.toString()).doesNotContain("a_total").contains("b_total", "c_total");
    }

    private List<String> lines() {
        return registry.prometheusText().lines().toList();
    }

    private Map<String, String> values() {
        Map<String, String> values = new TreeMap<>();
        for (String line : lines()) {
            int brace = line.indexOf('{');
            if (!line.startsWith("#") && brace > 0) {
                values.put(line.substring(0, brace), line.substring(line.lastIndexOf(' ') + 1));
            }
        }
        return values;
    }

    private static Map<String, String> request(String method, String route) {
        return Map.of(
                "http.request.method", method,
                "http.route", route,
                "http.response.status_code", "200");
    }

    private static ExponentialHistogram duration(double... values) {
        ExponentialHistogram histogram = new ExponentialHistogram();
        for (double value : values) {
            histogram.record(value);
        }
        return histogram;
    }

    private static PointWindow window(
            long second, ExponentialHistogram durations, Map<String, String> attributes) {
        return window(
                second,
                MetricPoint.histogram(
                        1, "http.server.request.duration", "s", attributes, durations.value()));
    }

    private static MetricPoint number(String name, MetricKind kind, String unit, long value) {
        return MetricPoint.number(1, name, kind, unit, Map.of(), value);
    }

    private static PointWindow window(long second, MetricPoint... points) {
        return PointWindow.of(
                (second - 1) * SECOND,
                second * SECOND,
                new ArrayList<>(List.of(points)),
                pid ->
                        new TreeMap<>(
                                Map.of(
                                        "service.name", "shop",
                                        "k8s.pod.name", "p",
                                        "k8s.namespace.name", "n",
                                        "host.name", "h")));
    }
}
