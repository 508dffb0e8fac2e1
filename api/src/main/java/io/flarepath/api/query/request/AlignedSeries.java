package io.flarepath.api.query.request;

import io.flarepath.store.ProfileStore;
import io.flarepath.store.profile.Labels;
import io.flarepath.store.query.ProfileQuery;
import io.flarepath.store.query.TimeRange;
import io.flarepath.store.query.TimeSeries;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Totals over time whose steps start at multiples of the step, so that two answers of a moving
 * range agree, while no profile outside of the asked range is counted: the sum of a group's values
 * is exactly its total in the range.
 *
 * @param startNanos left edge of the first step, not after the range's start
 * @param stepNanos width of a step
 * @param groups the groups, largest total first
 */
public record AlignedSeries(long startNanos, long stepNanos, List<Group> groups) {

    /**
     * One group.
     *
     * @param labels only the labels that were grouped by
     * @param values one for each step, in the sample unit
     * @param total their sum
     * @param samples how many samples that is, 0 if the profiles do not tell
     */
    public record Group(Labels labels, long[] values, long total, long samples) {

        /** The value of a label that was grouped by; empty when the series lack it. */
        public String label(String name) {
            String value = labels.get(name);
            return value == null ? "" : value;
        }
    }

    private static final class Sum {
        private final long[] values;
        private long samples;

        private Sum(int points) {
            values = new long[points];
        }
    }

    /** Asks the store, after a look at how many groups there will be. */
    public static AlignedSeries read(
            ProfileStore store,
            ProfileQuery query,
            long stepNanos,
            List<String> groupBy,
            QueryLimits limits) {
        TimeRange range = query.range();
        long start = Math.floorDiv(range.fromNanos(), stepNanos) * stepNanos;
        int points = Math.toIntExact(Math.ceilDiv(range.untilNanos() - start, stepNanos));
        limits.checkValues(1, points);
        if (!groupBy.isEmpty()) {
            int groups =
                    store.series(query.tenant(), ProfilerChoice.withType(query), range, groupBy)
                            .size();
            limits.checkValues(groups, points);
        }
        Map<Labels, Sum> sums = new LinkedHashMap<>();
        long second = start + stepNanos;
        if (start == range.fromNanos() || second >= range.untilNanos()) {
            add(sums, store.timeSeries(query, stepNanos, groupBy), 0, points);
        } else {
            // The first step is cut by the range's start: asked apart, so that the others align.
            ProfileQuery head = between(query, range.fromNanos(), second);
            ProfileQuery rest = between(query, second, range.untilNanos());
            add(sums, store.timeSeries(head, stepNanos, groupBy), 0, points);
            add(sums, store.timeSeries(rest, stepNanos, groupBy), 1, points);
        }
        return new AlignedSeries(start, stepNanos, sorted(sums));
    }

    private static ProfileQuery between(ProfileQuery query, long from, long until) {
        return new ProfileQuery(
                query.tenant(), query.type(), query.selector(), new TimeRange(from, until));
    }

    private static void add(
            Map<Labels, Sum> sums, List<TimeSeries> parts, int firstStep, int points) {
        for (TimeSeries part : parts) {
            Sum sum = sums.computeIfAbsent(part.labels(), labels -> new Sum(points));
            sum.samples += part.samples();
            for (int i = 0; i < part.values().length; i++) {
                sum.values[Math.min(firstStep + i, points - 1)] += part.values()[i];
            }
        }
    }

    private static List<Group> sorted(Map<Labels, Sum> sums) {
        List<Group> groups = new ArrayList<>(sums.size());
        sums.forEach((labels, sum) -> {
            long total = 0;
            for (long value : sum.values) {
                total += value;
            }
            groups.add(new Group(labels, sum.values, total, sum.samples));
        });
        groups.sort(Comparator.comparingLong(Group::total).reversed());
        return groups;
    }
}
