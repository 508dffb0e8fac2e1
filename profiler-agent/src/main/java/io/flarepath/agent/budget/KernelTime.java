package io.flarepath.agent.budget;

import io.flarepath.bpf.ProgramTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How long programs ran in the kernel, told from slices in which the kernel counts: it costs
 * something itself, so it is not on all the time. Safe for several threads.
 */
final class KernelTime {
    private final Map<String, Long> nanos = new LinkedHashMap<>();

    /**
     * Adds what ran in a slice, and takes it that the rest of the time was the same.
     *
     * @param before what was counted when the slice began
     * @param after what was counted at its end
     * @param times how many such slices the time since the last one would hold
     * @return nanoseconds of the slice
     */
    synchronized long add(List<ProgramTime> before, List<ProgramTime> after, double times) {
        Map<String, Long> then = sums(before);
        long all = 0;
        for (Map.Entry<String, Long> now : sums(after).entrySet()) {
            long ran = now.getValue() - then.getOrDefault(now.getKey(), 0L);
            all += ran;
            nanos.merge(now.getKey(), Math.round(ran * times), Long::sum);
        }
        return all;
    }

    /** Nanoseconds so far of a program, about. */
    synchronized long nanos(String program) {
        return nanos.getOrDefault(program, 0L);
    }

    /** There may be several of a name, of which one is used. */
    private static Map<String, Long> sums(List<ProgramTime> times) {
        Map<String, Long> sums = new LinkedHashMap<>();
        times.forEach(time -> sums.merge(time.name(), time.nanos(), Long::sum));
        return sums;
    }
}
