package io.flarepath.agent.points;

/** What the numbers of a metric mean. */
public enum MetricKind {
    /** How much there was in the window; sums of windows add up. */
    SUM,
    /** How much there is at the end of the window. */
    GAUGE,
    /** How values were spread in the window; adds up like a sum. */
    HISTOGRAM
}
