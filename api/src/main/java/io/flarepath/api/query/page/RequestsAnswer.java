package io.flarepath.api.query.page;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.query.request.Absence;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.api.time.Instants;
import io.flarepath.store.MetricStore;
import io.flarepath.store.metric.Histogram;
import io.flarepath.store.metric.Measure;
import io.flarepath.store.metric.MetricQuery;
import io.flarepath.store.metric.MetricSeries;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.query.Matcher;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Answers /api/v1/requests: how many, how many failed, how long they took. */
record RequestsAnswer(
        MetricStore store,
        String tenant,
        Selector selector,
        TimeRange range,
        long stepNanos,
        boolean server,
        List<String> groupBy)
        implements JsonAnswer.Body {
    private static final String SERVICE = "service_name";
    private static final String ERROR = "error.type";

    /** A client of another kind may count something of the same name. */
    static final Matcher HISTOGRAMS = new Matcher("__type__", Matcher.Operator.EQUAL, "histogram");

    private static final double[] PARTS = {0.5, 0.9, 0.99};
    private static final String[] PART_NAMES = {"p50", "p90", "p99"};

    /** Requests of a group, by step. */
    private static final class Group {
        private final TreeMap<Long, Measure> durations = new TreeMap<>();
        private final Map<Long, Long> errors = new HashMap<>();
        private long count;
        private long failed;

        private void add(MetricSeries series, boolean isError) {
            series.steps()
                    .forEach((at, measure) -> {
                        if (measure instanceof Histogram histogram) {
                            durations.merge(at, histogram, Measure::plus);
                            count += histogram.count();
                            if (isError) {
                                errors.merge(at, histogram.count(), Long::sum);
                                failed += histogram.count();
                            }
                        }
                    });
        }
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
        RequestMetrics metrics = RequestMetrics.of(server);
        List<MetricSeries> read = read(metrics);
        RequestScopes shown = new RequestScopes(read);
        Map<Labels, Group> groups = new HashMap<>();
        Set<String> scopes = new LinkedHashSet<>();
        for (MetricSeries series : read) {
            if (shown.shows(series)) {
                scopes.add(NetworkMetrics.label(series, RequestScopes.SCOPE));
                groups.computeIfAbsent(
                                metrics.shown(series.metric().name(), series.labels(), groupBy),
                                absent -> new Group())
                        .add(series, !NetworkMetrics.label(series, ERROR).isEmpty());
            }
        }
        json.writeStartObject();
        MetricSteps steps = new MetricSteps(range, stepNanos);
        json.writeNumberField("startMillis", steps.at(0) / 1_000_000);
        json.writeNumberField("stepMillis", stepNanos / 1_000_000);
        json.writeArrayFieldStart("scopes");
        for (String scope : scopes) {
            json.writeString(scope);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("series");
        List<Map.Entry<Labels, Group>> sorted = new ArrayList<>(groups.entrySet());
        sorted.sort(
                Comparator.comparingLong(
                                (Map.Entry<Labels, Group> entry) -> -entry.getValue().count)
                        .thenComparing(entry -> entry.getKey().toString()));
        for (Map.Entry<Labels, Group> entry : sorted) {
            write(json, entry.getKey(), entry.getValue(), steps);
        }
        json.writeEndArray();
        Fields.empty(json, sorted.isEmpty() ? absence(metrics) : null);
        json.writeEndObject();
    }

    private List<MetricSeries> read(RequestMetrics metrics) {
        Set<String> labels = new LinkedHashSet<>(List.of(SERVICE, RequestScopes.SCOPE, ERROR));
        labels.addAll(metrics.stored(groupBy));
        return read(
                store, tenant, selected(selector, metrics), range, stepNanos, List.copyOf(labels));
    }

    /** Asks the store; what it refuses is the fault of the question. */
    static List<MetricSeries> read(
            MetricStore store,
            String tenant,
            Selector selector,
            TimeRange range,
            long stepNanos,
            List<String> groupBy) {
        try {
            return store.read(new MetricQuery(tenant, selector, range, stepNanos, groupBy));
        } catch (IllegalArgumentException e) {
            throw ApiError.invalid(String.valueOf(e.getMessage()));
        }
    }

    /** The series of durations among those that are selected. */
    static Selector selected(Selector selector, RequestMetrics metrics) {
        List<Matcher> all = new ArrayList<>(selector.matchers());
        all.add(new Matcher("__name__", Matcher.Operator.MATCHES, metrics.pattern()));
        all.add(HISTOGRAMS);
        return new Selector(all);
    }

    private static void write(JsonGenerator json, Labels labels, Group group, MetricSteps steps)
            throws IOException {
        json.writeStartObject();
        Fields.labels(json, labels);
        json.writeNumberField("count", group.count);
        json.writeNumberField("errors", group.failed);
        Measure total = group.durations.values().stream().reduce(Measure::plus).orElse(null);
        for (int i = 0; i < PARTS.length; i++) {
            json.writeFieldName(PART_NAMES[i]);
            Fields.quantile(json, total, PARTS[i]);
        }
        json.writeArrayFieldStart("counts");
        for (int i = 0; i < steps.points(); i++) {
            json.writeNumber(requests(group.durations.get(steps.at(i))));
        }
        json.writeEndArray();
        json.writeArrayFieldStart("errorCounts");
        for (int i = 0; i < steps.points(); i++) {
            json.writeNumber(group.errors.getOrDefault(steps.at(i), 0L));
        }
        json.writeEndArray();
        for (int part = 0; part < PARTS.length; part++) {
            json.writeArrayFieldStart(PART_NAMES[part] + "s");
            for (int i = 0; i < steps.points(); i++) {
                Fields.quantile(json, group.durations.get(steps.at(i)), PARTS[part]);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static long requests(@Nullable Measure measure) {
        return measure instanceof Histogram histogram ? histogram.count() : 0;
    }

    private Absence absence(RequestMetrics metrics) {
        if (!store.isAny(tenant, selected(Selector.ALL, metrics), Instants.ALWAYS)) {
            return new Absence(
                    "no-requests-known",
                    "no metrics of requests have been stored yet: neither an agent that sees"
                            + " requests nor an OpenTelemetry client has sent any");
        }
        if (!store.isAny(tenant, selected(selector, metrics), Instants.ALWAYS)) {
            return new Absence("no-series", "no metrics of requests have these labels");
        }
        return new Absence(
                "no-requests-in-range",
                "there are metrics of requests with these labels, but none in this range");
    }
}
