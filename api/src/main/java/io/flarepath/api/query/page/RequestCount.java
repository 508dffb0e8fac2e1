package io.flarepath.api.query.page;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.store.metric.Histogram;
import io.flarepath.store.metric.Measure;
import io.flarepath.store.metric.MetricSeries;
import java.io.IOException;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Requests as one side timed them. */
final class RequestCount {
    private @Nullable Measure durations;
    private long count;
    private long errors;

    /** Adds a series of durations that is told apart by error type. */
    void add(MetricSeries series) {
        boolean failed = !NetworkMetrics.label(series, NetworkMetrics.ERROR).isEmpty();
        for (Measure measure : series.steps().values()) {
            if (measure instanceof Histogram histogram) {
                add(histogram, failed ? histogram.count() : 0);
            }
        }
    }

    /** Adds others. */
    void add(RequestCount other) {
        if (other.durations instanceof Histogram histogram) {
            add(histogram, other.errors);
        }
    }

    private void add(Histogram histogram, long failed) {
        durations = durations == null ? histogram : durations.plus(histogram);
        count += histogram.count();
        errors += failed;
    }

    /** All of several protocols together; null when there are none. */
    static @Nullable RequestCount sum(Collection<RequestCount> parts) {
        RequestCount sum = new RequestCount();
        parts.forEach(sum::add);
        return sum.count == 0 ? null : sum;
    }

    /** How many there were. */
    long count() {
        return count;
    }

    /** Mean duration, seconds; 0 where there are none. */
    double mean() {
        return durations instanceof Histogram histogram && count > 0
                ? histogram.sum().toDouble() / count
                : 0;
    }

    /** Writes an object, or null. */
    static void write(JsonGenerator json, String field, @Nullable RequestCount requests)
            throws IOException {
        if (requests == null) {
            json.writeNullField(field);
            return;
        }
        json.writeObjectFieldStart(field);
        json.writeNumberField("count", requests.count);
        json.writeNumberField("errors", requests.errors);
        json.writeNumberField("mean", requests.mean());
        json.writeFieldName("p50");
        Fields.quantile(json, requests.durations, 0.5);
        json.writeFieldName("p99");
        Fields.quantile(json, requests.durations, 0.99);
        json.writeEndObject();
    }
}
