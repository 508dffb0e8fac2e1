package io.flarepath.api.query.connect;

import io.flarepath.api.message.MessageWriter;
import io.flarepath.api.query.connect.ConnectMethod.Call;
import io.flarepath.api.query.request.QueryLimits;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.query.SpanSelection.TraceId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How the totals of single profiles, or of spans in them, spread over time: twenty rows of equal
 * height between the smallest and the largest of all series, counted by step. Profiles of which
 * there are sums only are not in it.
 */
final class Heatmap {
    private static final int ROWS = 20;
    private static final int MOST_PROFILES = 2_000_000;

    private enum QueryType {
        UNSPECIFIED,
        INDIVIDUAL,
        SPAN
    }

    private enum ExemplarType {
        UNSPECIFIED,
        NONE,
        INDIVIDUAL,
        SPAN
    }

    private final StepRequest steps;
    private final boolean exemplars;
    private final Map<Labels, List<SingleProfiles.Found>> groups = new HashMap<>();
    private long least = Long.MAX_VALUE;
    private long most = Long.MIN_VALUE;
    private int count;

    private Heatmap(StepRequest steps, boolean exemplars) {
        this.steps = steps;
        this.exemplars = exemplars;
    }

    static MessageWriter.Part answer(ProfileStore store, QueryLimits limits, Call call) {
        StepRequest steps = StepRequest.of(call.tenant(), call.request(), limits);
        QueryType type = call.request().choice("queryType", "HEATMAP_QUERY_TYPE_", QueryType.class);
        ExemplarType exemplars =
                call.request().choice("exemplarType", "EXEMPLAR_TYPE_", ExemplarType.class);
        if (type == QueryType.UNSPECIFIED || type == null) {
            throw ApiError.invalid("queryType must be INDIVIDUAL or SPAN");
        }
        Heatmap map =
                new Heatmap(
                        steps,
                        exemplars == ExemplarType.INDIVIDUAL || exemplars == ExemplarType.SPAN);
        if (type == QueryType.SPAN) {
            store.spans(steps.query(), steps.groupBy(), map::add);
        } else {
            boolean _ =
                    store.totals(
                            steps.query(),
                            steps.groupBy(),
                            (group, series, start, total) ->
                                    map.add(
                                            group,
                                            series,
                                            start,
                                            0,
                                            SingleProfiles.NO_TRACE,
                                            total));
        }
        return map::write;
    }

    private void add(
            Labels group, Labels series, long startNanos, long span, TraceId trace, long total) {
        if (++count > MOST_PROFILES) {
            throw ApiError.invalid(
                    "a heatmap counts at most "
                            + MOST_PROFILES
                            + " profiles or spans: ask for a shorter range or fewer series");
        }
        least = Math.min(least, total);
        most = Math.max(most, total);
        groups.computeIfAbsent(group, labels -> new ArrayList<>())
                .add(
                        new SingleProfiles.Found(
                                series, steps.groupBy(), startNanos, total, span, trace));
    }

    private void write(MessageWriter out) throws IOException {
        List<Map.Entry<Labels, List<SingleProfiles.Found>>> sorted =
                new ArrayList<>(groups.entrySet());
        sorted.sort(
                Comparator.comparingLong((Map.Entry<Labels, List<SingleProfiles.Found>> each) ->
                                each.getValue().stream()
                                        .mapToLong(SingleProfiles.Found::total)
                                        .sum())
                        .reversed()
                        .thenComparing(each -> each.getKey().toString()));
        int shown = steps.limit() == 0 ? sorted.size() : Math.min(steps.limit(), sorted.size());
        out.messages(
                1,
                "series",
                sorted.subList(0, shown),
                (group, inner) -> {
                    LabelMethods.labels(inner, 1, "labels", group.getKey());
                    inner.messages(2, "slots", slots(group.getValue()), Slot::write);
                });
    }

    private double[] edges() {
        long top = most == least ? least + 1 : most;
        double[] edges = new double[ROWS];
        for (int row = 0; row < ROWS; row++) {
            edges[row] = least + (double) (long) ((double) (top - least) / ROWS * row);
        }
        return edges;
    }

    private List<Slot> slots(List<SingleProfiles.Found> profiles) {
        double[] edges = edges();
        Map<Integer, Slot> slots = new TreeMap<>();
        for (SingleProfiles.Found profile : profiles) {
            int step = Math.min(steps.stepOf(profile.startNanos()), steps.points() - 1);
            int row = ROWS - 1;
            while (row > 0 && profile.total() < edges[row]) {
                row--;
            }
            Slot slot =
                    slots.computeIfAbsent(
                            step,
                            at ->
                                    new Slot(
                                            steps.timestamp(at),
                                            edges,
                                            new int[ROWS],
                                            new TreeMap<>()));
            slot.counts[row]++;
            if (exemplars) {
                slot.largest.merge(row, profile, (a, b) -> a.total() < b.total() ? b : a);
            }
        }
        return List.copyOf(slots.values());
    }

    /** One column of the map. */
    private record Slot(
            long timestamp,
            double[] edges,
            int[] counts,
            Map<Integer, SingleProfiles.Found> largest) {

        void write(MessageWriter out) throws IOException {
            out.int64(1, "timestamp", timestamp);
            out.float64s(2, "yMin", edges);
            out.int32s(3, "counts", counts);
            out.messages(4, "exemplars", largest.values(), SingleProfiles.Found::write);
        }
    }
}
