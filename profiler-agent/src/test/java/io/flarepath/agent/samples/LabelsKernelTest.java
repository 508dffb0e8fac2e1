package io.flarepath.agent.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flarepath.agent.window.WindowProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("kernel")
class LabelsKernelTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir Path folder;
    private Path program = Path.of("");
    private final List<Process> started = new ArrayList<>();
    private final List<Path> cgroups = new ArrayList<>();

    @BeforeEach
    void compile() throws Exception {
        program = Programs.compile("split", folder);
    }

    @AfterEach
    void cleanUp() throws Exception {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
        Collections.reverse(cgroups);
        for (Path cgroup : cgroups) {
            await().atMost(LONG).until(() -> cgroup.toFile().delete());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"unified", "memory", "systemd"})
    void labelsAPodByTheCgroupThatItIsMovedTo(String hierarchy) throws Exception {
        String uid = UUID.randomUUID().toString();
        String id = (uid + uid).replace("-", "");
        try (LiveAgent agent = new LiveAgent(97)) {
            Process process = start(Map.of("HOSTNAME", "shop-6d4b75cb6d-hwfg7"));
            Path cgroup = cgroup(hierarchy, "kubepods/burstable/pod" + uid + "/" + id);
            Files.writeString(cgroup.resolve("cgroup.procs"), Long.toString(process.pid()));
            // Between fork and exec it is still a Java process, in the pod already.
            await().atMost(LONG).until(() -> program(agent, id).isPresent());

            assertThat(program(agent, id).orElseThrow().resource())
                    .containsEntry("k8s.pod.uid", uid)
                    .containsEntry("k8s.pod.name", "shop-6d4b75cb6d-hwfg7")
                    .containsEntry("service.name", "shop")
                    .containsEntry("host.name", "test-node")
                    .containsEntry("runtime", "native");
        }
    }

    private static Optional<WindowProfile> program(LiveAgent agent, String container) {
        return agent.of("container.id", container).stream()
                .filter(w -> "split".equals(w.resource().get("comm")))
                .findFirst();
    }

    @Test
    void labelsADockerContainer() throws Exception {
        String id = UUID.randomUUID().toString().replace("-", "").repeat(2);
        Path cgroup = cgroup("unified", "docker/" + id);
        try (LiveAgent agent = new LiveAgent(97)) {
            Process process = start(Map.of("OTEL_SERVICE_NAME", "in-docker"));
            Files.writeString(cgroup.resolve("cgroup.procs"), Long.toString(process.pid()));
            await().atMost(LONG).until(() -> program(agent, id).isPresent());

            assertThat(program(agent, id).orElseThrow().resource())
                    .containsEntry("service.name", "in-docker")
                    .doesNotContainKey("k8s.pod.name");
        }
    }

    /** Samples since the exec: until then the process is its parent's program, with its wishes. */
    private static long samplesOfProgram(LiveAgent agent, Process process) {
        return agent.of("comm", "split").stream()
                .flatMap(w -> w.stacks().stream())
                .filter(s -> s.pid() == process.pid())
                .mapToLong(s -> s.timesUnixNanos().length)
                .sum();
    }

    @Test
    void leavesOutWhoWantsToBeLeftOut() throws Exception {
        Process before = start(Map.of("FLAREPATH_PROFILE", "off"));
        try (LiveAgent agent = new LiveAgent(97, "exclude.services=secret-*")) {
            Process off = start(Map.of("FLAREPATH_PROFILE", "off"));
            Process excluded = start(Map.of("OTEL_SERVICE_NAME", "secret-1"));
            Process seen = start(Map.of("OTEL_SERVICE_NAME", "seen"));
            await().atMost(LONG).until(() -> agent.count(seen.pid(), s -> true) > 50);
            agent.stop();

            assertThat(samplesOfProgram(agent, before)).isZero();
            assertThat(samplesOfProgram(agent, off)).isZero();
            assertThat(samplesOfProgram(agent, excluded)).isZero();
            assertThat(samplesOfProgram(agent, seen)).isPositive();
            assertThat(agent.counters.excluded.value()).isPositive();
            assertThat(agent.counters.drained())
                    .isEqualTo(agent.counters.folded() + agent.counters.excluded.value());
        }
    }

    @Test
    void seesAProcessThatLivesForATenthOfASecondWithItsStacksAndLabels() throws Exception {
        try (LiveAgent agent = new LiveAgent(997)) {
            List<Long> pids = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                Process process = start(Map.of("OTEL_SERVICE_NAME", "short-lived"));
                pids.add(process.pid());
                assertThat(process.waitFor(100, TimeUnit.MILLISECONDS)).isFalse();
                process.destroyForcibly().waitFor();
            }
            await().atMost(LONG).until(() -> !agent.of("service.name", "short-lived").isEmpty());
            agent.stop();

            long named =
                    pids.stream()
                            .mapToLong(pid ->
                                    agent.count(
                                            pid,
                                            s ->
                                                    s.frames().stream()
                                                            .anyMatch(f ->
                                                                    f.function().equals("main")
                                                                            && f.mapping()
                                                                                    .equals(
                                                                                            "split"))))
                            .sum();
            long labelled =
                    agent.of("service.name", "short-lived").stream()
                            .mapToLong(WindowProfile::samples)
                            .sum();
            assertThat(named).isPositive();
            assertThat(labelled).isGreaterThanOrEqualTo(named);
        }
    }

    @Test
    void namesTheFramesOfADeletedProgram() throws Exception {
        try (LiveAgent agent = new LiveAgent(97)) {
            Process process = start(Map.of());
            Files.delete(program);
            await().atMost(LONG)
                    .until(() ->
                            agent.count(
                                            process.pid(),
                                            s -> s.frames().getFirst().function().equals("sixty"))
                                    > 0);
            assertThat(agent.of("service.name", "split")).isNotEmpty();
        }
    }

    private Process start(Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(program.toString());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        started.add(process);
        return process;
    }

    /** Makes a cgroup; what was made is removed after the test. */
    private Path cgroup(String hierarchy, String path) throws IOException {
        Path here = Path.of("/sys/fs/cgroup", hierarchy);
        if (!Files.isDirectory(here)) {
            here = Path.of("/sys/fs/cgroup");
        }
        for (String part : path.split("/", -1)) {
            here = here.resolve(part);
            if (!Files.isDirectory(here)) {
                Files.createDirectory(here);
                cgroups.add(here);
            }
        }
        return here;
    }
}
