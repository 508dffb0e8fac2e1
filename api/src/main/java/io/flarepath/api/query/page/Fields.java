package io.flarepath.api.query.page;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.query.request.Absence;
import io.flarepath.api.query.request.AlignedSeries;
import io.flarepath.api.query.request.ProfilerChoice;
import io.flarepath.store.metric.Histogram;
import io.flarepath.store.metric.Measure;
import io.flarepath.store.profile.Labels;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Fields that several answers of the page have. */
final class Fields {
    private Fields() {}

    static void profilers(JsonGenerator json, List<ProfilerChoice.Total> totals)
            throws IOException {
        json.writeArrayFieldStart("profilers");
        for (ProfilerChoice.Total total : totals) {
            json.writeStartObject();
            json.writeStringField("name", total.name());
            json.writeNumberField("total", total.total());
            json.writeNumberField("samples", total.samples());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    static void empty(JsonGenerator json, @Nullable Absence absence) throws IOException {
        if (absence == null) {
            json.writeNullField("empty");
            return;
        }
        json.writeObjectFieldStart("empty");
        json.writeStringField("reason", absence.reason());
        json.writeStringField("message", absence.message());
        json.writeEndObject();
    }

    static void steps(JsonGenerator json, AlignedSeries series, String unit) throws IOException {
        json.writeNumberField("startMillis", series.startNanos() / 1_000_000);
        json.writeNumberField("stepMillis", series.stepNanos() / 1_000_000);
        json.writeStringField("unit", unit);
    }

    static void values(JsonGenerator json, long total, long[] values) throws IOException {
        json.writeNumberField("total", total);
        json.writeFieldName("values");
        json.writeArray(values, 0, values.length);
    }

    static void labels(JsonGenerator json, Labels labels) throws IOException {
        json.writeObjectFieldStart("labels");
        for (Map.Entry<String, String> label : labels.asMap().entrySet()) {
            json.writeStringField(label.getKey(), label.getValue());
        }
        json.writeEndObject();
    }

    /** The value below which a part of a histogram lies; null where there is nothing. */
    static void quantile(JsonGenerator json, @Nullable Measure measure, double part)
            throws IOException {
        if (measure instanceof Histogram histogram && histogram.count() > 0) {
            json.writeNumber(histogram.quantile(part));
        } else {
            json.writeNull();
        }
    }

    static void strings(JsonGenerator json, String field, Collection<String> texts)
            throws IOException {
        json.writeArrayFieldStart(field);
        for (String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }

    /** An object of nothing but texts. */
    static void onlyStrings(JsonGenerator json, String field, List<String> texts)
            throws IOException {
        json.writeStartObject();
        strings(json, field, texts);
        json.writeEndObject();
    }
}
