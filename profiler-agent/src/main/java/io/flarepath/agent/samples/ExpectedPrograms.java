package io.flarepath.agent.samples;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Programs that are started again and again and are sampled each time, such as a build's compilers:
 * what the kernel must know to walk their stacks is worth telling before their first sample. Not of
 * those that are mostly over before they are sampled. For one thread.
 */
final class ExpectedPrograms {
    private static final int MAX_PROGRAMS = 256;

    /** Samples a start from which on a process is expected to be sampled. */
    private static final int SAMPLES_A_START = 4;

    /** After so many starts the older ones count half. */
    private static final int MAX_STARTS = 32;

    private static final class Counts {
        int starts;
        int samples;
    }

    private final Map<String, Counts> byPath =
            new LinkedHashMap<>(64, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Counts> eldest) {
                    return size() > MAX_PROGRAMS;
                }
            };

    /**
     * A process runs a program from now on.
     *
     * @param path as it was given to execve(2)
     * @return whether its stacks are to be expected
     */
    boolean started(String path) {
        Counts counts = byPath.computeIfAbsent(path, key -> new Counts());
        boolean expected =
                counts.starts > 0 && counts.samples >= SAMPLES_A_START * (long) counts.starts;
        if (++counts.starts > MAX_STARTS) {
            counts.starts /= 2;
            counts.samples /= 2;
        }
        return expected;
    }

    /** A process that runs a program was sampled. */
    void sampled(String path) {
        Counts counts = byPath.get(path);
        if (counts != null && counts.samples < Integer.MAX_VALUE) {
            counts.samples++;
        }
    }
}
