package io.flarepath.api.query.page;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.query.request.Absence;
import io.flarepath.api.query.request.ProfilerChoice;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.profile.FrameKind;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.TimeRange;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The profiles of one query merged, with what has to be said about them.
 *
 * @param choice whose profiles they are
 * @param tree merged, not truncated
 * @param incomplete total of the error frames at the root end
 * @param absence why there is nothing, or null when there is something
 */
record MergedSide(
        ProfilerChoice choice, FlameTree tree, long incomplete, @Nullable Absence absence) {

    /** Asks the store; blocks. */
    static MergedSide of(ProfileStore store, ProfileQuery query) {
        ProfilerChoice choice = ProfilerChoice.of(store, query);
        FlameTree tree = store.merge(choice.query());
        boolean empty = tree.total(0) == 0;
        return new MergedSide(
                choice, tree, incomplete(tree), empty ? Absence.of(store, query) : null);
    }

    private static long incomplete(FlameTree tree) {
        long sum = 0;
        for (int node = 1; node < tree.size(); node++) {
            if (tree.parent(node) == 0 && tree.frame(node).kind() == FrameKind.ERROR) {
                sum += tree.total(node);
            }
        }
        return sum;
    }

    /** Writes totals, range and profilers, as fields of the object that is open. */
    void writeFacts(JsonGenerator json) throws IOException {
        TimeRange range = choice.query().range();
        json.writeNumberField("fromMillis", range.fromNanos() / 1_000_000);
        json.writeNumberField("untilMillis", range.untilNanos() / 1_000_000);
        json.writeNumberField("total", tree.total(0));
        json.writeNumberField("samples", tree.samples());
        json.writeNumberField("seconds", (range.untilNanos() - range.fromNanos()) / 1e9);
        json.writeStringField("profiler", choice.profiler());
        Fields.profilers(json, choice.totals(tree.total(0), tree.samples()));
        json.writeNumberField("incomplete", incomplete);
        Fields.empty(json, absence);
    }
}
