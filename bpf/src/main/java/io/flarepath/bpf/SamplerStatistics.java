package io.flarepath.bpf;

/**
 * What a sampler counted since it was opened.
 *
 * @param samples samples written for the reader
 * @param samplesLost samples for which the ring had no room
 * @param userUnreadable samples whose user stack could not be read to its end
 * @param idle interrupts of an idle CPU that were passed over
 * @param excluded samples of excluded processes that were passed over
 * @param processEvents EXEC, FORK and EXIT written for the reader
 * @param processEventsLost those for which the ring had no room
 * @param mappingEvents MMAP handed to the reader
 * @param mappingEventsLost those that the kernel or the reader had no room for
 * @param cpus CPUs that are sampled now
 * @param hotplugFailures how often a new CPU could not be attached to
 * @param mapBytes memory that the kernel charges for our maps, the ring included
 * @param sidebandBytes memory of the rings for mapping events
 * @param runCount how often our programs ran; 0 without the kernel's statistics
 * @param runNanos how long they ran; 0 without the kernel's statistics
 * @param source what makes a CPU take a sample, never AUTOMATIC
 */
public record SamplerStatistics(
        long samples,
        long samplesLost,
        long userUnreadable,
        long idle,
        long excluded,
        long processEvents,
        long processEventsLost,
        long mappingEvents,
        long mappingEventsLost,
        int cpus,
        long hotplugFailures,
        long mapBytes,
        long sidebandBytes,
        long runCount,
        long runNanos,
        EventSource source) {

    static SamplerStatistics of(long[] values) {
        return new SamplerStatistics(
                values[0],
                values[1],
                values[2],
                values[3],
                values[4],
                values[5],
                values[6],
                values[7],
                values[8],
                (int) values[9],
                values[10],
                values[11],
                values[12],
                values[13],
                values[14],
                EventSource.of(values[15]));
    }
}
