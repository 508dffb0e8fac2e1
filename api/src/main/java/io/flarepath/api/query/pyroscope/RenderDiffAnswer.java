package io.flarepath.api.query.pyroscope;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.query.flamebearer.Flamebearer;
import io.flarepath.api.query.flamebearer.NamedTree;
import io.flarepath.api.query.request.QueryLimits;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.query.ProfileQuery;
import java.io.IOException;

/** Answers /pyroscope/render-diff. */
record RenderDiffAnswer(
        ProfileStore store, ProfileQuery left, ProfileQuery right, int maxNodes, QueryLimits limits)
        implements JsonAnswer.Body {

    @Override
    public void write(JsonGenerator json) throws IOException {
        NamedTree tree = NamedTree.of(store.merge(left), store.merge(right));
        json.writeStartObject();
        json.writeNumberField("version", 1);
        Flamebearer.of(tree, maxNodes, limits.nodes()).write(json);
        RenderAnswer.metadata(json, "double", left.type());
        json.writeNullField("timeline");
        json.writeNullField("groups");
        json.writeNullField("heatmap");
        json.writeNumberField("leftTicks", tree.total(0, 0));
        json.writeNumberField("rightTicks", tree.total(1, 0));
        json.writeEndObject();
    }
}
