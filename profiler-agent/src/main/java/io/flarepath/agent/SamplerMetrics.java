package io.flarepath.agent;

import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.agent.processes.Processes;
import io.flarepath.bpf.Sampler;
import io.flarepath.bpf.SamplerStatistics;
import java.util.function.ToLongFunction;

/** Shows what the sampler in the kernel and the table of processes count. */
final class SamplerMetrics {
    private final Sampler sampler;

    private SamplerMetrics(Sampler sampler) {
        this.sampler = sampler;
    }

    static void register(MetricRegistry registry, Sampler sampler, Processes processes) {
        SamplerMetrics metrics = new SamplerMetrics(sampler);
        String dropped = "samples_dropped_total";
        String help = "Samples that were not sent.";
        metrics.counter(registry, dropped, help, "ring_full", SamplerStatistics::samplesLost);
        metrics.counter(registry, dropped, help, "excluded_in_kernel", SamplerStatistics::excluded);
        String lost = "events_lost_total";
        String lostHelp = "Events of processes that were lost before they were read.";
        metrics.counter(registry, lost, lostHelp, "process", SamplerStatistics::processEventsLost);
        metrics.counter(registry, lost, lostHelp, "mapping", SamplerStatistics::mappingEventsLost);
        registry.gauge(
                "bpf_map_bytes",
                "Memory that the kernel charges for the BPF maps.",
                () -> metrics.read(SamplerStatistics::mapBytes));
        registry.gauge(
                "cpus", "CPUs that are sampled.", () -> metrics.read(SamplerStatistics::cpus));
        registry.gauge("processes", "Processes that are followed.", processes::size);
        registry.counter(
                "mappings_left_out_total",
                "Mappings left out since their process has too many.",
                processes::mappingsLeftOut);
        registry.counter(
                "unreadable_files_total",
                "Mapped files whose symbols could not be read.",
                processes::unreadableFiles);
    }

    private void counter(
            MetricRegistry registry,
            String name,
            String help,
            String reason,
            ToLongFunction<SamplerStatistics> value) {
        registry.counter(name, help, () -> read(value), "reason", reason);
    }

    /** 0 once the sampler is closed: metrics may be asked for until the end. */
    private long read(ToLongFunction<SamplerStatistics> value) {
        try {
            return value.applyAsLong(sampler.statistics());
        } catch (IllegalStateException e) {
            return 0;
        }
    }
}
