package io.flarepath.bpf;

import java.util.List;

/**
 * What happened on the network since the last window.
 *
 * @param sums of edges on which something happened, or connections are open
 * @param events with how often each happened
 */
public record EdgeWindow(List<EdgeSums> sums, List<Times> events) {
    /**
     * How often an event happened.
     *
     * @param event what
     * @param count how often
     * @param sum of its values, in seconds; of times only
     */
    public record Times(EdgeEvent event, long count, double sum) {}
}
