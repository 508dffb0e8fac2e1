package io.flarepath.api.query.request;

import io.flarepath.api.server.ApiError;
import io.flarepath.store.query.Allowance;
import java.time.Duration;

/**
 * How much one query may ask for. Every refusal names the limit.
 *
 * @param nodes most nodes of a flame graph ({@code limits.query-nodes})
 * @param points most points of a time series
 * @param values most numbers of one answer: groups times points
 * @param rows most rows that are read for an answer ({@code limits.query-rows})
 * @param time from a request to its answer ({@code limits.query-time})
 */
public record QueryLimits(int nodes, int points, int values, long rows, Duration time) {
    private static final long ROWS = 500_000_000;
    private static final Duration TIME = Duration.ofSeconds(30);
    private static final int POINTS = 2_000;
    private static final int VALUES = 2_000_000;

    /** Refuses limits that would refuse everything. */
    public QueryLimits {
        if (nodes < 1 || points < 1 || values < points) {
            throw new IllegalArgumentException(
                    "limits of queries must be positive: limits.query-nodes=" + nodes);
        }
    }

    /** The given most nodes, 2,000 points, 2 million values; 500 million rows, 30 s. */
    public static QueryLimits ofNodes(int nodes) {
        return new QueryLimits(nodes, POINTS, VALUES, ROWS, TIME);
    }

    /** The same with other bounds of what an answer may cost. */
    public QueryLimits withCost(long otherRows, Duration otherTime) {
        return new QueryLimits(nodes, points, values, otherRows, otherTime);
    }

    /** What the answer to a request that comes now may cost. */
    public Allowance allowance() {
        return Allowance.of(rows, time);
    }

    /** Checks a wanted number of nodes and hands it back. */
    public int checkedNodes(String parameter, long wanted) {
        if (wanted > nodes) {
            throw ApiError.invalid(
                    parameter
                            + "="
                            + wanted
                            + " is above the limit limits.query-nodes="
                            + nodes
                            + ": ask for fewer, or raise the limit");
        }
        return (int) wanted;
    }

    /** Refuses an answer of too many numbers. */
    public void checkValues(long groups, long pointsOfEach) {
        if (groups * pointsOfEach > values) {
            throw ApiError.invalid(
                    groups
                            + " groups of "
                            + pointsOfEach
                            + " points are above the limit of "
                            + values
                            + " values an answer: ask for fewer points, or select fewer series");
        }
    }
}
