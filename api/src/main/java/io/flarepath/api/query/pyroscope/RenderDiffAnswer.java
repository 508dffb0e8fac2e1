package io.flarepath.api.query.pyroscope;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.query.flamebearer.NamedTree;
import io.flarepath.api.query.request.QueryLimits;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.profile.ProfileType;
import io.flarepath.store.query.ProfileQuery;
import java.io.IOException;

/** Answers /pyroscope/render-diff. */
record RenderDiffAnswer(
        ProfileStore store, ProfileQuery left, ProfileQuery right, int maxNodes, QueryLimits limits)
        implements JsonAnswer.Body {

    @Override
    public void write(JsonGenerator json) throws IOException {
        NamedTree tree = NamedTree.of(store.merge(left), store.merge(right));
        ProfileType type = left.type();
        new RenderDocument(tree, type, type.sampleType(), maxNodes, limits.nodes()).write(json);
    }
}
