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
    /**
     * Services with counters of their own; those that come later are counted as one. All counters
     * travel with each heartbeat, which takes 256 of them, their names no longer than 1,024.
     */
    static final int MOST_SERVICES = 48;

    private static final int LONGEST_SERVICE = 256;

    private static final String OTHER_SERVICES = "other";

    final Counter drained;
    final Counter folded;
    final Counter excluded;
    final Counter overflowed;
    final Counter malformed;
    final Counter clockSteps;
    private final MetricRegistry registry;
    private final Map<String, Counter> stacks = new HashMap<>();
    private final Map<String, ServiceStacks> services = new HashMap<>();

    /** The stacks of one service. */
    private record ServiceStacks(Counter complete, Counter incomplete) {}

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
     * @param service name of its service
     * @param error name of its error frame, of which there are a handful; empty for a whole stack
     */
    final void countStack(String service, String error) {
        stacks.computeIfAbsent(error, this::stackCounter).increment();
        ServiceStacks known = services.get(service);
        if (known == null) {
            known = addService(service);
        }
        (error.isEmpty() ? known.complete : known.incomplete).increment();
    }

    private ServiceStacks addService(String service) {
        if (services.size() >= MOST_SERVICES || service.length() > LONGEST_SERVICE) {
            return services.computeIfAbsent(OTHER_SERVICES, this::serviceStacks);
        }
        return services.computeIfAbsent(service, this::serviceStacks);
    }

    private ServiceStacks serviceStacks(String service) {
        return new ServiceStacks(
                serviceCounter(service, "complete"), serviceCounter(service, "incomplete"));
    }

    private Counter serviceCounter(String service, String end) {
        return registry.counter(
                "service_stacks_total",
                "Stacks of folded samples by service and whether they reach their root.",
                "service_name",
                service,
                "end",
                end);
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
