package io.flarepath.api.query.connect;

import io.flarepath.api.message.MessageWriter;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.ProfileStore;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.query.SpanSelection.TraceId;
import java.io.IOException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How many profiles there are in each step of each group, and the largest of each. */
final class SingleProfiles {
    /** Of a whole profile, and of a span whose trace is not known. */
    static final TraceId NO_TRACE = new TraceId(0, 0);

    private final StepRequest steps;
    private final Map<Labels, Steps> groups = new HashMap<>();
    private boolean all;

    private static final class Steps {
        private final int[] counts;
        private final Found[] largest;

        Steps(int points) {
            counts = new int[points];
            largest = new Found[points];
        }
    }

    /**
     * One profile, or what one profile has of a span.
     *
     * @param series its labels
     * @param groupBy those of them that every profile of its group has
     * @param span number of the span, 0 for the whole profile
     * @param trace its trace, of zeros when it is not known
     */
    record Found(
            Labels series,
            List<String> groupBy,
            long startNanos,
            long total,
            long span,
            TraceId trace) {

        /** Writes the fields of a types.v1.Exemplar. */
        void write(MessageWriter out) throws IOException {
            out.int64(1, "timestamp", startNanos / 1_000_000);
            out.string(2, "profileId", ProfileIds.of(series, startNanos).toString());
            if (span != 0) {
                out.string(3, "spanId", HexFormat.of().toHexDigits(span));
            }
            out.int64(4, "value", total);
            Map<String, String> others = new HashMap<>(series.asMap());
            groupBy.forEach(others::remove);
            LabelMethods.labels(out, 5, "labels", Labels.of(others));
            if ((trace.high() | trace.low()) != 0) {
                HexFormat hex = HexFormat.of();
                out.string(
                        6, "traceId", hex.toHexDigits(trace.high()) + hex.toHexDigits(trace.low()));
            }
        }
    }

    private SingleProfiles(StepRequest steps) {
        this.steps = steps;
    }

    /** Asks the store; blocks. */
    static SingleProfiles read(ProfileStore store, StepRequest steps) {
        SingleProfiles profiles = new SingleProfiles(steps);
        profiles.all =
                store.totals(
                        steps.query(),
                        steps.groupBy(),
                        (group, series, start, total) ->
                                profiles.add(group, series, start, 0, NO_TRACE, total));
        return profiles;
    }

    /** The same of spans instead of whole profiles. */
    static SingleProfiles readSpans(ProfileStore store, StepRequest steps) {
        SingleProfiles profiles = new SingleProfiles(steps);
        store.spans(steps.query(), steps.groupBy(), profiles::add);
        return profiles;
    }

    private void add(
            Labels group, Labels series, long startNanos, long span, TraceId trace, long total) {
        Steps found = groups.computeIfAbsent(group, labels -> new Steps(steps.points()));
        int step = Math.min(steps.stepOf(startNanos), steps.points() - 1);
        found.counts[step]++;
        Found before = found.largest[step];
        if (before == null || before.total < total) {
            found.largest[step] =
                    new Found(series, steps.groupBy(), startNanos, total, span, trace);
        }
    }

    /** Refuses when of a part of the range there are sums only. */
    void checkAll() {
        if (!all) {
            throw ApiError.invalid(
                    "an average needs profiles one by one, and of a part of this range there are"
                            + " sums only: ask for a later start, or raise the setting retention");
        }
    }

    /** Profiles in each step of a group. */
    int[] counts(Labels group) {
        Steps found = groups.get(group);
        return found == null ? new int[steps.points()] : found.counts;
    }

    /** The largest profile of a step, or null when there is none. */
    @Nullable Found largest(Labels group, int step) {
        Steps found = groups.get(group);
        return found == null ? null : found.largest[step];
    }
}
