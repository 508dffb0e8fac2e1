package io.flarepath.agent.requests.capture;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SortedMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Remembers whose processes are, from their first connection on: when a window is sent they may be
 * gone. A process that has the number of an earlier one is told apart by its start. Safe for
 * several threads.
 */
final class ProcessOwners {
    private static final int MOST = 2048;

    /** Field of {@code /proc/PID/stat} behind the name, proc(5): when the process started. */
    private static final int START_AFTER_NAME = 19;

    private static final int RECHECK_NANOS = 1_000_000_000;

    private final IntFunction<@Nullable SortedMap<String, String>> resources;
    private final LinkedHashMap<Integer, Owner> owners = new LinkedHashMap<>(16, 0.75f, true);

    private record Owner(
            String start, @Nullable SortedMap<String, String> resource, long checkedNanos) {}

    /**
     * @param resources looks at a process: its resource attributes, or null if it is not to be told
     *     of
     */
    ProcessOwners(IntFunction<@Nullable SortedMap<String, String>> resources) {
        this.resources = resources;
    }

    /** Looks at a process that has a new connection; whether it is to be told of. */
    synchronized boolean look(int pid) {
        Owner known = owners.get(pid);
        long now = System.nanoTime();
        if (known != null && now - known.checkedNanos < RECHECK_NANOS) {
            return known.resource != null;
        }
        String start = start(pid);
        Owner owner =
                known != null && (start.isEmpty() || known.start.equals(start))
                        ? new Owner(known.start, known.resource, now)
                        : new Owner(start, resources.apply(pid), now);
        owners.put(pid, owner);
        if (owners.size() > MOST) {
            owners.pollFirstEntry();
        }
        return owner.resource != null;
    }

    /** Resource attributes of a process that had a connection, or null if they are not known. */
    synchronized @Nullable SortedMap<String, String> resource(int pid) {
        Owner known = owners.get(pid);
        return known == null ? null : known.resource;
    }

    private static String start(int pid) {
        try {
            Path file = Path.of("/proc/" + pid + "/stat");
            String text = Files.readString(file, StandardCharsets.ISO_8859_1);
            String[] fields = text.substring(text.lastIndexOf(')') + 1).strip().split(" ", -1);
            return fields.length > START_AFTER_NAME ? fields[START_AFTER_NAME] : "";
        } catch (IOException e) {
            // It is gone: what is known of it stays.
            return "";
        }
    }
}
