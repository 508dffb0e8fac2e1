package io.flarepath.agent.requests.log;

import io.flarepath.agent.points.ExponentialHistogram;

/**
 * What is slow for the calls of one route: more than 99 % of those before took. Learned from
 * {@value #LEAST} calls on, and anew from each {@value #MANY}, or from fewer after ten minutes, so
 * that a route which has become slow, or fast, is measured by itself again. What is as slow as its
 * bucket of 2 % allows is not slower.
 */
final class LearnedLatency {
    /** Calls that have to be known. */
    static final int LEAST = 100;

    /** Calls after which it is learned anew. */
    static final int MANY = 1000;

    private static final long LONGEST_NANOS = 600_000_000_000L;
    private static final double SHARE = 0.99;

    private ExponentialHistogram learning = new ExponentialHistogram();
    private int calls;
    private long sinceNanos;
    private double bound = Double.POSITIVE_INFINITY;

    LearnedLatency(long nowNanos) {
        sinceNanos = nowNanos;
    }

    /** Whether a call is slow by those before it; then it is learned from too. */
    boolean isSlow(double seconds, long nowNanos) {
        boolean slow = seconds > bound;
        learning.record(seconds);
        calls++;
        boolean old = calls >= LEAST && nowNanos - sinceNanos > LONGEST_NANOS;
        if (calls >= MANY || old) {
            bound = learning.value().atMost(SHARE);
            learning = new ExponentialHistogram();
            calls = 0;
            sinceNanos = nowNanos;
        } else if (calls == LEAST && Double.isInfinite(bound)) {
            bound = learning.value().atMost(SHARE);
        }
        return slow;
    }
}
