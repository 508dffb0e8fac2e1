package io.flarepath.bpf;

import java.util.ArrayList;
import java.util.List;

/**
 * What the kernel has counted of one BPF program while {@link RunStatistics} were on.
 *
 * @param name of the program
 * @param runs how often it ran
 * @param nanos how long in all, on whichever CPU
 */
public record ProgramTime(String name, long runs, long nanos) {

    /** The same with what leads to the program: so many nanoseconds more for each run. */
    public ProgramTime withWay(long nanosEach) {
        return new ProgramTime(name, runs, nanos + runs * nanosEach);
    }

    /** Lines of {@code program_times.c}: name, runs, nanoseconds. */
    static List<ProgramTime> parse(String lines) {
        List<ProgramTime> times = new ArrayList<>();
        for (String line : lines.lines().toList()) {
            String[] parts = line.split(" ", -1);
            times.add(
                    new ProgramTime(parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2])));
        }
        return List.copyOf(times);
    }
}
