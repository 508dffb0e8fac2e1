package io.flarepath.api.query.connect;

import io.flarepath.api.query.request.QueryLimits;
import io.flarepath.api.server.ApiError;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.TimeRange;
import java.util.List;

/**
 * A request for values over time. Steps are named by their right edge: step {@code i} holds the
 * profiles that started in {@code (timestamp(i) - step, timestamp(i)]}, and the first one ends at
 * the start of the request's range.
 *
 * @param query type and series; its range starts one step earlier than the request's
 * @param startMillis right edge of the first step
 * @param stepMillis width of a step
 * @param points how many steps there are
 * @param groupBy labels to group by
 * @param limit most groups, 0 for all
 */
record StepRequest(
        ProfileQuery query,
        long startMillis,
        long stepMillis,
        int points,
        List<String> groupBy,
        int limit) {
    private static final int MOST_LABELS = 16;
    private static final long MILLI = 1_000_000;

    /** Reads and checks; errors are 400 and name the field. */
    static StepRequest of(String tenant, ConnectRequest request, QueryLimits limits) {
        ProfileQuery asked = MergeRequest.query(tenant, request);
        double seconds = request.real("step");
        long step = (long) (seconds * 1_000);
        if (step < 1) {
            throw ApiError.invalid("step must be 0.001 s or more, not " + seconds);
        }
        long start = asked.range().fromNanos() / MILLI;
        long end = asked.range().untilNanos() / MILLI;
        long points = (end - start) / step + 1;
        limits.checkValues(1, points);
        List<String> groupBy = request.texts("groupBy");
        if (groupBy.size() > MOST_LABELS) {
            throw ApiError.invalid("groupBy has more than " + MOST_LABELS + " labels");
        }
        long limit = request.number("limit");
        if (limit < 0) {
            throw ApiError.invalid("limit must not be negative: " + limit);
        }
        long last = start + (points - 1) * step;
        // An instant within a millisecond belongs to it: the step that ends there holds it too.
        TimeRange range =
                new TimeRange(
                        (start - step + 1) * MILLI,
                        Math.max((start - step + 1) * MILLI, Math.min((last + 1), end) * MILLI));
        return new StepRequest(
                new ProfileQuery(tenant, asked.type(), asked.selector(), range),
                start,
                step,
                (int) points,
                groupBy,
                (int) Math.min(limit, Integer.MAX_VALUE));
    }

    /** The right edge of a step, Unix milliseconds. */
    long timestamp(int step) {
        return startMillis + step * stepMillis;
    }

    /** The step that holds an instant of the query's range. */
    int stepOf(long nanos) {
        return (int) ((nanos - query.range().fromNanos()) / (stepMillis * MILLI));
    }

    /** The range of one step. */
    TimeRange rangeOf(int step) {
        long from = query.range().fromNanos() + step * stepMillis * MILLI;
        return new TimeRange(from, Math.min(from + stepMillis * MILLI, query.range().untilNanos()));
    }
}
