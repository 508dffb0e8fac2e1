package io.flarepath.agent.export;

import io.flarepath.agent.points.HistogramValue;
import io.flarepath.agent.points.MetricKind;
import io.flarepath.agent.points.MetricPoint;
import io.flarepath.agent.points.PointWindow;
import io.flarepath.agent.points.ResourcePoints;
import java.util.ArrayList;
import java.util.List;

/**
 * Encodes the points of a window as {@code ExportMetricsServiceRequest}s: sums and exponential
 * histograms as deltas, from the window's start to its end. Source of the format: metrics.proto of
 * opentelemetry-proto 1.x. Not for several threads.
 */
final class MetricsEncoder {
    private static final int DELTA = 1;

    private final String version;
    private final int longest;
    private final ResourceParts parts = new ResourceParts();
    private final WireBuffer request = new WireBuffer();
    private final WireBuffer metrics = new WireBuffer();
    private final WireBuffer points = new WireBuffer();
    private final WireBuffer point = new WireBuffer();
    private final WireBuffer inner = new WireBuffer();
    private final List<EncodedRequest> done = new ArrayList<>();
    private long pointsOfRequest;

    /**
     * @param version of this agent, that of the scope
     * @param longest most bytes of a request before it is compressed; a single point may be more
     */
    MetricsEncoder(String version, int longest) {
        this.version = version;
        this.longest = longest;
    }

    /** The requests of a window: none if it is empty, several if it is too long for one. */
    List<EncodedRequest> encode(PointWindow window) {
        for (ResourcePoints resource : window.resources()) {
            encode(window, resource);
        }
        finishRequest();
        List<EncodedRequest> all = List.copyOf(done);
        done.clear();
        return all;
    }

    private void encode(PointWindow window, ResourcePoints resource) {
        MetricPoint previous = null;
        for (MetricPoint next : resource.points()) {
            if (previous != null && !previous.name().equals(next.name())) {
                finishMetric(previous);
            }
            long size = (long) request.length() + metrics.length() + points.length();
            if (size > longest) {
                if (previous != null && points.length() > 0) {
                    finishMetric(previous);
                }
                finishResource(resource);
                finishRequest();
            }
            point(window, next);
            pointsOfRequest++;
            previous = next;
        }
        if (previous != null) {
            finishMetric(previous);
        }
        finishResource(resource);
    }

    private void point(PointWindow window, MetricPoint of) {
        point.reset();
        HistogramValue histogram = of.histogram();
        int attributes = histogram == null ? 7 : 1;
        of.attributes().forEach((name, value) -> parts.attribute(point, attributes, name, value));
        point.fixed64(2, window.startNanos());
        point.fixed64(3, window.endNanos());
        if (histogram == null) {
            point.fixed64(6, of.count());
        } else {
            histogram(histogram);
        }
        points.message(1, point);
    }

    private void histogram(HistogramValue value) {
        point.fixed64Unless0(4, value.count());
        point.real(5, value.sum());
        point.zigzag(6, value.scale());
        point.fixed64Unless0(7, value.zeros());
        if (value.buckets().length > 0) {
            WireBuffer counts = new WireBuffer();
            for (long bucket : value.buckets()) {
                counts.varint(bucket);
            }
            inner.reset();
            inner.zigzag(1, value.offset());
            inner.message(2, counts);
            point.message(8, inner);
        }
        point.real(12, value.min());
        point.real(13, value.max());
    }

    private void finishMetric(MetricPoint of) {
        if (points.length() == 0) {
            return;
        }
        if (of.kind() != MetricKind.GAUGE) {
            points.number(2, DELTA);
        }
        if (of.kind() == MetricKind.SUM) {
            points.number(3, 1);
        }
        inner.reset();
        inner.string(1, of.name());
        if (!of.unit().isEmpty()) {
            inner.string(3, of.unit());
        }
        inner.message(
                switch (of.kind()) {
                    case GAUGE -> 5;
                    case SUM -> 7;
                    case HISTOGRAM -> 10;
                },
                points);
        metrics.message(2, inner);
        points.reset();
    }

    private void finishResource(ResourcePoints resource) {
        if (metrics.length() == 0) {
            return;
        }
        parts.scoped(request, resource.resource(), version, metrics);
        metrics.reset();
    }

    private void finishRequest() {
        if (pointsOfRequest > 0) {
            done.add(EncodedRequest.of(Payload.METRICS, request, pointsOfRequest));
        }
        request.reset();
        pointsOfRequest = 0;
    }
}
