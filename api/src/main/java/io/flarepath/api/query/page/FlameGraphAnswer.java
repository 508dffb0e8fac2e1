package io.flarepath.api.query.page;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.ThreadSelection;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers /api/v1/flamegraph.
 *
 * @param threads which threads are asked for, to a tenth of a second; null for whole profiles
 */
record FlameGraphAnswer(
        ProfileStore store,
        ProfileQuery query,
        @Nullable ThreadSelection threads,
        List<String> focus,
        int maxNodes)
        implements JsonAnswer.Body {

    @Override
    public void write(JsonGenerator json) throws IOException {
        MergedSide side =
                threads == null
                        ? MergedSide.of(store, query)
                        : MergedSide.of(store, query, threads);
        FlameTree part = focus.isEmpty() ? side.tree() : side.tree().focus(focus);
        write(json, query, side, part.top(maxNodes));
    }

    /** Writes the answer for a tree that is small enough. */
    static void write(JsonGenerator json, ProfileQuery query, MergedSide side, FlameTree tree)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("type", query.type().id());
        json.writeStringField("unit", query.type().sampleUnit());
        side.writeFacts(json);
        json.writeNumberField("hiddenNodes", tree.hiddenNodes());
        Columns columns = new Columns(tree.size(), tree::frame, tree::isOther);
        columns.writeTables(json);
        json.writeObjectFieldStart("nodes");
        columns.writeNodes(json, tree::parent);
        columns.writeValues(json, "self", node -> tree.self((int) node));
        columns.writeValues(json, "total", node -> tree.total((int) node));
        json.writeEndObject();
        json.writeEndObject();
    }
}
