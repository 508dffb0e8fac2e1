package io.flarepath.agent.samples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/** Lets programs run that never end by themselves, a few at a time. */
final class BusyPrograms {
    private static final long POLL_NANOS = 50_000_000;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** Clock ticks of /proc/PID/stat: 100 a second on all of Linux (USER_HZ). */
    private static final long TICK_NANOS = 10_000_000;

    private BusyPrograms() {}

    /** Is told of the process of a program. */
    @FunctionalInterface
    interface Watch<P> {
        void at(P program, Process process) throws IOException;
    }

    /**
     * Runs each program until it has used so much CPU time.
     *
     * @param command what starts a program
     * @param atOnce how many run at a time
     * @param started told when a program was started
     * @param ending told before a program is killed
     */
    static <P> void run(
            List<P> programs,
            Function<P, List<String>> command,
            Duration cpu,
            int atOnce,
            Watch<P> started,
            Watch<P> ending)
            throws Exception {
        Deque<P> waiting = new ArrayDeque<>(programs);
        Map<Process, P> running = new LinkedHashMap<>();
        long until = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (!waiting.isEmpty() || !running.isEmpty()) {
                while (running.size() < atOnce && !waiting.isEmpty()) {
                    P program = waiting.removeFirst();
                    Process process =
                            new ProcessBuilder(command.apply(program)).inheritIO().start();
                    running.put(process, program);
                    started.at(program, process);
                }
                LockSupport.parkNanos(POLL_NANOS);
                for (Map.Entry<Process, P> entry : List.copyOf(running.entrySet())) {
                    Process process = entry.getKey();
                    P program = entry.getValue();
                    if (!process.isAlive()) {
                        throw new IllegalStateException(
                                program + " ended with " + process.exitValue());
                    }
                    if (cpuNanos(process.pid()) >= cpu.toNanos()) {
                        ending.at(program, process);
                        process.destroyForcibly().waitFor();
                        running.remove(process);
                    }
                }
                if (System.nanoTime() > until) {
                    throw new IllegalStateException("these take too long: " + running.values());
                }
            }
        } finally {
            for (Process process : running.keySet()) {
                process.destroyForcibly().waitFor();
            }
        }
    }

    /** CPU time that a process has used; 0 if there is none. */
    static long cpuNanos(long pid) throws IOException {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_NANOS;
        } catch (NoSuchFileException e) {
            return 0;
        }
    }
}
