package io.flarepath.it;

/**
 * CPU time that the kernel counted for a program.
 *
 * @param userMicros in user mode
 * @param systemMicros in kernel mode
 */
record Rusage(long userMicros, long systemMicros) {

    static Rusage parse(String output) {
        String[] parts = output.strip().split(" ", -1);
        if (parts.length != 2) {
            throw new AssertionError("not what split.c prints: " + output);
        }
        return new Rusage(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
    }

    long nanos() {
        return (userMicros + systemMicros) * 1000;
    }

    /**
     * What sampling may be off by: 5 %, or the noise of so many samples. A virtual CPU that its
     * host takes away misses the clock's interrupts, and getrusage counts that time.
     */
    long tolerance(long samples) {
        return (long) (nanos() * Math.max(0.05, 1.6 / Math.sqrt((double) Math.max(1, samples))));
    }
}
