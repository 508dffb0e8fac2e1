package io.flarepath.bpf;

/**
 * How to sample.
 *
 * @param frequencyHz samples a second and CPU, 1 to 10,000
 * @param source what makes a CPU take a sample
 * @param ringBytes size of the buffer between kernel and reader, a power of two, 4 KiB to 256 MiB;
 *     0 chooses one that holds eight seconds of samples of all CPUs
 * @param mappings whether to tell of executable mappings
 * @param kernelStatistics whether the kernel shall count how long our programs run; costs some 20
 *     ns a run of any BPF program of the machine
 * @param allowAffectedKernel whether to sample although this version of the kernel is known to lock
 *     up, where the vendor has mended it under the old number
 */
public record SamplerOptions(
        int frequencyHz,
        EventSource source,
        int ringBytes,
        boolean mappings,
        boolean kernelStatistics,
        boolean allowAffectedKernel) {
    private static final int RING_BYTES_MIN = 1 << 12;
    private static final int RING_BYTES_MAX = 1 << 28;
    private static final long SECOND_NANOS = 1_000_000_000L;

    /** Checks the limits. */
    public SamplerOptions {
        if (frequencyHz < 1 || frequencyHz > 10_000) {
            throw new IllegalArgumentException("frequencyHz must be 1 to 10000, is " + frequencyHz);
        }
        if (ringBytes != 0
                && (ringBytes < RING_BYTES_MIN
                        || ringBytes > RING_BYTES_MAX
                        || Integer.bitCount(ringBytes) != 1)) {
            throw new IllegalArgumentException(
                    "ringBytes must be 0 or a power of two from "
                            + RING_BYTES_MIN
                            + " to "
                            + RING_BYTES_MAX
                            + ", is "
                            + ringBytes);
        }
    }

    /** Everything as usual, at a frequency. */
    public static SamplerOptions at(int frequencyHz) {
        return new SamplerOptions(frequencyHz, EventSource.AUTOMATIC, 0, true, false, false);
    }

    /** CPU time that one sample stands for: round(1e9 / Hz). */
    public long periodNanos() {
        return Math.round((double) SECOND_NANOS / frequencyHz);
    }

    /** The same with another size of the ring. */
    public SamplerOptions withRingBytes(int bytes) {
        return new SamplerOptions(
                frequencyHz, source, bytes, mappings, kernelStatistics, allowAffectedKernel);
    }

    /** The same with another source. */
    public SamplerOptions withSource(EventSource other) {
        return new SamplerOptions(
                frequencyHz, other, ringBytes, mappings, kernelStatistics, allowAffectedKernel);
    }

    /** The same with or without the kernel's statistics. */
    public SamplerOptions withKernelStatistics(boolean on) {
        return new SamplerOptions(
                frequencyHz, source, ringBytes, mappings, on, allowAffectedKernel);
    }

    /** The same with or without the check for kernels that lock up. */
    public SamplerOptions withAllowAffectedKernel(boolean allow) {
        return new SamplerOptions(
                frequencyHz, source, ringBytes, mappings, kernelStatistics, allow);
    }

    /** Size of the ring on a machine with so many CPUs. */
    int ringBytes(int cpus) {
        if (ringBytes != 0) {
            return ringBytes;
        }
        // A sample of a usual stack takes about half a KiB; eight seconds, since the first symbols
        // are read while the ring fills. In three fourths of it there is room for the copies of
        // stacks that
        // cannot be walked yet, 32 KiB a sample.
        long wanted = Math.clamp(8L * frequencyHz * cpus * 512, 1 << 23, 1 << 26);
        return Integer.highestOneBit((int) wanted * 2 - 1);
    }
}
