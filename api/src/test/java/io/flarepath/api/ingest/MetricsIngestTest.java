package io.flarepath.api.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.store.metric.Amount;
import io.flarepath.store.metric.Gauge;
import io.flarepath.store.metric.Histogram;
import io.flarepath.store.metric.MetricQuery;
import io.flarepath.store.metric.MetricSeries;
import io.flarepath.store.query.Selector;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.metrics.v1.Summary;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.resource.v1.Resource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsIngestTest {
    private static final AggregationTemporality DELTA =
            AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA;
    private static final AggregationTemporality CUMULATIVE =
            AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE;

    @TempDir private Path directory;
    private StoredUploads uploads;
    private final long now = UploadClock.systemNanos();

    @BeforeEach
    void start() {
        uploads = new StoredUploads(directory);
    }

    @AfterEach
    void stop() {
        uploads.close();
    }

    private static KeyValue attribute(String key, String value) {
        return KeyValue.newBuilder()
                .setKey(key)
                .setValue(AnyValue.newBuilder().setStringValue(value))
                .build();
    }

    private static ExportMetricsServiceRequest request(Metric... metrics) {
        ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
        ScopeMetrics.Builder scope =
                request.addResourceMetricsBuilder()
                        .setResource(
                                Resource.newBuilder()
                                        .addAttributes(attribute("service.name", "shop"))
                                        .addAttributes(attribute("k8s.pod.name", "shop-1"))
                                        .addAttributes(attribute("process.pid", "17"))
                                        .addAttributes(attribute("service.instance.id", "i1")))
                        .addScopeMetricsBuilder();
        scope.getScopeBuilder().setName("lib");
        scope.addAllMetrics(List.of(metrics));
        return request.build();
    }

    private Metric durations(int offset, long... counts) {
        ExponentialHistogramDataPoint.Builder point =
                ExponentialHistogramDataPoint.newBuilder()
                        .setTimeUnixNano(now)
                        .setScale(5)
                        .setSum(1.5)
                        .addAttributes(attribute("http.route", "/cart"));
        point.getPositiveBuilder().setOffset(offset);
        for (long count : counts) {
            point.getPositiveBuilder().addBucketCounts(count);
            point.setCount(point.getCount() + count);
        }
        return Metric.newBuilder()
                .setName("http.server.request.duration")
                .setUnit("s")
                .setExponentialHistogram(
                        ExponentialHistogram.newBuilder()
                                .setAggregationTemporality(DELTA)
                                .addDataPoints(point))
                .build();
    }

    private Metric sum(AggregationTemporality temporality, boolean monotonic, long at, long value) {
        return Metric.newBuilder()
                .setName("jobs")
                .setSum(
                        Sum.newBuilder()
                                .setAggregationTemporality(temporality)
                                .setIsMonotonic(monotonic)
                                .addDataPoints(
                                        NumberDataPoint.newBuilder()
                                                .setStartTimeUnixNano(now - 60_000_000_000L)
                                                .setTimeUnixNano(at)
                                                .setAsInt(value)))
                .build();
    }

    private HttpResponse<byte[]> post(byte[] body, String... headers) {
        HttpRequest request =
                HttpRequest.newBuilder(uploads.server.uri("/v1/metrics"))
                        .timeout(Duration.ofSeconds(30))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .headers(headers)
                        .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private ExportMetricsServiceResponse post(ExportMetricsServiceRequest request)
            throws InvalidProtocolBufferException {
        HttpResponse<byte[]> answer =
                post(request.toByteArray(), "Content-Type", "application/x-protobuf");
        assertThat(answer.statusCode()).isEqualTo(200);
        return ExportMetricsServiceResponse.parseFrom(answer.body());
    }

    private List<MetricSeries> read(String... groupBy) {
        return uploads.store
                .metrics()
                .read(
                        new MetricQuery(
                                "anonymous",
                                Selector.ALL,
                                StoredUploads.ALL,
                                86_400_000_000_000L,
                                List.of(groupBy)));
    }

    @Test
    void histogramsAreStoredOnceHoweverOftenTheyAreSent() throws InvalidProtocolBufferException {
        ExportMetricsServiceRequest request = request(durations(-20, 3, 0, 4));
        for (int i = 0; i < 3; i++) {
            assertThat(post(request)).isEqualTo(ExportMetricsServiceResponse.getDefaultInstance());
        }
        MetricSeries only =
                read("service_name", "pod", "http.route", "scope", "process.pid", "instance")
                        .getFirst();
        assertThat(only.total())
                .isEqualTo(Histogram.of(5, 0, -20, new long[] {3, 0, 4}, Amount.of(1.5)));
        assertThat(only.metric().unit()).isEqualTo("s");
        assertThat(only.labels().asMap())
                .as("nothing that tells processes apart")
                .containsOnlyKeys("service_name", "pod", "http.route", "scope");
    }

    @Test
    void jsonAndGzipAreTaken() throws InvalidProtocolBufferException {
        String json = JsonFormat.printer().print(request(durations(0, 1)));
        HttpResponse<String> checked =
                uploads.server.post(
                        "/v1/metrics",
                        json.getBytes(StandardCharsets.UTF_8),
                        "Content-Type",
                        "application/json");
        assertThat(checked.statusCode()).isEqualTo(200);
        assertThat(checked.body()).isEqualTo("{}");
        HttpResponse<byte[]> answer =
                post(
                        PprofWriter.gzip(request(durations(0, 2)).toByteArray()),
                        "Content-Type",
                        "application/x-protobuf",
                        "Content-Encoding",
                        "gzip");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(((Histogram) read().getFirst().total()).count()).isEqualTo(3);
    }

    @Test
    void cumulativePointsBecomeDeltas() throws InvalidProtocolBufferException {
        post(request(sum(CUMULATIVE, true, now - 20_000_000_000L, 5)));
        post(request(sum(CUMULATIVE, true, now, 12)));
        assertThat(read().getFirst().total()).isEqualTo(Amount.of(12));
        assertThat(read("instance").getFirst().labels().get("instance")).isEqualTo("i1");
    }

    @Test
    void whatGoesUpAndDownIsAGauge() throws InvalidProtocolBufferException {
        post(request(sum(CUMULATIVE, false, now, 5)));
        assertThat(read().getFirst().total()).isEqualTo(Gauge.of(5));
    }

    @Test
    void explicitBucketsLieAtTheirMiddle() throws InvalidProtocolBufferException {
        HistogramDataPoint point =
                HistogramDataPoint.newBuilder()
                        .setTimeUnixNano(now)
                        .setCount(10)
                        .setSum(2)
                        .addAllExplicitBounds(List.of(0.0, 0.1, 0.4))
                        .addAllBucketCounts(List.of(1L, 2L, 6L, 1L))
                        .build();
        Metric.Builder metric = Metric.newBuilder().setName("d").setUnit("s");
        metric.getHistogramBuilder().setAggregationTemporality(DELTA).addDataPoints(point);
        post(request(metric.build()));
        Histogram stored = (Histogram) read().getFirst().total();
        assertThat(stored.count()).isEqualTo(10);
        assertThat(stored.zeros()).isEqualTo(1);
        assertThat(stored.sum()).isEqualTo(Amount.of(2));
        assertThat(stored.quantile(0.5)).isCloseTo(0.2, within(0.01));
    }

    @Test
    void whatCannotBeKeptIsToldAndTheRestIsStored() throws InvalidProtocolBufferException {
        Metric summary =
                Metric.newBuilder()
                        .setName("s")
                        .setSummary(
                                Summary.newBuilder()
                                        .addDataPoints(SummaryDataPoint.getDefaultInstance()))
                        .build();
        ExportMetricsServiceResponse answer =
                post(
                        request(
                                durations(0, 1),
                                summary,
                                sum(DELTA, true, 0, 1),
                                sum(DELTA, true, now - 400L * 86_400_000_000_000L, 1),
                                sum(DELTA, true, now, Long.MAX_VALUE / 2),
                                durations(Integer.MAX_VALUE, 1)));
        assertThat(answer.getPartialSuccess().getRejectedDataPoints()).isEqualTo(5);
        assertThat(answer.getPartialSuccess().getErrorMessage()).contains("summaries");
        assertThat(read()).hasSize(1);
    }

    @Test
    void whatIsNoMessageIsRefused() {
        byte[] garbage = {1, 2, 3, 4, 5, 6, 7, 8, 9};
        assertThat(post(garbage, "Content-Type", "application/x-protobuf").statusCode())
                .isEqualTo(400);
        assertThat(post(garbage, "Content-Type", "text/plain").statusCode()).isEqualTo(415);
        assertThat(read()).isEmpty();
    }
}
