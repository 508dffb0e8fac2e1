package io.flarepath.api.ingest.otlp;

import io.flarepath.api.ingest.upload.DecodedMetrics;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.Rejected;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.metric.Amount;
import io.flarepath.store.metric.Gauge;
import io.flarepath.store.metric.Histogram;
import io.flarepath.store.metric.Measure;
import io.flarepath.store.metric.MetricKind;
import io.flarepath.store.metric.MetricPoint;
import io.flarepath.store.profile.Labels;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.profiles.v1development.ProfilesDictionary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The points of a request (opentelemetry-proto, metrics/v1). Of a resource only what tells
 * services, pods and the like apart becomes a label: what tells processes apart would make series
 * without end. Cumulative points alone have {@code instance}, since those of two processes do not
 * mix. One request, one thread.
 */
final class OtlpMetrics {
    private static final String INSTANCE = "service.instance.id";

    private static final int MOST_NAME = 255;
    private static final int MOST_UNIT = 63;

    /** Explicit buckets become exponential ones of this scale, that of our own agent. */
    private static final int SCALE = 5;

    /** The data model's flag of a point that only says that there is none. */
    private static final int NO_VALUE = 1;

    private static final int POINT_BYTES = 600;

    private final LabelRules rules;
    private final UploadClock clock;
    private final UploadMemory memory;
    private final OtlpDictionary dictionary =
            new OtlpDictionary(ProfilesDictionary.getDefaultInstance());
    private final List<MetricPoint> points = new ArrayList<>();
    private final Rejected rejected = new Rejected();

    OtlpMetrics(LabelRules rules, UploadClock clock, UploadMemory memory) {
        this.rules = rules;
        this.clock = clock;
        this.memory = memory;
    }

    DecodedMetrics decode(byte[] upload, ExportMetricsServiceRequest request) {
        for (ResourceMetrics resource : request.getResourceMetricsList()) {
            Map<String, String> all = ResourceLabels.of(resource.getResource(), dictionary);
            Map<String, String> kept = new HashMap<>();
            all.forEach((name, value) -> {
                if (ResourceLabels.isOfPlace(name)) {
                    kept.put(name, value);
                }
            });
            String instance = all.getOrDefault(INSTANCE, "");
            for (ScopeMetrics scope : resource.getScopeMetricsList()) {
                Source source = new Source(kept, instance, scope.getScope().getName());
                scope.getMetricsList().forEach(metric -> add(source, metric));
            }
        }
        return new DecodedMetrics(upload, points, rejected);
    }

    /** Where points come from. */
    private record Source(Map<String, String> labels, String instance, String scope) {}

    /** What becomes a point; the measure is made last, since it may be refused. */
    private interface Made {
        Measure measure();
    }

    private void add(Source source, Metric metric) {
        switch (metric.getDataCase()) {
            case GAUGE ->
                    metric.getGauge()
                            .getDataPointsList()
                            .forEach(point -> gauge(source, metric, point));
            case SUM -> sum(source, metric, metric.getSum());
            case HISTOGRAM -> {
                var temporality = metric.getHistogram().getAggregationTemporality();
                for (HistogramDataPoint point : metric.getHistogram().getDataPointsList()) {
                    put(
                            new Head(
                                    source,
                                    metric,
                                    MetricKind.HISTOGRAM,
                                    temporality,
                                    point.getAttributesList(),
                                    point.getStartTimeUnixNano(),
                                    point.getTimeUnixNano(),
                                    point.getFlags()),
                            () -> explicit(point, temporality));
                }
            }
            case EXPONENTIAL_HISTOGRAM -> {
                var exponential = metric.getExponentialHistogram();
                for (ExponentialHistogramDataPoint point : exponential.getDataPointsList()) {
                    put(
                            new Head(
                                    source,
                                    metric,
                                    MetricKind.HISTOGRAM,
                                    exponential.getAggregationTemporality(),
                                    point.getAttributesList(),
                                    point.getStartTimeUnixNano(),
                                    point.getTimeUnixNano(),
                                    point.getFlags()),
                            () -> exponential(point));
                }
            }
            case SUMMARY ->
                    rejected.count(
                            metric.getSummary().getDataPointsCount(),
                            "summaries cannot be added up: send histograms");
            case DATA_NOT_SET -> {
                // nothing was measured
            }
        }
    }

    private void gauge(Source source, Metric metric, NumberDataPoint point) {
        put(
                new Head(
                        source,
                        metric,
                        MetricKind.GAUGE,
                        AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA,
                        point.getAttributesList(),
                        point.getStartTimeUnixNano(),
                        point.getTimeUnixNano(),
                        point.getFlags()),
                () -> Gauge.of(value(point)));
    }

    private void sum(Source source, Metric metric, Sum sum) {
        boolean level =
                !sum.getIsMonotonic()
                        && sum.getAggregationTemporality()
                                == AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE;
        for (NumberDataPoint point : sum.getDataPointsList()) {
            if (level) {
                // What goes up and down, told in full each time, is what something stands at.
                gauge(source, metric, point);
                continue;
            }
            put(
                    new Head(
                            source,
                            metric,
                            MetricKind.COUNTER,
                            sum.getAggregationTemporality(),
                            point.getAttributesList(),
                            point.getStartTimeUnixNano(),
                            point.getTimeUnixNano(),
                            point.getFlags()),
                    () -> amount(point));
        }
    }

    private static Amount amount(NumberDataPoint point) {
        Amount near = Amount.of(value(point)); // Refuses what is too large, whole numbers too.
        return point.hasAsInt() ? Amount.of(point.getAsInt()) : near;
    }

    private static double value(NumberDataPoint point) {
        return point.hasAsInt() ? point.getAsInt() : point.getAsDouble();
    }

    /** What points of all kinds have. */
    private record Head(
            Source source,
            Metric metric,
            MetricKind kind,
            AggregationTemporality temporality,
            List<KeyValue> attributes,
            long began,
            long time,
            int flags) {}

    private void put(Head head, Made made) {
        if ((head.flags() & NO_VALUE) != 0) {
            return;
        }
        memory.charge(POINT_BYTES);
        try {
            points.add(point(head, made));
        } catch (ApiError | IllegalArgumentException e) {
            rejected.count(1, LabelRules.shown(head.metric().getName()) + ": " + e.getMessage());
        }
    }

    private MetricPoint point(Head head, Made made) {
        boolean cumulative =
                switch (head.temporality()) {
                    case AGGREGATION_TEMPORALITY_DELTA -> false;
                    case AGGREGATION_TEMPORALITY_CUMULATIVE -> true;
                    default ->
                            throw ApiError.invalid(
                                    "a sum or histogram must say whether it is delta or cumulative");
                };
        Map<String, String> labels = new HashMap<>(head.source().labels());
        for (KeyValue attribute : head.attributes()) {
            labels.putIfAbsent(dictionary.key(attribute), dictionary.text(attribute.getValue()));
        }
        labels.put("scope", head.source().scope());
        if (cumulative && !head.source().instance().isEmpty()) {
            labels.put("instance", head.source().instance());
        }
        labels.values().removeIf(String::isEmpty);
        Labels checked = rules.check(labels);
        return new MetricPoint(
                metric(head.metric(), head.kind()),
                checked,
                Math.max(0, head.began()),
                time(head.time()),
                cumulative,
                made.measure());
    }

    private static io.flarepath.store.metric.Metric metric(Metric metric, MetricKind kind) {
        for (String word : List.of(metric.getName(), metric.getUnit())) {
            if (word.chars().anyMatch(Character::isISOControl)) {
                throw ApiError.invalid("a name or unit holds a control character");
            }
        }
        if (metric.getName().length() > MOST_NAME || metric.getUnit().length() > MOST_UNIT) {
            throw ApiError.invalid(
                    "a name has at most " + MOST_NAME + " characters, a unit " + MOST_UNIT);
        }
        return new io.flarepath.store.metric.Metric(metric.getName(), kind, metric.getUnit());
    }

    private long time(long nanos) {
        clock.check(nanos, "a point", "time_unix_nano");
        return nanos;
    }

    private static Measure exponential(ExponentialHistogramDataPoint point) {
        for (long count : point.getNegative().getBucketCountsList()) {
            if (count != 0) {
                throw ApiError.invalid("values below 0 are not kept");
            }
        }
        long[] counts = new long[point.getPositive().getBucketCountsCount()];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = point.getPositive().getBucketCounts(i);
        }
        Histogram histogram =
                Histogram.of(
                        point.getScale(),
                        point.getZeroCount(),
                        point.getPositive().getOffset(),
                        counts,
                        point.hasSum() ? Amount.of(point.getSum()) : Amount.ZERO);
        if (histogram.count() != point.getCount()) {
            throw ApiError.invalid("the buckets do not add up to the count");
        }
        return histogram;
    }

    /**
     * Each explicit bucket becomes the exponential one that its geometric middle lies in: what it
     * tells is not made finer, and any two add up.
     */
    private static Measure explicit(HistogramDataPoint point, AggregationTemporality temporality) {
        int bounds = point.getExplicitBoundsCount();
        Amount sum = point.hasSum() ? Amount.of(point.getSum()) : Amount.ZERO;
        if (point.getBucketCountsCount() == 0) {
            return unbounded(point, temporality, sum);
        }
        if (point.getBucketCountsCount() != bounds + 1) {
            throw ApiError.invalid(
                    point.getBucketCountsCount() + " buckets do not fit " + bounds + " bounds");
        }
        Measure all = Histogram.of(SCALE, 0, 0, new long[0], sum);
        double low = Double.NEGATIVE_INFINITY;
        for (int i = 0; i <= bounds; i++) {
            double high = i < bounds ? point.getExplicitBounds(i) : Double.POSITIVE_INFINITY;
            if (!(high > low)) {
                throw ApiError.invalid("the bounds of a histogram do not ascend");
            }
            long count = point.getBucketCounts(i);
            if (count != 0) {
                all = all.plus(bucket(middle(low, high), count));
            }
            low = high;
        }
        return all;
    }

    /** A histogram without buckets has its mean alone; that of all time says nothing. */
    private static Measure unbounded(
            HistogramDataPoint point, AggregationTemporality temporality, Amount sum) {
        if (point.getCount() > 0
                && (temporality != AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
                        || !point.hasSum())) {
            throw ApiError.invalid("a histogram has no buckets");
        }
        Measure none = Histogram.of(SCALE, 0, 0, new long[0], sum);
        return point.getCount() == 0
                ? none
                : none.plus(bucket(point.getSum() / point.getCount(), point.getCount()));
    }

    private static double middle(double low, double high) {
        if (low >= 0) {
            return low == 0
                    ? half(high)
                    : high == Double.POSITIVE_INFINITY ? low : Math.sqrt(low) * Math.sqrt(high);
        }
        if (high < 0) {
            throw ApiError.invalid("values below 0 are not kept");
        }
        return high == Double.POSITIVE_INFINITY ? 0 : half(high);
    }

    private static double half(double high) {
        return high == Double.POSITIVE_INFINITY ? 0 : high / 2;
    }

    private static Histogram bucket(double value, long count) {
        if (!(value >= 0)) {
            throw ApiError.invalid("values below 0 are not kept");
        }
        return value == 0
                ? Histogram.of(SCALE, count, 0, new long[0], Amount.ZERO)
                : Histogram.of(
                        SCALE,
                        0,
                        Histogram.bucketOf(value, SCALE),
                        new long[] {count},
                        Amount.ZERO);
    }
}
