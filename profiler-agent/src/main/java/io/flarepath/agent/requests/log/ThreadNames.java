package io.flarepath.agent.requests.log;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Names of threads, each read once until all are forgotten. Not for several threads. */
final class ThreadNames {
    private static final int MOST = 1024;

    /** More than TASK_COMM_LEN, of kernel threads too. */
    private static final int LONGEST = 64;

    private final Map<Integer, String> names = new HashMap<>();

    /** Name of a thread in the kernel; empty if it is gone or is 0. */
    String of(int pid, int thread) {
        if (thread == 0) {
            return "";
        }
        String known = names.get(thread);
        if (known == null) {
            known = read(pid, thread);
            if (names.size() < MOST) {
                names.put(thread, known);
            }
        }
        return known;
    }

    private static String read(int pid, int thread) {
        String path = "/proc/" + pid + "/task/" + thread + "/comm";
        try (FileInputStream in = new FileInputStream(path)) {
            return new String(in.readNBytes(LONGEST), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /** Threads may be named anew, and their numbers used again. */
    void forget() {
        names.clear();
    }
}
