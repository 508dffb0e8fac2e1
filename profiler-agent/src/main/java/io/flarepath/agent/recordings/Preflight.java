package io.flarepath.agent.recordings;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Refuses JVMs in which a profiler is known to do harm, or cannot work, before anything is done to
 * them.
 */
final class Preflight {
    /** A JVM that starts loads classes by the thousand, which is when most crashes were seen. */
    private static final double LEAST_AGE_SECONDS = 10;

    private static final Duration CRASH_IS_RECENT = Duration.ofDays(1);
    private static final int MOST_FILES = 10_000;

    /** JDK-8173361 and JDK-8305165: loading an agent late crashes JDK 8 before this update. */
    private static final int SAFE_UPDATE_OF_8 = 382;

    private static final Pattern VERSION =
            Pattern.compile("(?m)^JAVA_VERSION=\"(?:1\\.)?(\\d+)(?:[.0-9]*)(?:_(\\d+))?");
    private static final Pattern LIBJVM =
            Pattern.compile("(?m)^\\S+ \\S+ \\S+ \\S+ \\S+ +(/\\S*/libjvm\\.so)( \\(deleted\\))?$");

    private static final Pattern ASYNC_PROFILER =
            Pattern.compile("(?m)(/\\S*libasyncProfiler\\S*)");
    private static final Pattern OURS =
            Pattern.compile("(/[a-z/]+/\\.flarepath-[0-9a-f]{16})/libasyncProfiler\\.so");

    private final TargetProcess target;
    private final double leastAgeSeconds;

    Preflight(TargetProcess target) {
        this(target, LEAST_AGE_SECONDS);
    }

    Preflight(TargetProcess target, double leastAgeSeconds) {
        this.target = target;
        this.leastAgeSeconds = leastAgeSeconds;
    }

    /**
     * Looks at the process.
     *
     * @return the directory from which an earlier recording of ours loaded the library, which a JVM
     *     never unloads; empty when there was none
     * @throws RecordingFailedException says why it must not be recorded
     */
    String check() throws RecordingFailedException {
        String maps = target.text("maps");
        if (maps.contains("/libj9vm")) {
            throw refused("it runs on OpenJ9, which async-profiler does not know");
        }
        Matcher libjvm = LIBJVM.matcher(maps);
        if (!libjvm.find()) {
            throw refused("it is no JVM: no libjvm.so is mapped");
        }
        if (libjvm.group(2) != null) {
            throw refused("its JDK was replaced since it started");
        }
        String earlier = earlier(maps);
        checkOptions();
        checkVersion(Path.of(libjvm.group(1)), maps);
        double age = target.ageSeconds();
        if (age < leastAgeSeconds) {
            throw refused(
                    "it started %.0f s ago, and must have run for %.0f s"
                            .formatted(age, leastAgeSeconds));
        }
        checkCrashes();
        return earlier;
    }

    /**
     * Loaded under another path a library would be there twice, and both would take the signals.
     */
    private String earlier(String maps) throws RecordingFailedException {
        String directory = "";
        Matcher library = ASYNC_PROFILER.matcher(maps);
        while (library.find()) {
            Matcher ours = OURS.matcher(library.group(1));
            if (!ours.matches()) {
                throw refused(
                        "another async-profiler is loaded already (a Pyroscope agent, or a tool): "
                                + library.group(1));
            }
            directory = ours.group(1);
        }
        if (!directory.isEmpty() && maps.contains("/ld-musl")) {
            throw refused("with musl a JVM can be recorded once only, and it was");
        }
        return directory;
    }

    private RecordingFailedException refused(String why) {
        return new RecordingFailedException("process " + target.pid() + " is not recorded: " + why);
    }

    private void checkOptions() throws RecordingFailedException {
        for (String file : List.of("cmdline", "environ")) {
            for (String word : target.words(file)) {
                if (word.contains("-XX:+DisableAttachMechanism")) {
                    throw refused("attaching is disabled in it (-XX:+DisableAttachMechanism)");
                }
            }
        }
    }

    /** The file {@code release} lies above the directory of the library. */
    private void checkVersion(Path libjvm, String maps) throws RecordingFailedException {
        Path home = libjvm.getParent();
        for (int up = 0; up < 4 && home != null; up++) {
            Matcher version = VERSION.matcher(release(home));
            if (version.find()) {
                checkVersion(version);
                return;
            }
            home = home.getParent();
        }
        if (!maps.contains("/lib/modules")) {
            throw refused("the version of its JVM cannot be told, and it may be a JDK 8");
        }
    }

    private String release(Path home) {
        Path file = target.root().resolve("." + home).resolve("release");
        try {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                    || Files.size(file) > 65_536) {
                return "";
            }
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }

    private void checkVersion(Matcher version) throws RecordingFailedException {
        int major = Integer.parseInt(version.group(1));
        String update = version.group(2);
        if (major < 8) {
            throw refused("its JVM is of version " + major + ", at least 8 is needed");
        }
        if (major == 8 && (update == null || Integer.parseInt(update) < SAFE_UPDATE_OF_8)) {
            throw refused(
                    "JDK 8 before update "
                            + SAFE_UPDATE_OF_8
                            + " can crash when an agent is loaded, and this is update "
                            + update);
        }
    }

    private void checkCrashes() throws RecordingFailedException {
        Path folder = Path.of("/proc/" + target.pid() + "/cwd");
        Instant recent = Instant.now().minus(CRASH_IS_RECENT);
        int seen = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "hs_err_pid*.log")) {
            for (Path file : files) {
                Instant changed =
                        Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant();
                if (changed.isAfter(recent)) {
                    throw refused(
                            "a JVM crashed here a short while ago, see "
                                    + file.getFileName()
                                    + " in its working directory");
                }
                if (++seen > MOST_FILES) {
                    return;
                }
            }
        } catch (IOException e) {
            target.check();
        }
    }
}
