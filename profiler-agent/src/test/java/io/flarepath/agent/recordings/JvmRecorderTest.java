package io.flarepath.agent.recordings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.flarepath.agent.export.TypedProfile;
import io.flarepath.agent.export.TypedProfile.TypedStack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Real JVMs of both versions, which count what they do. Needs root. */
@Tag("slow")
@Timeout(180)
final class JvmRecorderTest {
    private static final EnumSet<RecordingKind> ALL = EnumSet.allOf(RecordingKind.class);

    @TempDir Path folder;

    /** The recorder works on the machine's own /tmp: nothing of it may stay there. */
    @AfterEach
    void nothingIsLeft() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("/tmp"))) {
            assertThat(
                            files.filter(file ->
                                    file.getFileName().toString().startsWith(".flarepath-")))
                    .isEmpty();
        }
    }

    static Stream<Path> homes() throws Exception {
        return CountedJvm.homes();
    }

    private JvmRecorder recorder() {
        return new JvmRecorder(folder.resolve("recorder"), 0);
    }

    @ParameterizedTest
    @MethodSource("homes")
    void profilesAgreeWithWhatTheProgramCounts(Path home) throws Exception {
        try (CountedJvm jvm = new CountedJvm(folder, home)) {
            TimeUnit.SECONDS.sleep(1);
            jvm.counted();
            long start = System.nanoTime();
            Path recording = recorder().record(jvm.pid(), ALL, Duration.ofSeconds(5), () -> true);
            double lasted = (System.nanoTime() - start) / 1e9;
            // The program counted from a little before the recording to a little after it.
            double share = 5 / lasted;
            long[] counted = jvm.counted();
            List<TypedProfile> profiles =
                    RecordedProfiles.read(
                            recording, new TreeMap<>(Map.of("service.name", "counted")), jvm.pid());
            long bytes = total(profiles, "alloc_in_new_tlab_bytes", "Counted.allocate");
            assertThat((double) bytes).isCloseTo(counted[0] * share, within(counted[0] * 0.25));
            assertThat((double) total(profiles, "delay", "Counted.enter"))
                    .isCloseTo(counted[1] * share, within(counted[1] * 0.25));
            long waits = total(profiles, "contentions", "Counted.enter");
            assertThat((double) waits).isCloseTo(counted[2] * share, within(counted[2] * 0.25));
            // A wait is what the program measures: no fault of ours can change both alike.
            double mean = (double) total(profiles, "delay", "Counted.enter") / waits;
            double expected = (double) counted[1] / counted[2];
            assertThat(mean).isCloseTo(expected, within(expected / 20));
            assertThat(total(profiles, "cpu", "Counted.burn")).isGreaterThan(500_000_000L);
            assertThat(total(profiles, "wall", "Counted.main")).isGreaterThan(3_000_000_000L);
            assertThat(profiles)
                    .allSatisfy(profile -> {
                        assertThat(profile.profiler()).isEqualTo("async-profiler");
                        assertThat(profile.resource()).containsEntry("service.name", "counted");
                    });
            assertThat(jvm.alive()).isTrue();
        }
    }

    private static long total(List<TypedProfile> profiles, String type, String function) {
        long sum = 0;
        for (TypedProfile profile : profiles) {
            for (TypedStack stack : profile.stacks()) {
                if (profile.sampleType().equals(type)
                        && stack.frames().stream().anyMatch(f -> f.function().equals(function))) {
                    sum += Arrays.stream(stack.values()).sum();
                }
            }
        }
        return sum;
    }

    @ParameterizedTest
    @MethodSource("homes")
    void aSecondRecordingWorksToo(Path home) throws Exception {
        try (CountedJvm jvm = new CountedJvm(folder, home)) {
            EnumSet<RecordingKind> locks = EnumSet.of(RecordingKind.LOCKS);
            assertThat(recorder().record(jvm.pid(), locks, Duration.ofSeconds(1), () -> true))
                    .isNotEmptyFile();
            // The library of the first one stays mapped: a JVM does not unload it.
            assertThat(recorder().record(jvm.pid(), locks, Duration.ofSeconds(1), () -> true))
                    .isNotEmptyFile();
        }
    }

    @ParameterizedTest
    @MethodSource("homes")
    void aJvmInAContainerOfAnotherUser(Path home) throws Exception {
        try (CountedJvm jvm = CountedJvm.contained(folder, home)) {
            Path recording =
                    recorder()
                            .record(
                                    jvm.pid(),
                                    EnumSet.of(RecordingKind.LOCKS),
                                    Duration.ofSeconds(2),
                                    () -> true);
            List<TypedProfile> profiles =
                    RecordedProfiles.read(recording, new TreeMap<>(), jvm.pid());
            assertThat(total(profiles, "contentions", "Counted.enter")).isPositive();
            try (Stream<Path> files = Files.list(Path.of("/proc/" + jvm.pid() + "/root/tmp"))) {
                assertThat(files.map(Path::getFileName).map(Path::toString))
                        .contains("Counted.class")
                        .noneMatch(name -> name.startsWith(".flarepath-"));
            }
            assertThat(jvm.counted()).hasSize(3);
        }
    }

    @Test
    void aTargetThatIsKilledLeavesNothingAndAMessage() throws Exception {
        try (CountedJvm jvm = new CountedJvm(folder, Path.of(System.getProperty("java.home")))) {
            int pid = jvm.pid();
            CompletableFuture<Path> recording =
                    CompletableFuture.supplyAsync(() -> {
                        try {
                            return recorder().record(pid, ALL, Duration.ofSeconds(60), () -> true);
                        } catch (RecordingFailedException | InterruptedException e) {
                            throw new CompletionException(e);
                        }
                    });
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() ->
                            Files.readString(Path.of("/proc/" + pid + "/maps"))
                                    .contains("libasyncProfiler"));
            jvm.kill();
            assertThatThrownBy(() -> recording.get(20, TimeUnit.SECONDS))
                    .rootCause()
                    .isInstanceOf(RecordingFailedException.class)
                    .hasMessageMatching("(?s).*(is gone|ended).*");
        }
    }

    @Test
    void attachingCanBeForbidden() throws Exception {
        Path home = Path.of(System.getProperty("java.home"));
        try (CountedJvm jvm = new CountedJvm(folder, home, "-XX:+DisableAttachMechanism")) {
            assertThatThrownBy(() ->
                            recorder().record(jvm.pid(), ALL, Duration.ofSeconds(1), () -> true))
                    .isInstanceOf(RecordingFailedException.class)
                    .hasMessageContaining("-XX:+DisableAttachMechanism");
            assertThat(jvm.counted()).hasSize(3);
        }
    }

    @Test
    void youngOnesAndOthersAreRefused() throws Exception {
        Path home = Path.of(System.getProperty("java.home"));
        JvmRecorder patient = new JvmRecorder(folder.resolve("recorder"));
        try (CountedJvm jvm = new CountedJvm(folder, home)) {
            assertThatThrownBy(
                            () -> patient.record(jvm.pid(), ALL, Duration.ofSeconds(1), () -> true))
                    .hasMessageMatching("process \\d+ is not recorded: it started \\d+ s ago.*");
            Files.writeString(folder.resolve("hs_err_pid1.log"), "crashed");
            assertThatThrownBy(() ->
                            recorder().record(jvm.pid(), ALL, Duration.ofSeconds(1), () -> true))
                    .hasMessageContaining("hs_err_pid1.log");
        }
        Process sleep = new ProcessBuilder("sleep", "60").start();
        try {
            int pid = Math.toIntExact(sleep.pid());
            assertThatThrownBy(() -> recorder().record(pid, ALL, Duration.ofSeconds(1), () -> true))
                    .hasMessageContaining("it is no JVM");
        } finally {
            sleep.destroyForcibly().waitFor();
        }
    }
}
