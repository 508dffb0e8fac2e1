package io.flarepath.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What the defaults depend on.
 *
 * @param root whether this process runs as root
 * @param hostname name of the machine
 * @param home the user's folder
 */
record Machine(boolean root, String hostname, Path home) {
    static final String STATE_DEFAULT =
            "`/var/lib/flarepath` as root, else `$XDG_STATE_HOME/flarepath`";
    static final String QUEUE_DEFAULT = "`agent-queue` in `data`";
    static final String HOSTNAME_DEFAULT = "the hostname";

    /** The machine that this process runs on. */
    static Machine current(Map<String, String> environment) {
        String home = environment.getOrDefault("HOME", System.getProperty("user.home", "/"));
        return new Machine(runsAsRoot(), kernelHostname(), Path.of(home));
    }

    /**
     * The folder of state by the XDG Base Directory Specification: a relative {@code
     * XDG_STATE_HOME} is to be ignored, and the default is {@code ~/.local/state}.
     */
    Path stateFolder(Map<String, String> environment) {
        if (root) {
            return Path.of("/var/lib/flarepath");
        }
        Path state = Path.of(environment.getOrDefault("XDG_STATE_HOME", ""));
        return (state.isAbsolute() ? state : home.resolve(".local/state")).resolve("flarepath");
    }

    private static boolean runsAsRoot() {
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException | UnsupportedOperationException e) {
            // No procfs: the name is the best that is left.
            return "root".equals(System.getProperty("user.name"));
        }
    }

    private static String kernelHostname() {
        Path file = Path.of("/proc/sys/kernel/hostname");
        try {
            return Files.exists(file) ? Files.readString(file).strip() : "localhost";
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the name of this machine from " + file, e);
        }
    }
}
