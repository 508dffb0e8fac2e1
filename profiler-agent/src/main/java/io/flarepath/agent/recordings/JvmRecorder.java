package io.flarepath.agent.recordings;

import io.flarepath.bpf.TargetJvmProgram;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collection;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records JVMs: copies async-profiler into the file system of one, starts and stops it, fetches the
 * recording, and removes what was copied, whatever happened in between. Should the agent be killed
 * meanwhile, async-profiler stops by itself some seconds after its time. Several JVMs may be
 * recorded at once, each of them once.
 */
public final class JvmRecorder {
    private static final Logger LOG = LoggerFactory.getLogger(JvmRecorder.class);

    /** Longest recording in bytes; it ends early when it is reached. */
    static final long MOST_BYTES = 256L << 20;

    /** What must be free in the target's file system to begin with, and at which it ends early. */
    private static final long NEEDED_BYTES = 512L << 20;

    private static final long LEAST_FREE_BYTES = 128L << 20;
    private static final int GRACE_SECONDS = 30;
    private static final long LOOK_MILLIS = 1_000;

    /** No system properties, native libraries or load of the machine: they are not asked for. */
    private static final String EVENTS_LEFT_OUT = "jfropts=15";

    private final Path folder;
    private final double leastAgeSeconds;
    private @Nullable Unpacked unpacked;

    /** What is copied out of the jars. */
    private record Unpacked(Path program, Path library) {}

    /**
     * A recorder.
     *
     * @param folder of the agent's own, for its helper and for recordings until they are read
     */
    public JvmRecorder(Path folder) {
        this(folder, 10);
    }

    JvmRecorder(Path folder, double leastAgeSeconds) {
        this.folder = folder;
        this.leastAgeSeconds = leastAgeSeconds;
    }

    /**
     * Records for some time; blocks.
     *
     * @param pid of the JVM, in our namespace
     * @param isWanted asked each second: false ends it early
     * @return the recording, which the caller deletes
     * @throws RecordingFailedException says why it was not made; nothing is left in the target
     * @throws InterruptedException when it was broken off; nothing is left in the target
     */
    Path record(int pid, Collection<RecordingKind> kinds, Duration length, BooleanSupplier isWanted)
            throws RecordingFailedException, InterruptedException {
        TargetProcess target = TargetProcess.find(pid);
        String earlier = new Preflight(target, leastAgeSeconds).check();
        TargetJvm jvm = prepare(target);
        String name =
                earlier.isEmpty() ? newName() : earlier.substring(earlier.lastIndexOf('/') + 1);
        String directory = jvm.install(name, NEEDED_BYTES);
        boolean started = false;
        LeftBehind left = new LeftBehind(target, directory);
        try {
            if (!earlier.isEmpty() && !directory.equals(earlier)) {
                throw new RecordingFailedException(
                        "the library was loaded from "
                                + earlier
                                + " before, and that place cannot take it again");
            }
            // Even if it fails: it may have begun all the same.
            started = true;
            start(jvm, directory, kinds, length);
            waitFor(target, jvm, directory, length, isWanted);
            jvm.load(directory, "stop," + files(directory));
            started = false;
            Path recording = folder.resolve(name.substring(1) + ".jfr");
            jvm.fetch(directory + "/made.jfr", MOST_BYTES * 2, recording);
            return recording;
        } finally {
            cleanUp(jvm, directory, started, left);
        }
    }

    private static String newName() {
        byte[] random = new byte[8];
        new SecureRandom().nextBytes(random);
        return ".flarepath-" + HexFormat.of().formatHex(random);
    }

    private static String files(String directory) {
        return "file=" + directory + "/made.jfr,log=" + directory + "/log";
    }

    private TargetJvm prepare(TargetProcess target) throws RecordingFailedException {
        try {
            Unpacked files = unpack();
            return new TargetJvm(files.program(), files.library(), folder, target);
        } catch (IOException | UnsupportedOperationException e) {
            throw new RecordingFailedException(
                    "the recorder cannot be made ready in " + folder + ": " + e.getMessage());
        }
    }

    /** Once: a program that is being written cannot be run. */
    private synchronized Unpacked unpack() throws IOException {
        Unpacked known = unpacked;
        if (known != null && Files.exists(known.program()) && Files.exists(known.library())) {
            return known;
        }
        Files.createDirectories(folder);
        Path program = TargetJvmProgram.unpack(folder);
        Path library = folder.resolve("libasyncProfiler.so");
        try (InputStream packed =
                JvmRecorder.class.getResourceAsStream("/linux-x64/libasyncProfiler.so")) {
            if (packed == null) {
                throw new IOException("the agent has no async-profiler with it");
            }
            Files.copy(packed, library, StandardCopyOption.REPLACE_EXISTING);
        }
        Unpacked files = new Unpacked(program, library);
        unpacked = files;
        return files;
    }

    private static void start(
            TargetJvm jvm, String directory, Collection<RecordingKind> kinds, Duration length)
            throws RecordingFailedException, InterruptedException {
        String options =
                "start,"
                        + RecordingKind.arguments(kinds)
                        + ",jfr,"
                        + EVENTS_LEFT_OUT
                        + ",timeout="
                        + (length.toSeconds() + GRACE_SECONDS)
                        + ","
                        + files(directory);
        try {
            jvm.load(directory, options);
        } catch (RecordingFailedException e) {
            throw new RecordingFailedException(e.getMessage() + logOf(jvm, directory));
        }
    }

    /** async-profiler writes what is wrong to its log, and answers with a number only. */
    private static String logOf(TargetJvm jvm, String directory) throws InterruptedException {
        try {
            Path copy = Files.createTempFile("flarepath-log", ".txt");
            try {
                jvm.fetch(directory + "/log", 16 << 10, copy);
                return "; async-profiler says: " + Files.readString(copy).strip();
            } finally {
                Files.delete(copy);
            }
        } catch (RecordingFailedException | IOException e) {
            return "";
        }
    }

    /** Ends early when the recording gets too long, or the target's disk full. */
    private static void waitFor(
            TargetProcess target,
            TargetJvm jvm,
            String directory,
            Duration length,
            BooleanSupplier isWanted)
            throws RecordingFailedException, InterruptedException {
        long end = System.nanoTime() + length.toNanos();
        for (long left = length.toNanos(); left > 0; left = end - System.nanoTime()) {
            TimeUnit.NANOSECONDS.sleep(Math.min(left, LOOK_MILLIS * 1_000_000));
            target.check();
            if (!isWanted.getAsBoolean()) {
                return;
            }
            long[] size = jvm.size(directory + "/made.jfr");
            if (size[0] > MOST_BYTES || size[1] < LEAST_FREE_BYTES) {
                LOG.warn(
                        "the recording of process {} ends early: it has {} bytes, {} are free",
                        target.pid(),
                        size[0],
                        size[1]);
                return;
            }
        }
    }

    private static void cleanUp(TargetJvm jvm, String directory, boolean started, LeftBehind left)
            throws InterruptedException {
        // Broken off or not, the target must not keep what was put there.
        boolean interrupted = Thread.interrupted();
        if (started) {
            try {
                jvm.load(directory, "stop," + files(directory));
            } catch (RecordingFailedException e) {
                LOG.debug("a recording that failed did not stop: {}", e.getMessage());
            }
        }
        try (left) {
            removeFrom(jvm, directory, left);
        } catch (IOException e) {
            LOG.warn("{} may be left of a recording: {}", directory, e.toString());
        }
        if (interrupted) {
            throw new InterruptedException("the recording was broken off");
        }
    }

    /** The target removes it; where it has ended, we do. */
    private static void removeFrom(TargetJvm jvm, String directory, LeftBehind left)
            throws IOException, InterruptedException {
        try {
            jvm.remove(directory);
        } catch (RecordingFailedException e) {
            left.remove();
        }
    }
}
