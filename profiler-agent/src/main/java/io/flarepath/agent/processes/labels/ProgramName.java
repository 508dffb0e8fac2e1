package io.flarepath.agent.processes.labels;

/** The name of a program that has several. */
public final class ProgramName {
    /** Longest name of a task in the kernel (TASK_COMM_LEN, less its end). */
    private static final int LONGEST_COMM = 15;

    private ProgramName() {}

    /**
     * The name by which a program was called, if the kernel has it under that name too, else that
     * of its file: one file may be many programs (busybox, or Redis, whose server and checks are
     * links to one), while what a process says of itself alone may be anything. A name that leaves
     * out no more than the file's version ({@code python3} of {@code python3.11}) is not taken, nor
     * one by which a program starts itself again ({@code /proc/self/exe}).
     *
     * @param file last part of the path of its executable, or empty
     * @param argument its first argument, or empty; a title that it gave itself may follow
     * @param comm its name in the kernel
     */
    public static String of(String file, String argument, String comm) {
        int space = argument.indexOf(' ');
        String path = space < 0 ? argument : argument.substring(0, space);
        String called = path.substring(path.lastIndexOf('/') + 1);
        boolean known =
                called.equals(comm) || (comm.length() == LONGEST_COMM && called.startsWith(comm));
        boolean taken = known && !path.startsWith("/proc/") && !isVersionOf(file, called);
        return called.isEmpty() || !taken ? file : called;
    }

    private static boolean isVersionOf(String file, String called) {
        return file.startsWith(called)
                && file.substring(called.length())
                        .chars()
                        .allMatch(c -> (c >= '0' && c <= '9') || c == '.' || c == '-');
    }
}
