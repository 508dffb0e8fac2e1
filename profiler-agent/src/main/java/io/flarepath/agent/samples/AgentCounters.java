package io.flarepath.agent.samples;

import io.flarepath.agent.metrics.Counter;
import io.flarepath.agent.metrics.MetricRegistry;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts what becomes of samples: drained = folded + dropped, at the end of every window. Each
 * folded sample is exported as one value, so the server's total is folded times the period.
 */
public final class AgentCounters {
    final Counter drained;
    final Counter folded;
    final Counter excluded;
    final Counter overflowed;
    final Counter malformed;
    final Counter clockSteps;
    private final MetricRegistry registry;
    private final Map<String, Counter> stacks = new HashMap<>();

    /** Registers the counters. */
    public AgentCounters(MetricRegistry registry) {
        this.registry = registry;
        drained = registry.counter("samples_total", "Samples that were read from the kernel.");
        folded =
                registry.counter(
                        "samples_folded_total", "Samples that went into a profile to be sent.");
        excluded =
                registry.counter(
                        "samples_dropped_total",
                        "Samples that were not sent.",
                        "reason",
                        "excluded");
        overflowed =
                registry.counter(
                        "samples_overflowed_total",
                        "Samples sent without their stack, since a window held too many.");
        malformed =
                registry.counter(
                        "records_malformed_total",
                        "Drained buffers whose rest broke a rule of the record format.");
        clockSteps =
                registry.counter(
                        "clock_steps_total", "Windows at whose end the system's clock was set.");
    }

    /**
     * Counts a sample by how its stack ends.
     *
     * @param error name of its error frame, of which there are a handful; empty for a whole stack
     */
    final void countStack(String error) {
        stacks.computeIfAbsent(error, this::stackCounter).increment();
    }

    private Counter stackCounter(String error) {
        String end = error.isEmpty() ? "complete" : error.substring(1, error.length() - 1);
        return registry.counter(
                "stacks_total", "Stacks of folded samples by how they end.", "end", end);
    }

    /** Samples drained so far. */
    public long drained() {
        return drained.value();
    }

    /** Samples put into profiles so far. */
    public long folded() {
        return folded.value();
    }
}
