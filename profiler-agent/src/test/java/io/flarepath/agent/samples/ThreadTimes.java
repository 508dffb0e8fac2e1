package io.flarepath.agent.samples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** How long each thread of a process ran, as the scheduler counts it: to the nanosecond. */
final class ThreadTimes {
    private static final int SHOWN = 8;

    private final Path tasks;
    private final Map<Long, String> names = new HashMap<>();
    private Map<Long, Long> before = Map.of();
    private final Map<Long, Long> nanos = new HashMap<>();

    ThreadTimes(int pid) {
        tasks = Path.of("/proc/" + pid + "/task");
    }

    void begin() throws IOException {
        before = read();
    }

    void end() throws IOException {
        read().forEach((tid, ran) -> nanos.put(tid, ran - before.getOrDefault(tid, 0L)));
    }

    /** The first number of schedstat (Documentation/scheduler/sched-stats.rst). */
    private Map<Long, Long> read() throws IOException {
        Map<Long, Long> ran = new HashMap<>();
        try (Stream<Path> threads = Files.list(tasks)) {
            for (Path thread : threads.toList()) {
                long tid = Long.parseLong(thread.getFileName().toString());
                try {
                    String statistics = Files.readString(thread.resolve("schedstat"));
                    ran.put(tid, Long.parseLong(statistics.substring(0, statistics.indexOf(' '))));
                    names.put(tid, Files.readString(thread.resolve("comm")).strip());
                } catch (NoSuchFileException e) {
                    // The thread has ended, and with it what it ran.
                    ran.remove(tid);
                }
            }
        }
        return ran;
    }

    /**
     * A line for each of the busiest threads: percent of the time by the scheduler, by one profiler
     * and by the other, and of the samples of each those with a Java method.
     */
    String table(MethodTimes ours, MethodTimes theirs) {
        List<Long> busiest =
                nanos.entrySet().stream()
                        .sorted(Map.Entry.<Long, Long>comparingByValue().reversed())
                        .limit(SHOWN)
                        .map(Map.Entry::getKey)
                        .toList();
        StringBuilder text =
                new StringBuilder(
                        "threads: scheduler %, ours %, async-profiler %; with Java: ours %,"
                                + " async-profiler %\n");
        for (long tid : busiest) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "  %6.2f %6.2f %6.2f   %6.2f %6.2f  %s%n",
                            percent(nanos, tid),
                            percent(ours.byThread(), tid),
                            percent(theirs.byThread(), tid),
                            withJava(ours, tid),
                            withJava(theirs, tid),
                            names.get(tid)));
        }
        return text.toString();
    }

    private static double withJava(MethodTimes times, long tid) {
        long all = times.byThread().getOrDefault(tid, 0L);
        return all == 0 ? 0 : 100.0 * times.javaByThread().getOrDefault(tid, 0L) / all;
    }

    private static double percent(Map<Long, Long> times, long tid) {
        double all = times.values().stream().mapToLong(Long::longValue).sum();
        return all == 0 ? 0 : 100 * times.getOrDefault(tid, 0L) / all;
    }
}
