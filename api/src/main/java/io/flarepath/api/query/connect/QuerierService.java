package io.flarepath.api.query.connect;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.ProfileType;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The methods of querier.v1.QuerierService; as in protobuf's JSON form, empty fields are left out.
 */
record QuerierService(ProfileStore store) {
    private static final java.util.regex.Pattern PROMETHEUS_NAME =
            java.util.regex.Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");

    /** One method: reads the request, asks the store, writes the response. Blocks. */
    @FunctionalInterface
    interface Method {
        void answer(Call call, JsonGenerator json) throws IOException;
    }

    /**
     * One call.
     *
     * @param tenant whose profiles
     * @param request the message
     * @param accept the Accept header, which may carry a parameter of ours
     */
    record Call(String tenant, ConnectRequest request, @Nullable String accept) {}

    /** The methods by name. */
    Map<String, Method> methods() {
        return Map.of(
                "ProfileTypes", this::profileTypes,
                "LabelNames", this::labelNames,
                "LabelValues", this::labelValues,
                "Series", this::series);
    }

    private void profileTypes(Call call, JsonGenerator json) throws IOException {
        List<ProfileType> types =
                store.profileTypes(call.tenant, call.request.matchers(), call.request.range());
        json.writeStartObject();
        if (!types.isEmpty()) {
            json.writeArrayFieldStart("profileTypes");
            for (ProfileType type : types) {
                json.writeStartObject();
                json.writeStringField("ID", type.id());
                text(json, "name", type.name());
                text(json, "sampleType", type.sampleType());
                text(json, "sampleUnit", type.sampleUnit());
                text(json, "periodType", type.periodType());
                text(json, "periodUnit", type.periodUnit());
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private void labelNames(Call call, JsonGenerator json) throws IOException {
        List<String> names =
                store.labelNames(call.tenant, call.request.matchers(), call.request.range());
        names(
                json,
                allowsUtf8(call.accept)
                        ? names
                        : names.stream()
                                .filter(name -> PROMETHEUS_NAME.matcher(name).matches())
                                .toList());
    }

    /** Clients that know names beyond Prometheus' say so by a parameter of their Accept header. */
    private static boolean allowsUtf8(@Nullable String accept) {
        return accept != null
                && accept.toLowerCase(Locale.ROOT)
                        .replace(" ", "")
                        .contains("allow-utf8-labelnames=true");
    }

    private void labelValues(Call call, JsonGenerator json) throws IOException {
        names(
                json,
                store.labelValues(
                        call.tenant,
                        call.request.required("name"),
                        call.request.matchers(),
                        call.request.range()));
    }

    private void series(Call call, JsonGenerator json) throws IOException {
        List<Labels> sets =
                store.series(
                        call.tenant,
                        call.request.matchers(),
                        call.request.range(),
                        call.request.strings("labelNames", "label_names"));
        json.writeStartObject();
        if (!sets.isEmpty()) {
            json.writeArrayFieldStart("labelsSet");
            for (Labels set : sets) {
                labels(json, set);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static void labels(JsonGenerator json, Labels set) throws IOException {
        json.writeStartObject();
        if (!set.asMap().isEmpty()) {
            json.writeArrayFieldStart("labels");
            for (Map.Entry<String, String> label : set.asMap().entrySet()) {
                json.writeStartObject();
                json.writeStringField("name", label.getKey());
                text(json, "value", label.getValue());
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static void names(JsonGenerator json, List<String> names) throws IOException {
        json.writeStartObject();
        if (!names.isEmpty()) {
            json.writeArrayFieldStart("names");
            for (String name : names) {
                json.writeString(name);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static void text(JsonGenerator json, String field, String value) throws IOException {
        if (!value.isEmpty()) {
            json.writeStringField(field, value);
        }
    }
}
