package io.flarepath.agent.processes;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@code /proc} tells of a process (proc(5)). Every read is bounded; a process that is
 * gone reads as nothing, since it may go at any time. Not safe for several threads.
 */
final class ProcFiles {
    /** An environment longer than this is read up to here. */
    private static final int MAX_ENVIRONMENT = 128 << 10;

    private static final int MAX_COMMAND_LINE = 512 << 10;
    private static final int MAX_NAME = 4 << 10;
    private static final int MAX_CGROUP = 16 << 10;
    private static final int KERNEL_THREAD = 0x0020_0000;

    private final String root;
    private final byte[] buffer = new byte[MAX_ENVIRONMENT];

    /**
     * @param root where proc is mounted, without a slash at the end
     */
    ProcFiles(String root) {
        this.root = root;
    }

    /**
     * The fields of {@code /proc/PID/stat} that are used here.
     *
     * @param parent pid of the parent
     * @param startTicks when it was started, clock ticks since boot; with the pid it is unique
     * @param kernel whether it is a kernel thread
     */
    record Stat(int parent, long startTicks, boolean kernel) {}

    /** The machine's name in the kernel; empty where it cannot be read. */
    String hostname() {
        try {
            return Files.readString(Path.of(root, "sys/kernel/hostname")).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /** Pids of all processes. */
    List<Integer> pids() {
        List<Integer> pids = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of(root), "[0-9]*")) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                // No pid has more than 7 digits (PID_MAX_LIMIT is 2^22).
                if (name.length() <= 7 && name.chars().allMatch(Character::isDigit)) {
                    pids.add(Integer.valueOf(name));
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(root + " cannot be listed: is proc mounted?", e);
        }
        return pids;
    }

    @Nullable Stat stat(int pid) {
        int length = read(pid, "stat", 4096);
        String text = new String(buffer, 0, length, StandardCharsets.ISO_8859_1);
        // The name in brackets may itself hold brackets and spaces.
        int nameEnd = text.lastIndexOf(')');
        if (nameEnd < 0) {
            return null;
        }
        String[] fields = text.substring(nameEnd + 1).strip().split(" ", 23);
        if (fields.length < 21) {
            return null;
        }
        try {
            return new Stat(
                    Integer.parseInt(fields[1]),
                    Long.parseLong(fields[19]),
                    (Long.parseLong(fields[6]) & KERNEL_THREAD) != 0);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** Its name in the kernel, or empty. */
    String comm(int pid) {
        int length = read(pid, "comm", 64);
        return new String(buffer, 0, length, StandardCharsets.UTF_8).strip();
    }

    /** Text of its cgroup file, or empty. */
    String cgroup(int pid) {
        int length = read(pid, "cgroup", MAX_CGROUP);
        return new String(buffer, 0, length, StandardCharsets.UTF_8);
    }

    /**
     * Reads its environment into {@link #buffer()}.
     *
     * @return how many bytes; 0 if it has none or cannot be read
     */
    int environment(int pid) {
        return read(pid, "environ", MAX_ENVIRONMENT);
    }

    /** The bytes that were read last. */
    byte[] buffer() {
        return buffer;
    }

    /** Target of its {@code exe} link, as the kernel writes it; empty if there is none. */
    String executable(int pid) {
        try {
            return Files.readSymbolicLink(Path.of(root, Integer.toString(pid), "exe")).toString();
        } catch (IOException e) {
            return "";
        }
    }

    /** Its arguments, the program first; empty if it has none. */
    List<String> commandLine(int pid) {
        List<String> arguments = new ArrayList<>();
        byte[] bytes;
        try (FileInputStream in = open(pid, "cmdline")) {
            bytes = in.readNBytes(MAX_COMMAND_LINE);
        } catch (IOException e) {
            return arguments;
        }
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == 0) {
                arguments.add(new String(bytes, start, i - start, StandardCharsets.UTF_8));
                start = i + 1;
            }
        }
        return arguments;
    }

    /** The beginning of its first argument, by which it was called; or empty. */
    String firstArgument(int pid) {
        int length = read(pid, "cmdline", MAX_NAME);
        int end = 0;
        while (end < length && buffer[end] != 0) {
            end++;
        }
        return new String(buffer, 0, end, StandardCharsets.UTF_8);
    }

    /** Its real user id, or -1. */
    int user(int pid) {
        try {
            Object id = Files.getAttribute(Path.of(root, Integer.toString(pid)), "unix:uid");
            return id instanceof Integer number ? number : -1;
        } catch (IOException e) {
            return -1;
        }
    }

    /** Its root directory, as seen from here. */
    Path rootDirectory(int pid) {
        return Path.of(root, Integer.toString(pid), "root");
    }

    private FileInputStream open(int pid, String name) throws IOException {
        return new FileInputStream(root + '/' + pid + '/' + name);
    }

    private int read(int pid, String name, int limit) {
        try (FileInputStream in = open(pid, name)) {
            return in.readNBytes(buffer, 0, limit);
        } catch (IOException e) {
            return 0;
        }
    }
}
