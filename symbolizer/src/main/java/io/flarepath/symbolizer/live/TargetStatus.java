package io.flarepath.symbolizer.live;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What {@code /proc/PID/status} says of a process.
 *
 * @param uid its effective user
 * @param innermostPid its pid in its own pid namespace
 */
record TargetStatus(int uid, int innermostPid) {
    private static final int MAX_BYTES = 1 << 16;

    static TargetStatus read(int pid) throws IOException {
        try (var in = Files.newInputStream(Path.of("/proc/" + pid + "/status"))) {
            return parse(pid, new String(in.readNBytes(MAX_BYTES), StandardCharsets.ISO_8859_1));
        }
    }

    static TargetStatus parse(int pid, String status) throws IOException {
        int uid = -1;
        int inner = pid;
        for (String line : status.split("\n", -1)) {
            String[] fields = line.strip().split("\\s+", -1);
            if (fields[0].equals("Uid:") && fields.length > 2) {
                uid = number(fields[2]);
            } else if (fields[0].equals("NSpid:")) {
                inner = number(fields[fields.length - 1]);
            }
        }
        if (uid == -1) {
            throw new IOException("/proc/" + pid + "/status names no user");
        }
        return new TargetStatus(uid, inner);
    }

    private static int number(String field) throws IOException {
        try {
            return (int) Long.parseLong(field); // uid_t is unsigned
        } catch (NumberFormatException e) {
            throw new IOException("a number was expected in /proc/PID/status, not " + field, e);
        }
    }
}
