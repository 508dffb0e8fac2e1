package io.flarepath.api.query.page;

import com.fasterxml.jackson.core.JsonGenerator;
import io.flarepath.api.query.request.Absence;
import io.flarepath.api.query.request.ProfilerChoice;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.profile.Frame;
import io.flarepath.store.profile.FrameKind;
import io.flarepath.store.query.FlameTree;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.ThreadSelection;
import io.flarepath.store.query.TimeRange;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The profiles of one query merged, with what has to be said about them.
 *
 * @param choice whose profiles they are
 * @param tree merged, not truncated
 * @param incomplete total of each kind of error frame at the root end, largest first
 * @param absence why there is nothing, or null when there is something
 */
record MergedSide(
        ProfilerChoice choice,
        FlameTree tree,
        List<Incomplete> incomplete,
        @Nullable Absence absence) {

    /**
     * Stacks that could not be followed to their root for one reason.
     *
     * @param reason name of the error frame, {@code [no frame pointer]}
     * @param total their value, in the sample unit
     */
    record Incomplete(String reason, long total) {}

    /** Asks the store; blocks. */
    static MergedSide of(ProfileStore store, ProfileQuery query) {
        ProfilerChoice choice = ProfilerChoice.of(store, query);
        FlameTree tree = store.merge(choice.query());
        boolean empty = tree.total(0) == 0;
        return new MergedSide(
                choice, tree, incomplete(tree), empty ? Absence.of(store, query) : null);
    }

    /** The same of certain threads, to a tenth of a second. */
    static MergedSide of(ProfileStore store, ProfileQuery query, ThreadSelection threads) {
        ProfilerChoice choice = ProfilerChoice.of(store, query);
        FlameTree tree = store.mergeThreads(choice.query(), threads, false);
        boolean empty = tree.total(0) == 0;
        return new MergedSide(choice, tree, incomplete(tree), empty ? Absence.ofTimes() : null);
    }

    private static List<Incomplete> incomplete(FlameTree tree) {
        Map<String, Long> totals = new HashMap<>();
        for (int node = 1; node < tree.size(); node++) {
            Frame frame = tree.frame(node);
            if (tree.parent(node) == 0 && frame.kind() == FrameKind.ERROR) {
                totals.merge(frame.function(), tree.total(node), Long::sum);
            }
        }
        return totals.entrySet().stream()
                .map(each -> new Incomplete(each.getKey(), each.getValue()))
                .sorted(
                        Comparator.comparingLong(Incomplete::total)
                                .reversed()
                                .thenComparing(Incomplete::reason))
                .toList();
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
        json.writeNumberField("incomplete", incomplete.stream().mapToLong(Incomplete::total).sum());
        writeIncomplete(json);
        Fields.empty(json, absence);
    }

    private void writeIncomplete(JsonGenerator json) throws IOException {
        json.writeArrayFieldStart("incompleteReasons");
        for (Incomplete each : incomplete) {
            json.writeStartObject();
            json.writeStringField("reason", each.reason());
            json.writeNumberField("total", each.total());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
