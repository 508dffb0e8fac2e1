package io.flarepath.agent.export;

import io.flarepath.agent.metrics.Counter;
import io.flarepath.agent.metrics.MetricRegistry;
import org.jspecify.annotations.Nullable;

/** What a request carries: where it is posted, and what is counted when it is lost. */
enum Payload {
    /** {@code ExportProfilesServiceRequest}. */
    PROFILES(0, "/v1development/profiles", "samples", "Samples"),
    /** {@code ExportMetricsServiceRequest}. */
    METRICS(1, "/v1/metrics", "points", "Points of metrics"),
    /** {@code ExportTraceServiceRequest}. */
    SPANS(2, "/v1/traces", "spans", "Spans of calls");

    private final int number;
    private final String path;
    private final String items;
    private final String title;

    Payload(int number, String path, String items, String title) {
        this.number = number;
        this.path = path;
        this.items = items;
        this.title = title;
    }

    /** Its number in the queue on disk. */
    int number() {
        return number;
    }

    /** The payload of a number, or null if there is none. */
    static @Nullable Payload of(int number) {
        for (Payload payload : values()) {
            if (payload.number == number) {
                return payload;
            }
        }
        return null;
    }

    /** Path below the server's address. */
    String path() {
        return path;
    }

    /** What is counted in it: samples, points, spans. */
    String items() {
        return items;
    }

    Counter dropped(DropReason reason, MetricRegistry registry) {
        return registry.counter(
                "dropped_" + items + "_total",
                title + " that were taken and will never reach the server, by reason.",
                "reason",
                reason.label());
    }

    Counter exported(MetricRegistry registry) {
        return registry.counter(
                "exported_" + items + "_total", title + " that the server has acknowledged.");
    }
}
