package io.flarepath.api.query.connect;

import io.flarepath.api.message.MessageWriter;
import io.flarepath.api.query.connect.ConnectMethod.Call;
import io.flarepath.api.query.request.ProfilerChoice;
import io.flarepath.api.query.request.QueryLimits;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.Selector;
import io.flarepath.store.query.TimeSeries;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The method that answers with values over time. */
record SeriesMethods(ProfileStore store, QueryLimits limits) {
    /** Each is a merge of its own. */
    private static final long MOST_CALL_SITE_STEPS = 1_000;

    private enum Aggregation {
        SUM,
        AVERAGE
    }

    private enum ExemplarType {
        UNSPECIFIED,
        NONE,
        INDIVIDUAL,
        SPAN
    }

    Map<String, ConnectMethod> methods() {
        return Map.of(
                "SelectSeries", new ConnectMethod(RequestSchemas.SELECT_SERIES, this::series),
                "SelectHeatmap",
                        new ConnectMethod(
                                RequestSchemas.SELECT_HEATMAP,
                                call -> Heatmap.answer(store, limits, call)));
    }

    /** The values of one group, by step. */
    private static final class Group {
        private final double[] values;
        private double total;

        Group(double[] values) {
            this.values = values;
            for (double value : values) {
                total += value;
            }
        }

        double total() {
            return total;
        }
    }

    private MessageWriter.Part series(Call call) {
        ConnectRequest request = call.request();
        StepRequest steps = StepRequest.of(call.tenant(), request, limits);
        StackSelection stacks = StackSelection.of(request);
        stacks.checkWithoutPgo();
        List<String> callSite = stacks.callSite();
        Aggregation aggregation =
                request.choice("aggregation", "TIME_SERIES_AGGREGATION_TYPE_", Aggregation.class);
        ExemplarType exemplars =
                request.choice("exemplarType", "EXEMPLAR_TYPE_", ExemplarType.class);
        checkGroups(steps);
        Map<Labels, Group> groups =
                callSite.isEmpty() ? sums(steps) : sumsOfCallSite(steps, callSite);
        SingleProfiles single =
                aggregation == Aggregation.AVERAGE || exemplars == ExemplarType.INDIVIDUAL
                        ? SingleProfiles.read(store, steps)
                        : null;
        if (single != null && aggregation == Aggregation.AVERAGE) {
            single.checkAll();
            groups.replaceAll((labels, group) -> averages(group, single.counts(labels)));
        }
        List<Map.Entry<Labels, Group>> sorted = new ArrayList<>(groups.entrySet());
        sorted.sort(
                Comparator.comparingDouble(
                                (Map.Entry<Labels, Group> each) -> each.getValue().total())
                        .reversed()
                        .thenComparing(each -> each.getKey().toString()));
        List<Map.Entry<Labels, Group>> shown =
                steps.limit() == 0
                        ? sorted
                        : sorted.subList(0, Math.min(steps.limit(), sorted.size()));
        SingleProfiles largest =
                switch (exemplars) {
                    case INDIVIDUAL -> single;
                    case SPAN -> SingleProfiles.readSpans(store, steps);
                    case UNSPECIFIED, NONE -> null;
                    case null -> null;
                };
        return out ->
                out.messages(
                        1,
                        "series",
                        shown,
                        (each, inner) ->
                                write(inner, each.getKey(), each.getValue(), steps, largest));
    }

    private void checkGroups(StepRequest steps) {
        if (!steps.groupBy().isEmpty()) {
            ProfileQuery query = steps.query();
            int groups =
                    store.series(
                                    query.tenant(),
                                    ProfilerChoice.withType(query),
                                    query.range(),
                                    steps.groupBy())
                            .size();
            limits.checkValues(groups, steps.points());
        }
    }

    private Map<Labels, Group> sums(StepRequest steps) {
        Map<Labels, Group> groups = new HashMap<>();
        for (TimeSeries each :
                store.timeSeries(steps.query(), steps.stepMillis() * 1_000_000, steps.groupBy())) {
            double[] values = new double[each.values().length];
            for (int i = 0; i < values.length; i++) {
                values[i] = each.values()[i];
            }
            groups.put(each.labels(), new Group(values));
        }
        return groups;
    }

    /** Of stacks that start with certain functions there are no sums: each step is merged. */
    private Map<Labels, Group> sumsOfCallSite(StepRequest steps, List<String> callSite) {
        Map<Labels, Group> all = sums(steps);
        long merges = 0;
        for (Group group : all.values()) {
            for (double value : group.values) {
                merges += value > 0 ? 1 : 0;
            }
        }
        if (merges > MOST_CALL_SITE_STEPS) {
            throw ApiError.invalid(
                    "a series of a call site has at most "
                            + MOST_CALL_SITE_STEPS
                            + " points, not "
                            + merges
                            + ": ask for a longer step or fewer groups");
        }
        Map<Labels, Group> parts = new HashMap<>();
        all.forEach((labels, group) -> {
            double[] values = new double[group.values.length];
            Selector selector = MergeRequest.narrowed(steps.query().selector(), labels);
            for (int step = 0; step < values.length; step++) {
                if (group.values[step] > 0) {
                    ProfileQuery query =
                            new ProfileQuery(
                                    steps.query().tenant(),
                                    steps.query().type(),
                                    selector,
                                    steps.rangeOf(step));
                    values[step] = store.merge(query).focus(callSite).total(0);
                }
            }
            parts.put(labels, new Group(values));
        });
        return parts;
    }

    /** The mean of a step's profiles. */
    private static Group averages(Group sums, int[] counts) {
        double[] values = new double[sums.values.length];
        for (int step = 0; step < values.length; step++) {
            values[step] = counts[step] == 0 ? 0 : sums.values[step] / counts[step];
        }
        return new Group(values);
    }

    private static void write(
            MessageWriter out,
            Labels labels,
            Group group,
            StepRequest steps,
            @Nullable SingleProfiles largest)
            throws IOException {
        LabelMethods.labels(out, 1, "labels", labels);
        List<Integer> filled = new ArrayList<>();
        for (int step = 0; step < group.values.length; step++) {
            if (group.values[step] > 0) {
                filled.add(step);
            }
        }
        out.messages(
                2,
                "points",
                filled,
                (step, inner) -> {
                    inner.float64(1, "value", group.values[step]);
                    inner.int64(2, "timestamp", steps.timestamp(step));
                    SingleProfiles.Found exemplar =
                            largest == null ? null : largest.largest(labels, step);
                    if (exemplar != null) {
                        inner.messages(
                                4, "exemplars", List.of(exemplar), (each, to) -> each.write(to));
                    }
                });
    }
}
