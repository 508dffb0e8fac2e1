package io.flarepath.agent.recordings;

import io.flarepath.agent.export.TypedProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Makes recordings and profiles of them. async-profiler makes one recording of a JVM at a time: one
 * that somebody ordered makes one that goes on for ever give way. For several threads.
 */
public final class JvmRecordings {
    private final JvmRecorder recorder;
    private final ResourceOf resources;

    /** One recording is read at a time: each may take much of the agent's small heap. */
    private final ReentrantLock reading = new ReentrantLock();

    private final Set<Integer> recorded = new HashSet<>();
    private final Set<Integer> ordered = new HashSet<>();

    /** Recordings by a recorder, of processes that are named so. */
    public JvmRecordings(JvmRecorder recorder, ResourceOf resources) {
        this.recorder = recorder;
        this.resources = resources;
    }

    /**
     * Makes a recording that was ordered; blocks, also while another one of that JVM ends.
     *
     * @param pid of the JVM, in our namespace
     * @return its profiles
     * @throws IOException when the recording cannot be read
     */
    List<TypedProfile> ordered(int pid, Collection<RecordingKind> kinds, Duration length)
            throws RecordingFailedException, IOException, InterruptedException {
        awaitTurn(pid);
        try {
            return make(pid, kinds, length, () -> true);
        } finally {
            end(pid);
        }
    }

    /**
     * Makes one of many recordings that follow one another; blocks. It ends early when one of that
     * JVM is ordered.
     *
     * @return its profiles; none when an order comes first
     * @throws IOException when the recording cannot be read
     */
    List<TypedProfile> next(int pid, Collection<RecordingKind> kinds, Duration length)
            throws RecordingFailedException, IOException, InterruptedException {
        if (!begin(pid)) {
            return List.of();
        }
        try {
            return make(pid, kinds, length, () -> !isOrdered(pid));
        } finally {
            end(pid);
        }
    }

    private List<TypedProfile> make(
            int pid, Collection<RecordingKind> kinds, Duration length, BooleanSupplier isWanted)
            throws RecordingFailedException, IOException, InterruptedException {
        SortedMap<String, String> resource = resources.attributes(pid);
        Path recording = recorder.record(pid, kinds, length, isWanted);
        reading.lock();
        try {
            return RecordedProfiles.read(recording, resource, pid);
        } finally {
            reading.unlock();
            Files.deleteIfExists(recording);
        }
    }

    private synchronized void awaitTurn(int pid) throws InterruptedException {
        ordered.add(pid);
        try {
            while (!recorded.add(pid)) {
                wait();
            }
        } finally {
            ordered.remove(pid);
        }
    }

    private synchronized boolean isOrdered(int pid) {
        return ordered.contains(pid);
    }

    private synchronized boolean begin(int pid) {
        return !ordered.contains(pid) && recorded.add(pid);
    }

    private synchronized void end(int pid) {
        recorded.remove(pid);
        notifyAll();
    }
}
