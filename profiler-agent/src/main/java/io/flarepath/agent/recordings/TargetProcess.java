package io.flarepath.agent.recordings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A process as /proc shows it, known by its start too: a pid alone may be another one's a moment
 * later.
 *
 * @param pid its number in our namespace
 * @param startTicks when it started, clock ticks since boot
 */
record TargetProcess(int pid, long startTicks) {
    private static final int MOST_BYTES = 4 << 20;
    private static final double TICKS_PER_SECOND = 100;

    static TargetProcess find(int pid) throws RecordingFailedException {
        return new TargetProcess(pid, startTicks(pid));
    }

    /**
     * Checks that it is still there.
     *
     * @throws RecordingFailedException when it ended, even if its number was given again
     */
    void check() throws RecordingFailedException {
        if (startTicks(pid) != startTicks) {
            throw gone(pid);
        }
    }

    private static RecordingFailedException gone(int pid) {
        return new RecordingFailedException("process " + pid + " is gone");
    }

    /** Field 22 of stat; the name before it may hold blanks and parentheses. */
    private static long startTicks(int pid) throws RecordingFailedException {
        try {
            String stat = read(Path.of("/proc/" + pid + "/stat"));
            String[] rest = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            if (rest[0].equals("Z")) {
                throw gone(pid);
            }
            return Long.parseLong(rest[19]);
        } catch (IOException | RuntimeException e) {
            throw gone(pid);
        }
    }

    /** Seconds since it started. */
    double ageSeconds() throws RecordingFailedException {
        try {
            String uptime = read(Path.of("/proc/uptime"));
            double up = Double.parseDouble(uptime.substring(0, uptime.indexOf(' ')));
            return up - startTicks / TICKS_PER_SECOND;
        } catch (IOException | RuntimeException e) {
            throw new RecordingFailedException("the age of process " + pid + " cannot be told");
        }
    }

    /** Text of one of its files in /proc; empty when it cannot be read. */
    String text(String name) {
        try {
            return read(Path.of("/proc/" + pid + "/" + name));
        } catch (IOException e) {
            return "";
        }
    }

    /** Words of one of its files in /proc that end in NUL. */
    List<String> words(String name) {
        return Arrays.asList(text(name).split("\0", -1));
    }

    /** Its view of the file system. */
    Path root() {
        return Path.of("/proc/" + pid + "/root");
    }

    private static String read(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
        }
    }
}
