package io.flarepath.api.query.page;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.query.request.AlignedSeries;
import io.flarepath.api.query.request.ProfilerChoice;
import io.flarepath.api.query.request.QueryLimits;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.query.ProfileQuery;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Answers /api/v1/series. Grouped by profiler, all profilers are shown, each on its own. */
record SeriesAnswer(
        ProfileStore store,
        ProfileQuery query,
        long stepNanos,
        List<String> groupBy,
        QueryLimits limits)
        implements JsonAnswer.Body {

    @Override
    public void write(JsonGenerator json) throws IOException {
        ProfilerChoice choice =
                groupBy.contains(ProfilerChoice.LABEL)
                        ? new ProfilerChoice("", List.of(), query)
                        : ProfilerChoice.of(store, query);
        AlignedSeries series =
                AlignedSeries.read(store, choice.query(), stepNanos, groupBy, limits);
        json.writeStartObject();
        Fields.steps(json, series, query.type().sampleUnit());
        json.writeStringField("profiler", choice.profiler());
        Fields.profilers(json, profilers(choice, series));
        json.writeArrayFieldStart("series");
        for (AlignedSeries.Group group : series.groups()) {
            json.writeStartObject();
            Fields.labels(json, group.labels());
            Fields.values(json, group.total(), group.values());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private List<ProfilerChoice.Total> profilers(ProfilerChoice choice, AlignedSeries series) {
        Map<String, ProfilerChoice.Total> byProfiler = new HashMap<>();
        for (AlignedSeries.Group group : series.groups()) {
            // Where they are not grouped by it, all groups are of the chosen one.
            String name = group.label(ProfilerChoice.LABEL);
            byProfiler.merge(
                    name,
                    new ProfilerChoice.Total(name, group.total(), group.samples()),
                    (a, b) ->
                            new ProfilerChoice.Total(
                                    name, a.total() + b.total(), a.samples() + b.samples()));
        }
        if (groupBy.contains(ProfilerChoice.LABEL)) {
            return ProfilerChoice.sorted(List.copyOf(byProfiler.values()));
        }
        ProfilerChoice.Total all = byProfiler.getOrDefault("", new ProfilerChoice.Total("", 0, 0));
        return choice.totals(all.total(), all.samples());
    }
}
