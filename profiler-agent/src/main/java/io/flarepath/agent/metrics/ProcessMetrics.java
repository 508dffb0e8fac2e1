package io.flarepath.agent.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** What this process itself costs. */
public final class ProcessMetrics {
    /** Of x86-64, the only machine that we run on. */
    private static final int PAGE_BYTES = 4096;

    private static final Path STATM = Path.of("/proc/self/statm");

    private ProcessMetrics() {}

    /** Adds CPU time, memory and uptime of this process. Uptime counts from this call. */
    public static void register(MetricRegistry registry) {
        long start = System.nanoTime();
        // Not the management beans: their classes cost more memory than all our metrics.
        ProcessHandle self = ProcessHandle.current();
        registry.gauge(
                "process_cpu_seconds",
                "CPU time of this process, user and system, in seconds.",
                () -> self.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1e3);
        registry.gauge(
                "process_resident_memory_bytes",
                "Resident memory of this process; -1 where it cannot be read.",
                ProcessMetrics::residentBytes);
        registry.gauge(
                "heap_used_bytes",
                "Java heap in use, garbage included.",
                () -> Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        registry.gauge(
                "uptime_seconds",
                "Time since the start of this process.",
                () -> (System.nanoTime() - start) / 1e9);
    }

    private static double residentBytes() {
        try {
            String[] pages = Files.readString(STATM).split(" ", 3);
            return Long.parseLong(pages[1]) * (double) PAGE_BYTES;
        } catch (IOException | NumberFormatException e) {
            return -1;
        }
    }
}
