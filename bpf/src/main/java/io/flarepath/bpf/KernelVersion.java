package io.flarepath.bpf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Version of a kernel. */
record KernelVersion(int major, int minor, int patch) implements Comparable<KernelVersion> {
    private static final String RELEASE_FILE = "/proc/sys/kernel/osrelease";
    private static final Pattern RELEASE =
            Pattern.compile("(\\d{1,4})\\.(\\d{1,4})(?:\\.(\\d{1,6}))?.*");

    private static final Pattern DEBIAN = Pattern.compile(".* Debian (\\d+\\.\\d+\\.\\d+).*");

    /**
     * The running kernel: the upstream version that it was made from, which Debian (in its version)
     * and Ubuntu (in a file of its own) tell apart from the release that uname has.
     */
    static KernelVersion running() {
        return of(
                read("/proc/version_signature"), read("/proc/version"), read(RELEASE_FILE).strip());
    }

    static KernelVersion of(String signature, String version, String release) {
        String[] ubuntu = signature.strip().split(" ", -1);
        if (ubuntu.length == 3) {
            return parse(ubuntu[2]);
        }
        Matcher debian = DEBIAN.matcher(version.strip());
        return parse(debian.matches() ? debian.group(1) : release);
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            // Ubuntu alone has the first file; without /proc the release is what Java knows.
            return file.equals(RELEASE_FILE) ? System.getProperty("os.version") : "";
        }
    }

    /** IllegalArgumentException where the text does not begin with a version. */
    static KernelVersion parse(String release) {
        Matcher matcher = RELEASE.matcher(release);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("no kernel version: \"" + release + "\"");
        }
        String patch = matcher.group(3);
        return new KernelVersion(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                patch == null ? 0 : Integer.parseInt(patch));
    }

    /**
     * Whether reading user memory from a perf event can lock up the machine: 5.19 to 6.1.35 and 6.2
     * to 6.3.9 take a lock of the memory allocator there (hardened usercopy in
     * copy_from_user_nofault; mended in 6.1.36, 6.3.10 and 6.4).
     */
    boolean mayLockUp() {
        return within(new KernelVersion(5, 19, 0), new KernelVersion(6, 1, 36))
                || within(new KernelVersion(6, 2, 0), new KernelVersion(6, 3, 10));
    }

    private boolean within(KernelVersion first, KernelVersion end) {
        return compareTo(first) >= 0 && compareTo(end) < 0;
    }

    @Override
    public int compareTo(KernelVersion other) {
        int byMajor = Integer.compare(major, other.major);
        int byMinor = byMajor != 0 ? byMajor : Integer.compare(minor, other.minor);
        return byMinor != 0 ? byMinor : Integer.compare(patch, other.patch);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
