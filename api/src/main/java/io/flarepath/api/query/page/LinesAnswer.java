package io.flarepath.api.query.page;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.query.request.ProfilerChoice;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.ProfileQuery;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Answers /api/v1/lines: what the source lines of one function took, whoever called it. */
record LinesAnswer(ProfileStore store, ProfileQuery query, String function)
        implements JsonAnswer.Body {
    private static final int MOST_LINES = 1_000;

    private record Place(String file, int line, boolean approximate) {
        static Place of(Frame frame) {
            return new Place(frame.file(), frame.line(), frame.approximateLine());
        }
    }

    private static final class Sum {
        private long self;
        private long total;
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
        ProfilerChoice choice = ProfilerChoice.of(store, query);
        FlameTree tree = store.mergeLines(choice.query());
        Map<Place, Sum> sums = sums(tree);
        List<Map.Entry<Place, Sum>> sorted =
                sums.entrySet().stream()
                        .sorted(
                                Comparator.comparingLong((Map.Entry<Place, Sum> each) ->
                                                each.getValue().total)
                                        .reversed()
                                        .thenComparing(each -> each.getKey().file())
                                        .thenComparingInt(each -> each.getKey().line())
                                        .thenComparingInt(
                                                each -> each.getKey().approximate() ? 1 : 0))
                        .toList();
        json.writeStartObject();
        json.writeStringField("type", query.type().id());
        json.writeStringField("unit", query.type().sampleUnit());
        json.writeStringField("profiler", choice.profiler());
        json.writeNumberField("total", tree.total(0));
        json.writeNumberField("hiddenLines", Math.max(0, sorted.size() - MOST_LINES));
        json.writeArrayFieldStart("lines");
        for (Map.Entry<Place, Sum> each : sorted.subList(0, Math.min(sorted.size(), MOST_LINES))) {
            json.writeStartObject();
            json.writeStringField("file", each.getKey().file());
            json.writeNumberField("line", each.getKey().line());
            json.writeBooleanField("approximate", each.getKey().approximate());
            json.writeNumberField("self", each.getValue().self);
            json.writeNumberField("total", each.getValue().total);
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private Map<Place, Sum> sums(FlameTree tree) {
        Map<Place, Sum> sums = new HashMap<>();
        for (int node = 1; node < tree.size(); node++) {
            if (!isAsked(tree, node)) {
                continue;
            }
            Place place = Place.of(tree.frame(node));
            Sum sum = sums.computeIfAbsent(place, absent -> new Sum());
            sum.self += tree.self(node);
            if (!standsAbove(tree, node, place)) {
                sum.total += tree.total(node);
            }
        }
        return sums;
    }

    private boolean isAsked(FlameTree tree, int node) {
        return !tree.isOther(node) && tree.frame(node).function().equals(function);
    }

    /** Whether a recursive call has counted the node's total for this line already. */
    private boolean standsAbove(FlameTree tree, int node, Place place) {
        for (int at = tree.parent(node); at > 0; at = tree.parent(at)) {
            if (isAsked(tree, at) && Place.of(tree.frame(at)).equals(place)) {
                return true;
            }
        }
        return false;
    }
}
