package io.flarepath.agent.recordings;

import io.flarepath.agent.export.TypedProfile;
import io.flarepath.agent.jvm.SeenJvm;
import io.flarepath.agent.metrics.Counter;
import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.config.RecordedServices;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records the JVMs of some services all the time: one recording after the other, a few JVMs at
 * once, those first that have waited longest. A JVM that cannot be recorded is tried again later
 * and later; why is logged once. What a JVM did since its last recording began is lost when it
 * ends.
 */
public final class ContinuousRecordings implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ContinuousRecordings.class);

    /** JVMs that are recorded at once. */
    static final int AT_ONCE = 3;

    /** A little more than what {@link Preflight} wants a JVM to have run for. */
    private static final Duration OLD_ENOUGH = Duration.ofSeconds(11);

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(30);
    private static final int MOST_DOUBLINGS = 6;
    private static final long LOOK_MILLIS = 1_000;
    private static final long STOP_SECONDS = 3;

    private final JvmRecordings recordings;
    private final RecordedServices services;
    private final Duration window;
    private final Supplier<List<SeenJvm>> jvms;
    private final Duration leastAge;
    private final Duration firstPause;
    private final ExecutorService workers =
            Executors.newFixedThreadPool(
                    AT_ONCE,
                    work -> Thread.ofPlatform().daemon().name("recording").unstarted(work));
    private final Thread thread;
    private final Counter made;
    private final Counter failed;
    private final Map<Key, Course> courses = new HashMap<>();
    private int active;
    private volatile Consumer<List<TypedProfile>> exporter = profiles -> {};

    /** A JVM; its pid may be another one's later. */
    private record Key(int pid, long sinceNanos) {}

    /** How the recordings of one JVM go; guarded by the owner. */
    private static final class Course {
        private final SeenJvm jvm;
        private long dueNanos;
        private int failures;
        private boolean active;
        private boolean told;

        Course(SeenJvm jvm, long dueNanos) {
            this.jvm = jvm;
            this.dueNanos = dueNanos;
        }
    }

    /**
     * Recordings that do not begin yet.
     *
     * @param services whose JVMs are recorded, and what of them
     * @param window how long each recording is
     * @param jvms those that are there now; asked each second
     */
    public ContinuousRecordings(
            JvmRecordings recordings,
            RecordedServices services,
            Duration window,
            Supplier<List<SeenJvm>> jvms,
            MetricRegistry registry) {
        this(recordings, services, window, jvms, registry, OLD_ENOUGH, FIRST_PAUSE);
    }

    ContinuousRecordings(
            JvmRecordings recordings,
            RecordedServices services,
            Duration window,
            Supplier<List<SeenJvm>> jvms,
            MetricRegistry registry,
            Duration leastAge,
            Duration firstPause) {
        this.recordings = recordings;
        this.services = services;
        this.window = window;
        this.jvms = jvms;
        this.leastAge = leastAge;
        this.firstPause = firstPause;
        made =
                registry.counter(
                        "continuous_recordings_total", "Recordings made of chosen services.");
        failed =
                registry.counter(
                        "continuous_recordings_failed_total",
                        "Recordings of chosen services that could not be made.");
        thread = Thread.ofPlatform().daemon().name("recordings-continuous").unstarted(this::run);
    }

    /**
     * Begins to record.
     *
     * @param sink takes the profiles
     */
    public void start(Consumer<List<TypedProfile>> sink) {
        exporter = sink;
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                beginThoseDue(System.nanoTime());
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            LOG.debug("no more recordings are made");
        }
    }

    private synchronized void beginThoseDue(long nowNanos) {
        Map<Key, SeenJvm> wanted = new HashMap<>();
        for (SeenJvm jvm : jvms.get()) {
            if (!services.kinds(jvm.service()).isEmpty()) {
                wanted.put(new Key(jvm.pid(), jvm.sinceNanos()), jvm);
            }
        }
        // One that is being recorded while it ends goes when its recording has failed.
        courses.entrySet().removeIf(e -> !wanted.containsKey(e.getKey()) && !e.getValue().active);
        wanted.forEach((key, jvm) ->
                courses.computeIfAbsent(
                        key, k -> new Course(jvm, k.sinceNanos() + leastAge.toNanos())));
        courses.values().stream()
                .filter(course -> !course.active && nowNanos - course.dueNanos >= 0)
                .sorted(Comparator.comparingLong(course -> course.dueNanos - nowNanos))
                .limit(AT_ONCE - active)
                .toList()
                .forEach(this::begin);
    }

    private void begin(Course course) {
        course.active = true;
        active++;
        workers.execute(() -> record(course));
    }

    private void record(Course course) {
        SeenJvm jvm = course.jvm;
        List<RecordingKind> kinds =
                services.kinds(jvm.service()).stream().map(RecordingKind::of).toList();
        try {
            List<TypedProfile> profiles = recordings.next(jvm.pid(), kinds, window);
            exporter.accept(profiles);
            succeeded(course, !profiles.isEmpty());
        } catch (RecordingFailedException | IOException | RuntimeException e) {
            failed(course, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            LOG.debug("the recording of process {} was broken off", jvm.pid());
        }
    }

    private synchronized void succeeded(Course course, boolean hasProfiles) {
        if (hasProfiles) {
            made.increment();
        }
        course.failures = 0;
        course.told = false;
        course.dueNanos = System.nanoTime();
        end(course);
    }

    private synchronized void failed(Course course, String why) {
        SeenJvm jvm = course.jvm;
        long pause = firstPause.toNanos() << Math.min(course.failures, MOST_DOUBLINGS);
        course.failures++;
        course.dueNanos = System.nanoTime() + pause;
        end(course);
        if (ProcessHandle.of(jvm.pid()).isEmpty()) {
            LOG.debug("process {} ended while it was recorded", jvm.pid());
            return;
        }
        failed.increment();
        if (!course.told) {
            course.told = true;
            LOG.warn(
                    "{} of service {} is not recorded for now, and tried again in {} s: {}",
                    jvm.pid(),
                    jvm.service(),
                    TimeUnit.NANOSECONDS.toSeconds(pause),
                    why);
        }
    }

    private void end(Course course) {
        course.active = false;
        active--;
    }

    /** Breaks off what is being recorded; the targets are left as they were. */
    @Override
    public void close() {
        thread.interrupt();
        workers.shutdownNow();
        try {
            if (!workers.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("a recording did not end in {} s", STOP_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
