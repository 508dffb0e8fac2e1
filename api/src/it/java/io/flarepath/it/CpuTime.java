package io.flarepath.it;

/**
 * CPU time of a program.
 *
 * @param countedNanos as getrusage(2) has it, in user and in kernel mode
 * @param sampledNanos as a perf event of its own met it, with the agent's period: less than was
 *     counted where the host of a virtual CPU takes it away, whose interrupts then fail to come
 */
record CpuTime(long countedNanos, long sampledNanos) {
    /** Of a sample, at the default frequency. */
    static final long PERIOD_NANOS = Math.round(1e9 / 97);

    /** The same as an argument of {@code split.c}. */
    static final String PERIOD = String.valueOf(PERIOD_NANOS);

    /** What {@code split.c} prints. */
    static CpuTime parse(String output) {
        String[] parts = output.strip().split(" ", -1);
        if (parts.length != 3) {
            throw new AssertionError("not what split.c prints: " + output);
        }
        long micros = Long.parseLong(parts[0]) + Long.parseLong(parts[1]);
        return new CpuTime(micros * 1000, Long.parseLong(parts[2]) * PERIOD_NANOS);
    }

    /** What another sampler may be off by: 5 %, or the noise of so many samples. */
    long tolerance() {
        double samples = Math.max(1, sampledNanos / (double) PERIOD_NANOS);
        return (long) (sampledNanos * Math.max(0.05, 1.6 / Math.sqrt(samples)));
    }
}
