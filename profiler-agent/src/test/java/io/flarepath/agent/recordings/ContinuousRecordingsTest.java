package io.flarepath.agent.recordings;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.flarepath.agent.export.TypedProfile;
import io.flarepath.agent.jvm.SeenJvm;
import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.config.RecordedServices;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Recordings that follow one another. The group slow needs root. */
@Timeout(120)
final class ContinuousRecordingsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final RecordedServices LOCKS =
            new RecordedServices(
                    List.of(new RecordedServices.Rule("count*", List.of("locks", "allocations"))));

    @TempDir Path folder;

    private final List<SeenJvm> jvms = new CopyOnWriteArrayList<>();
    private final List<TypedProfile> profiles = new CopyOnWriteArrayList<>();

    private static SeenJvm jvm(int pid, String service) {
        return new SeenJvm(pid, System.nanoTime(), service, "", "", "25", "trusted", "");
    }

    private JvmRecordings recordings(ResourceOf resources) {
        return new JvmRecordings(new JvmRecorder(folder.resolve("recorder"), 0), resources);
    }

    private JvmRecordings counted() {
        return recordings(pid -> new TreeMap<>(Map.of("service.name", "counted")));
    }

    private ContinuousRecordings started(JvmRecordings recordings, Duration window) {
        ContinuousRecordings continuous =
                new ContinuousRecordings(
                        recordings,
                        LOCKS,
                        window,
                        () -> jvms,
                        new MetricRegistry(),
                        Duration.ZERO,
                        Duration.ofMillis(1));
        continuous.start(profiles::addAll);
        return continuous;
    }

    @Test
    void fewAreRecordedAtOnceAndAllInTheEnd() {
        int all = ContinuousRecordings.AT_ONCE + 2;
        IntStream.rangeClosed(1, all)
                .forEach(i -> jvms.add(jvm(Integer.MAX_VALUE - i, "counted-" + i)));
        jvms.add(jvm(Integer.MAX_VALUE - 100, "others"));
        Set<Integer> tried = ConcurrentHashMap.newKeySet();
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch go = new CountDownLatch(1);
        ResourceOf slow =
                pid -> {
                    tried.add(pid);
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    awaitOpen(go);
                    running.decrementAndGet();
                    throw new RecordingFailedException("no");
                };
        try (ContinuousRecordings started = started(recordings(slow), Duration.ofSeconds(1))) {
            assertThat(started).isNotNull();
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> running.get() == ContinuousRecordings.AT_ONCE);
            assertThat(tried).hasSize(ContinuousRecordings.AT_ONCE);
            go.countDown();
            Awaitility.await().atMost(PATIENCE).until(() -> tried.size() == all);
        }
        assertThat(most).hasValue(ContinuousRecordings.AT_ONCE);
        assertThat(tried).doesNotContain(Integer.MAX_VALUE - 100);
    }

    private static void awaitOpen(CountDownLatch go) {
        try {
            go.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A process that is there, and is no JVM. */
    @Test
    void whatCannotBeRecordedIsTriedAgainAndToldOnce() throws Exception {
        Process sleep = new ProcessBuilder("sleep", "60").start();
        Logger logger = (Logger) LoggerFactory.getLogger(ContinuousRecordings.class);
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        logger.addAppender(logged);
        AtomicInteger tries = new AtomicInteger();
        jvms.add(jvm(Math.toIntExact(sleep.pid()), "counted"));
        ResourceOf resources =
                pid -> {
                    tries.incrementAndGet();
                    return new TreeMap<>(Map.of("service.name", "counted"));
                };
        try (ContinuousRecordings started = started(recordings(resources), Duration.ofSeconds(1))) {
            assertThat(started).isNotNull();
            Awaitility.await().atMost(PATIENCE).until(() -> tries.get() >= 3);
        } finally {
            logger.detachAppender(logged);
            sleep.destroyForcibly().waitFor();
        }
        assertThat(logged.list)
                .filteredOn(event -> event.getLevel() == Level.WARN)
                .extracting(ILoggingEvent::getFormattedMessage)
                .singleElement()
                .asString()
                .contains("it is no JVM");
        assertThat(profiles).isEmpty();
    }

    @Test
    @Tag("slow")
    void oneRecordingFollowsAnotherUntilTheJvmEnds() throws Exception {
        try (CountedJvm jvm = new CountedJvm(folder, Path.of(System.getProperty("java.home")));
                ContinuousRecordings started = started(counted(), Duration.ofSeconds(2))) {
            assertThat(started).isNotNull();
            jvms.add(jvm(jvm.pid(), "counted"));
            Awaitility.await().atMost(PATIENCE).until(() -> delays().size() >= 2);
            TypedProfile first = delays().get(0);
            TypedProfile second = delays().get(1);
            assertThat(second.startNanos())
                    .isGreaterThanOrEqualTo(first.startNanos() + first.durationNanos());
            assertThat(profiles)
                    .extracting(TypedProfile::sampleType)
                    .contains("alloc_in_new_tlab_bytes")
                    .doesNotContain("cpu", "wall");
            jvm.kill();
            jvms.clear();
            Awaitility.await().atMost(PATIENCE).untilAsserted(this::nothingIsLeft);
        }
    }

    @Test
    @Tag("slow")
    void anOrderedOneComesFirst() throws Exception {
        JvmRecordings recordings = counted();
        try (CountedJvm jvm = new CountedJvm(folder, Path.of(System.getProperty("java.home")));
                ContinuousRecordings started = started(recordings, Duration.ofMinutes(1))) {
            assertThat(started).isNotNull();
            jvms.add(jvm(jvm.pid(), "counted"));
            Path maps = Path.of("/proc/" + jvm.pid() + "/maps");
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> Files.readString(maps).contains("libasyncProfiler"));
            List<TypedProfile> ordered =
                    recordings.ordered(
                            jvm.pid(), EnumSet.of(RecordingKind.CPU), Duration.ofSeconds(1));
            assertThat(ordered).extracting(TypedProfile::sampleType).containsExactly("cpu");
            // What was recorded until then is not lost.
            Awaitility.await().atMost(PATIENCE).until(() -> !delays().isEmpty());
            assertThat(delays().getFirst().durationNanos())
                    .isLessThan(Duration.ofSeconds(40).toNanos());
        }
        nothingIsLeft();
    }

    private List<TypedProfile> delays() {
        return profiles.stream().filter(p -> p.sampleType().equals("delay")).toList();
    }

    private void nothingIsLeft() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("/tmp"))) {
            assertThat(files.map(Path::getFileName).map(Path::toString))
                    .noneMatch(name -> name.startsWith(".flarepath-"));
        }
    }
}
