package io.flarepath.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One sample's whole way: kernel, agent, service, store, query. */
@Tag("e2e")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class WholeWayTest {
    private static final String SECONDS = "20";
    private static Flarepath flarepath;
    private static Process up;

    @BeforeAll
    static void startBoth() throws IOException {
        flarepath = new Flarepath();
        up = flarepath.start("up");
        flarepath.awaitReady(up);
        flarepath.awaitSampling();
    }

    @AfterAll
    static void stopBoth() throws IOException {
        flarepath.close();
    }

    @Test
    void aKnownSplitOfWorkIsDrawnAsSuch() throws Exception {
        Path program = flarepath.compile("split.c");
        CpuTime used = run("split-user", program.toString(), SECONDS, CpuTime.PERIOD);
        FlameGraph graph = awaitTotal("split-user", used);

        long all = graph.total("sixty") + graph.total("thirty") + graph.total("ten");
        assertThat(100.0 * graph.total("sixty") / all).isCloseTo(60, within(3.0));
        assertThat(100.0 * graph.total("thirty") / all).isCloseTo(30, within(3.0));
        assertThat(100.0 * graph.total("ten") / all).isCloseTo(10, within(3.0));
        assertThat(graph.below("main", "sixty")).isTrue();
        assertThat(graph.total())
                .as("%s", used)
                .isCloseTo(used.sampledNanos(), within(used.tolerance()))
                .isLessThan(used.countedNanos() + used.tolerance());
    }

    /** The program runs without a symbol; names come when its samples are long stored. */
    @Test
    void aDebugFileThatIsPushedNamesWhatTheAgentStored() throws Exception {
        Path program = flarepath.compile("split.c");
        Path stripped = program.resolveSibling("stripped");
        Path debugFile = program.resolveSibling("split.debug");
        command("objcopy", "--only-keep-debug", program.toString(), debugFile.toString());
        command("strip", "-s", "-o", stripped.toString(), program.toString());
        CpuTime used = run("late-names", stripped.toString(), SECONDS, CpuTime.PERIOD);
        FlameGraph before = awaitTotal("late-names", used);
        assertThat(before.total("sixty")).isZero();

        Process push = flarepath.start("push-symbols", debugFile.toString());
        assertThat(push.waitFor()).as(flarepath.output("push-symbols")).isZero();

        assertThat(flarepath.output("push-symbols"))
                .contains("build-id")
                .containsPattern("late-names: [1-9][0-9]* of [1-9][0-9]* frames .* have names now");
        FlameGraph graph = new FlameGraph(flarepath.flameGraph("{service_name=\"late-names\"}"));
        assertThat(graph.total()).isEqualTo(before.total());
        long all = graph.total("sixty") + graph.total("thirty") + graph.total("ten");
        assertThat(all).isGreaterThan(graph.total() / 2);
        assertThat(100.0 * graph.total("sixty") / all).isCloseTo(60, within(3.0));
        assertThat(graph.below("main", "sixty")).isTrue();
    }

    private static void command(String... words) throws Exception {
        assertThat(new ProcessBuilder(words).inheritIO().start().waitFor()).isZero();
    }

    @Test
    void kernelTimeIsDrawnUnderMainAndCountedAsTheKernelCounts() throws Exception {
        Path program = flarepath.compile("split.c");
        CpuTime used = run("split-kernel", program.toString(), SECONDS, CpuTime.PERIOD, "kernel");
        FlameGraph graph = awaitTotal("split-kernel", used);

        assertThat(graph.total())
                .as("%s", used)
                .isCloseTo(used.sampledNanos(), within(used.tolerance()))
                .isLessThan(used.countedNanos() + used.tolerance());
        assertThat(graph.ofKind("kernel")).isGreaterThan(graph.total() / 20);
        assertThat(graph.kernelBelow("main")).isTrue();
    }

    @Test
    void aProcessInAKubeletsCgroupIsFoundByPodAndADockersByContainerId() throws Exception {
        Path program = flarepath.compile("split.c");
        String podUid = UUID.randomUUID().toString();
        String containerId = "c0ffee".repeat(11).substring(0, 64);
        String dockerId = "d0c4e4".repeat(11).substring(0, 64);
        Process pod =
                inCgroup(
                        "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod"
                                + podUid.replace('-', '_')
                                + ".slice/cri-containerd-"
                                + containerId
                                + ".scope",
                        "HOSTNAME=checkout-7d9f8b6c5d-x2k4z",
                        program.toString());
        Process container = inCgroup("docker/" + dockerId, "A=b", program.toString());
        try {
            Waiting.until(
                    "samples of both",
                    Duration.ofSeconds(60),
                    () ->
                            flarepath.total("{pod=\"checkout-7d9f8b6c5d-x2k4z\"}") > 0
                                    && flarepath.total("{container_id=\"" + dockerId + "\"}") > 0);
            assertThat(flarepath.total("{pod_uid=\"" + podUid + "\",service_name=\"checkout\"}"))
                    .isPositive();
            assertThat(flarepath.total("{k8s.pod.name=~\"checkout-.*\"}")).isPositive();
        } finally {
            pod.destroyForcibly().waitFor();
            container.destroyForcibly().waitFor();
            removeCgroups();
        }
    }

    @Test
    void aProcessThatAsksNotToBeProfiledIsNot() throws Exception {
        Path program = flarepath.compile("split.c");
        Process hidden =
                flarepath.run(
                        Map.of("OTEL_SERVICE_NAME", "split-hidden", "FLAREPATH_PROFILE", "off"),
                        program.toString(),
                        "12",
                        CpuTime.PERIOD);
        Process seen = flarepath.run("split-seen", program.toString(), "12", CpuTime.PERIOD);
        assertThat(hidden.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(hidden.exitValue()).isZero();
        assertThat(seen.waitFor(30, TimeUnit.SECONDS)).isTrue();
        Waiting.until(
                "the other one's whole time",
                Duration.ofSeconds(40),
                () -> flarepath.total("{service_name=\"split-seen\"}") > 3_000_000_000L);
        assertThat(flarepath.total("{service_name=\"split-hidden\"}")).isZero();
    }

    @Test
    void renderAnswersInFlamebearerForm() {
        Waiting.until(
                "anything at all",
                Duration.ofSeconds(60),
                () -> flarepath.total("{profiler=\"flarepath\"}") > 0);
        JsonNode services =
                flarepath.get("/api/v1/services?from=now-5m&until=now").path("services");
        String service = services.path(0).path("service").asText();
        JsonNode render =
                flarepath.get(
                        "/pyroscope/render?from=now-5m&until=now&query="
                                + Flarepath.encode(
                                        "process_cpu:cpu:nanoseconds:cpu:nanoseconds{service_name=\""
                                                + service
                                                + "\"}"));
        assertThat(render.path("flamebearer").path("names").path(0).asText()).isEqualTo("total");
        assertThat(render.path("flamebearer").path("numTicks").asLong()).isPositive();
        assertThat(render.path("metadata").path("format").asText()).isEqualTo("single");
    }

    @Test
    void theAgentsStateIsKnown() {
        JsonNode agent =
                Waiting.forValue(
                        "an agent that samples",
                        Duration.ofSeconds(30),
                        () -> {
                            JsonNode first = flarepath.get("/api/v1/agents").path("agents").path(0);
                            return first.path("state").asText().equals("sampling") ? first : null;
                        });
        assertThat(agent.path("online").asBoolean()).isTrue();
        assertThat(Math.abs(agent.path("clockSkewMillis").asLong())).isLessThan(10_000);
    }

    private static CpuTime run(String service, String... command) throws Exception {
        Process process = flarepath.run(service, command);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return CpuTime.parse(output);
    }

    /** Waits until the program's last window has arrived. */
    private static FlameGraph awaitTotal(String service, CpuTime used) {
        String selector = "{service_name=\"" + service + "\"}";
        Waiting.until(
                service + " is stored",
                Duration.ofSeconds(40),
                () -> flarepath.total(selector) > 0.9 * used.sampledNanos());
        Waiting.pass(Duration.ofSeconds(11));
        return new FlameGraph(flarepath.flameGraph(selector));
    }

    private static Path cgroups() {
        Path unified = Path.of("/sys/fs/cgroup/unified");
        return (Files.isDirectory(unified) ? unified : Path.of("/sys/fs/cgroup"))
                .resolve("flarepath-it-" + ProcessHandle.current().pid());
    }

    private static void removeCgroups() throws IOException {
        try (Stream<Path> groups = Files.walk(cgroups())) {
            for (Path group :
                    groups.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(group);
            }
        }
    }

    /** Starts a program as the first process of a cgroup, in the unified hierarchy. */
    private static Process inCgroup(String path, String environment, String program)
            throws IOException {
        Path group = cgroups().resolve(path);
        Files.createDirectories(group);
        ProcessBuilder builder =
                new ProcessBuilder(
                        List.of(
                                "sh",
                                "-c",
                                "echo $$ > "
                                        + group
                                        + "/cgroup.procs && exec env -u HOSTNAME "
                                        + environment
                                        + " "
                                        + program
                                        + " 90 "
                                        + CpuTime.PERIOD));
        builder.environment().keySet().removeIf(name -> name.startsWith("OTEL_"));
        return builder.redirectErrorStream(true).start();
    }
}
