package io.flarepath.agent.export;

import io.flarepath.agent.metrics.Counter;
import io.flarepath.agent.metrics.MetricRegistry;
import java.util.Locale;

/** Samples that will never reach the server, by reason. */
enum DroppedSamples {
    /** The queue on disk was full, and these were the oldest. */
    QUEUE_FULL,
    /** The disk could not be written, and these were the oldest in the small queue in memory. */
    MEMORY_FULL,
    /** One request was longer than the whole queue. */
    TOO_LONG,
    /** A record on disk was damaged. */
    DAMAGED,
    /** The server refused them for good. */
    REFUSED,
    /** They were in memory only when the agent stopped. */
    STOPPED;

    Counter counter(MetricRegistry registry) {
        return registry.counter(
                "dropped_samples_total",
                "Samples that were taken and will never reach the server, by reason.",
                "reason",
                name().toLowerCase(Locale.ROOT));
    }
}
