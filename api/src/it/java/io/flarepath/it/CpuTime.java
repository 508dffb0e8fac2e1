package io.flarepath.it;

/**
 * CPU time that the kernel counted for a program.
 *
 * @param userMicros in user mode
 * @param systemMicros in kernel mode
 * @param takenMicros what of both the host of a virtual CPU took away, as far as the program saw it
 */
record Rusage(long userMicros, long systemMicros, long takenMicros) {

    static Rusage parse(String output) {
        String[] parts = output.strip().split(" ", -1);
        if (parts.length != 3) {
            throw new AssertionError("not what split.c prints: " + output);
        }
        return new Rusage(
                Long.parseLong(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
    }

    /** What there was to be sampled: a CPU that is taken away misses the clock's interrupts. */
    long nanos() {
        return (userMicros + systemMicros - takenMicros) * 1000;
    }

    /**
     * What sampling may be off by: 5 %, or the noise of so many samples. The host takes away short
     * pieces, too, which no round of the program shows.
     */
    long tolerance(long samples) {
        return (long) (nanos() * Math.max(0.05, 1.6 / Math.sqrt((double) Math.max(1, samples))));
    }
}
