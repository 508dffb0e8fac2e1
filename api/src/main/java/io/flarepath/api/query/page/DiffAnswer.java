package io.flarepath.api.query.page;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.query.request.Absence;
import io.flarepath.api.server.JsonAnswer;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.query.DiffTree;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.ProfileQuery;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers /api/v1/diff. */
record DiffAnswer(
        ProfileStore store, ProfileQuery a, ProfileQuery b, List<String> focus, int maxNodes)
        implements JsonAnswer.Body {

    @Override
    public void write(JsonGenerator json) throws IOException {
        MergedSide sideA = MergedSide.of(store, a);
        MergedSide sideB = MergedSide.of(store, b);
        DiffTree tree = DiffTree.of(part(sideA), part(sideB)).top(maxNodes);
        json.writeStartObject();
        json.writeStringField("type", a.type().id());
        json.writeStringField("unit", a.type().sampleUnit());
        json.writeNumberField("hiddenNodes", tree.hiddenNodes());
        Fields.empty(json, absence(sideA, sideB));
        writeSide(json, "a", sideA);
        writeSide(json, "b", sideB);
        writeTree(json, tree);
        json.writeEndObject();
    }

    private FlameTree part(MergedSide side) {
        return focus.isEmpty() ? side.tree() : side.tree().focus(focus);
    }

    /** One empty side is still something to see; its own field says why it is empty. */
    private static @Nullable Absence absence(MergedSide a, MergedSide b) {
        return b.absence() == null ? null : a.absence();
    }

    private static void writeSide(JsonGenerator json, String field, MergedSide side)
            throws IOException {
        json.writeObjectFieldStart(field);
        side.writeFacts(json);
        json.writeEndObject();
    }

    private static void writeTree(JsonGenerator json, DiffTree tree) throws IOException {
        Columns columns = new Columns(tree.size(), tree::frame, tree::isOther);
        columns.writeTables(json);
        json.writeObjectFieldStart("nodes");
        columns.writeNodes(json, tree::parent);
        columns.writeValues(json, "selfA", node -> tree.selfA((int) node));
        columns.writeValues(json, "totalA", node -> tree.totalA((int) node));
        columns.writeValues(json, "selfB", node -> tree.selfB((int) node));
        columns.writeValues(json, "totalB", node -> tree.totalB((int) node));
        json.writeEndObject();
    }
}
