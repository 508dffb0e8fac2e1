package io.flarepath.api.query.connect;

import io.flarepath.api.message.MessageWriter;
import io.flarepath.api.query.connect.ConnectMethod.Call;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The methods that tell what there is: types, labels, series. */
record LabelMethods(ProfileStore store) {
    private static final Pattern PROMETHEUS_NAME = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");

    Map<String, ConnectMethod> methods() {
        return Map.of(
                "ProfileTypes", new ConnectMethod(RequestSchemas.PROFILE_TYPES, this::profileTypes),
                "LabelNames", new ConnectMethod(RequestSchemas.LABEL_NAMES, this::labelNames),
                "LabelValues", new ConnectMethod(RequestSchemas.LABEL_VALUES, this::labelValues),
                "Series", new ConnectMethod(RequestSchemas.SERIES, this::series));
    }

    private MessageWriter.Part profileTypes(Call call) {
        List<ProfileType> types =
                store.profileTypes(
                        call.tenant(), call.request().matchers(), call.request().rangeOrAlways());
        return out -> out.messages(1, "profileTypes", types, LabelMethods::write);
    }

    private static void write(ProfileType type, MessageWriter out) throws IOException {
        out.string(1, "ID", type.id());
        out.string(2, "name", type.name());
        out.string(4, "sampleType", type.sampleType());
        out.string(5, "sampleUnit", type.sampleUnit());
        out.string(6, "periodType", type.periodType());
        out.string(7, "periodUnit", type.periodUnit());
    }

    private MessageWriter.Part labelNames(Call call) {
        List<String> names =
                store.labelNames(call.tenant(), call.request().matchers(), call.request().range());
        List<String> shown =
                allowsUtf8(call.accept())
                        ? names
                        : names.stream()
                                .filter(name -> PROMETHEUS_NAME.matcher(name).matches())
                                .toList();
        return out -> out.strings(1, "names", shown);
    }

    /** Clients that know names beyond Prometheus' say so by a parameter of their Accept header. */
    private static boolean allowsUtf8(@Nullable String accept) {
        return accept != null
                && accept.toLowerCase(Locale.ROOT)
                        .replace(" ", "")
                        .contains("allow-utf8-labelnames=true");
    }

    private MessageWriter.Part labelValues(Call call) {
        List<String> values =
                store.labelValues(
                        call.tenant(),
                        call.request().required("name"),
                        call.request().matchers(),
                        call.request().range());
        return out -> out.strings(1, "names", values);
    }

    private MessageWriter.Part series(Call call) {
        Selector matchers = call.request().matchers();
        TimeRange range = call.request().range();
        List<String> wanted = call.request().texts("labelNames");
        // Who names none is told all, those that speak of the type too, as Pyroscope does.
        List<String> names =
                wanted.isEmpty() ? store.labelNames(call.tenant(), matchers, range) : wanted;
        List<Labels> sets = store.series(call.tenant(), matchers, range, names);
        return out ->
                out.messages(2, "labelsSet", sets, (set, inner) -> labels(inner, 1, "labels", set));
    }

    /** Writes labels as a list of pairs. */
    static void labels(MessageWriter out, int number, String name, Labels labels)
            throws IOException {
        out.messages(
                number,
                name,
                labels.asMap().entrySet(),
                (label, inner) -> {
                    inner.string(1, "name", label.getKey());
                    inner.string(2, "value", label.getValue());
                });
    }
}
