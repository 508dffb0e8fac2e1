package io.flarepath.api.query.pyroscope;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.query.flamebearer.Flamebearer;
import io.flarepath.api.query.flamebearer.NamedTree;
import io.flarepath.api.query.request.AlignedSeries;
import io.flarepath.api.query.request.QueryLimits;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.query.ProfileQuery;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers /pyroscope/render.
 *
 * @param groupBy label that the timeline is grouped by, or null
 */
record RenderAnswer(
        ProfileStore store,
        ProfileQuery query,
        @Nullable String groupBy,
        int maxNodes,
        QueryLimits limits)
        implements JsonAnswer.Body {

    @Override
    public void write(JsonGenerator json) throws IOException {
        NamedTree tree = NamedTree.of(store.merge(query));
        AlignedSeries series =
                AlignedSeries.read(
                        store,
                        query,
                        Timeline.stepNanos(query.range()),
                        groupBy == null ? List.of() : List.of(groupBy),
                        limits);
        json.writeStartObject();
        json.writeNumberField("version", 1);
        Flamebearer.of(tree, maxNodes, limits.nodes()).write(json);
        RenderDocument.metadata(json, "single", query.type(), query.type().sampleType());
        writeTimelines(json, series);
        json.writeNullField("heatmap");
        json.writeEndObject();
    }

    private void writeTimelines(JsonGenerator json, AlignedSeries series) throws IOException {
        List<AlignedSeries.Group> groups = series.groups();
        json.writeFieldName("timeline");
        Timeline.write(json, series, groups.size() == 1 ? groups.getFirst().values() : null);
        if (groupBy == null) {
            json.writeNullField("groups");
            return;
        }
        json.writeObjectFieldStart("groups");
        for (AlignedSeries.Group group : groups) {
            String value = group.labels().asMap().values().stream().findFirst().orElse("*");
            json.writeFieldName(value);
            Timeline.write(json, series, group.values());
        }
        json.writeEndObject();
    }
}
