package io.flarepath.api.query.page;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.query.request.Absence;
import io.flarepath.api.query.request.QueryLimits;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.api.time.Instants;
import io.flarepath.store.MetricStore;
import io.flarepath.store.metric.MetricSeries;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.query.Matcher;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeRange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Answers /api/v1/edges: what TCP and UDP did between services and their peers.
 *
 * @param stepNanos width of the steps; 0 when only totals are wanted
 */
record EdgesAnswer(
        MetricStore store,
        String tenant,
        Selector selector,
        TimeRange range,
        long stepNanos,
        List<String> groupBy,
        QueryLimits limits)
        implements JsonAnswer.Body {

    @Override
    public void write(JsonGenerator json) throws IOException {
        MetricSteps steps = new MetricSteps(range, stepNanos == 0 ? whole(range) : stepNanos);
        Map<Labels, EdgeMeasures> groups = new HashMap<>();
        for (MetricSeries series : read(store, tenant, selector, steps, groupBy)) {
            groups.computeIfAbsent(
                            NetworkMetrics.shown(series.labels(), groupBy),
                            absent -> new EdgeMeasures())
                    .add(series);
        }
        if (stepNanos > 0) {
            limits.checkValues(groups.size(), (long) steps.points() * EdgeMeasures.FIELDS);
        }
        List<Map.Entry<Labels, EdgeMeasures>> sorted = new ArrayList<>(groups.entrySet());
        sorted.sort(
                Comparator.comparingLong((Map.Entry<Labels, EdgeMeasures> entry) ->
                                -entry.getValue().bytes())
                        .thenComparing(entry -> entry.getKey().toString()));
        long slots = MetricSteps.slots(range);
        json.writeStartObject();
        if (stepNanos > 0) {
            json.writeNumberField("startMillis", steps.at(0) / 1_000_000);
            json.writeNumberField("stepMillis", stepNanos / 1_000_000);
        }
        json.writeArrayFieldStart("edges");
        for (Map.Entry<Labels, EdgeMeasures> entry : sorted) {
            json.writeStartObject();
            Fields.labels(json, entry.getKey());
            entry.getValue().write(json, slots);
            if (stepNanos > 0) {
                json.writeFieldName("steps");
                entry.getValue().writeSteps(json, steps);
            }
            json.writeEndObject();
        }
        json.writeEndArray();
        Fields.empty(json, sorted.isEmpty() ? absence(store, tenant, selector) : null);
        json.writeEndObject();
    }

    /** A width that makes one step of a range. */
    static long whole(TimeRange range) {
        return Steps.ofSlots(range.untilNanos());
    }

    /** The series of TCP and UDP. */
    static List<MetricSeries> read(
            MetricStore store,
            String tenant,
            Selector selector,
            MetricSteps steps,
            List<String> groupBy) {
        return RequestsAnswer.read(
                store,
                tenant,
                selected(selector),
                steps.range(),
                steps.stepNanos(),
                NetworkMetrics.stored(groupBy));
    }

    private static Selector selected(Selector selector) {
        List<Matcher> all = new ArrayList<>(selector.matchers());
        all.add(new Matcher("__name__", Matcher.Operator.MATCHES, NetworkMetrics.PATTERN));
        return new Selector(all);
    }

    /** Why nothing of TCP and UDP is there. */
    static Absence absence(MetricStore store, String tenant, Selector selector) {
        if (!store.isAny(tenant, selected(Selector.ALL), Instants.ALWAYS)) {
            return new Absence(
                    "no-network-known",
                    "nothing of TCP has been stored yet: no agent watches the network"
                            + " (its setting requests.enabled)");
        }
        if (!store.isAny(tenant, selected(selector), Instants.ALWAYS)) {
            return new Absence("no-series", "nothing of TCP has these labels");
        }
        return new Absence(
                "no-network-in-range", "TCP with these labels is known, but not in this range");
    }
}
