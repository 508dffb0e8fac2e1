package io.flarepath.agent.recordings;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.contact.RecordingOrder;
import io.flarepath.agent.contact.RecordingReport;
import io.flarepath.agent.export.TypedProfile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Orders as they come from the server. The group slow needs root. */
@Timeout(120)
final class RecordingQueueTest {
    @TempDir Path folder;

    private final List<TypedProfile> profiles = new CopyOnWriteArrayList<>();

    private RecordingQueue queue() {
        RecordingQueue queue =
                new RecordingQueue(
                        new JvmRecordings(
                                new JvmRecorder(folder.resolve("recorder"), 0),
                                pid -> new TreeMap<>(Map.of("service.name", "counted"))));
        queue.start(profiles::addAll, () -> {});
        return queue;
    }

    private static RecordingReport outcome(RecordingQueue queue, String name) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(40))
                .until(
                        () ->
                                queue.reports().stream()
                                        .filter(report -> report.name().equals(name))
                                        .findFirst()
                                        .orElse(new RecordingReport(name, "", "")),
                        report -> report.state().equals("done") || report.state().equals("failed"));
    }

    @Test
    void whatCannotBeRecordedIsReportedOnceAndForgottenWhenHeard() {
        try (RecordingQueue queue = queue()) {
            RecordingOrder none = new RecordingOrder("a", 1, 5, List.of());
            RecordingOrder unknown = new RecordingOrder("b", 1, 5, List.of("gpu"));
            RecordingOrder endless = new RecordingOrder("c", 1, 601, List.of("cpu"));
            RecordingOrder gone = new RecordingOrder("d", Integer.MAX_VALUE, 5, List.of("cpu"));
            assertThat(queue.record(List.of(none, unknown, endless, gone))).isEmpty();
            assertThat(outcome(queue, "a").message()).contains("does not say what to record");
            assertThat(outcome(queue, "b").message()).contains("not \"gpu\"");
            assertThat(outcome(queue, "c").message()).contains("1 to 600 s");
            assertThat(outcome(queue, "d").message()).contains("is gone");
            queue.record(List.of(gone));
            assertThat(queue.reports()).extracting(RecordingReport::name).containsExactly("d");
            assertThat(profiles).isEmpty();
        }
    }

    @Test
    @Tag("slow")
    void anOrderBecomesProfiles() throws Exception {
        try (CountedJvm jvm = new CountedJvm(folder, Path.of(System.getProperty("java.home")));
                RecordingQueue queue = queue()) {
            RecordingOrder order =
                    new RecordingOrder("r", jvm.pid(), 2, List.of("locks", "allocations"));
            assertThat(queue.record(List.of(order))).isEmpty();
            assertThat(outcome(queue, "r")).isEqualTo(new RecordingReport("r", "done", ""));
            assertThat(profiles)
                    .extracting(TypedProfile::sampleType)
                    .contains("delay", "contentions", "alloc_in_new_tlab_bytes")
                    .doesNotContain("wall", "cpu");
            try (Stream<Path> left = Files.list(folder.resolve("recorder"))) {
                assertThat(left.filter(file -> file.toString().endsWith(".jfr"))).isEmpty();
            }
        }
    }

    /** An agent that stops leaves the target as it was. */
    @Test
    @Tag("slow")
    void closingBreaksARecordingOff() throws Exception {
        try (CountedJvm jvm = new CountedJvm(folder, Path.of(System.getProperty("java.home")))) {
            RecordingQueue queue = queue();
            queue.record(List.of(new RecordingOrder("r", jvm.pid(), 60, List.of("locks"))));
            Path maps = Path.of("/proc/" + jvm.pid() + "/maps");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> Files.readString(maps).contains("libasyncProfiler"));
            queue.close();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> {
                        try (Stream<Path> files = Files.list(Path.of("/tmp"))) {
                            assertThat(files.map(Path::getFileName).map(Path::toString))
                                    .noneMatch(name -> name.startsWith(".flarepath-"));
                        }
                    });
            assertThat(jvm.counted()).hasSize(3);
            assertThat(profiles).isEmpty();
        }
    }
}
