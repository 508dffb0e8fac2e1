package io.flarepath.agent.processes;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.processes.labels.EnvironmentLabels;
import io.flarepath.agent.processes.labels.ResourceAttributes;
import io.flarepath.config.Configuration;
import io.flarepath.config.ConfigurationException;
import io.flarepath.symbolizer.binary.ExecutableCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Follows processes whose /proc the test writes. */
class ProcessesTest {
    private static final long SECOND = 1_000_000_000L;
    private static final MappedFile LIBC = MappedFile.of("/lib/libc.so.6", 1, 7);

    @TempDir Path proc;
    private MapsSource mappedNow = (pid, into) -> false;
    private Processes processes = processes();

    @BeforeEach
    void begin() {
        processes = processes();
    }

    private Processes processes() {
        Path root = proc == null ? Path.of("/nonexistent") : proc;
        ProcFiles files = new ProcFiles(root.toString());
        ProcessTable table = new ProcessTable();
        Executables executables = new Executables(root.toString(), new ExecutableCache(8, 1 << 20));
        ResourceNaming naming =
                new ResourceNaming(
                        files,
                        new Containers(files, table, new RuntimeRecords(root)),
                        new ResourceAttributes("node", "machine"),
                        new ProcessSelection(configuration(), UserNames.read(root)),
                        executables);
        SampledPids all =
                new SampledPids() {
                    @Override
                    public void exclude(int pid) {}

                    @Override
                    public void include(int pid) {}
                };
        return new Processes(
                files, (pid, into) -> mappedNow.addTo(pid, into), table, naming, executables, all);
    }

    private static Configuration configuration() {
        try {
            return Configuration.load(null, Map.of(), List.of());
        } catch (ConfigurationException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aPidThatIsUsedAgainIsAnotherProcess() throws Exception {
        write(7, "first", "OTEL_SERVICE_NAME=first");
        write(9, "sh", "");
        assertThat(service(7, SECOND)).isEqualTo("first");

        processes.onExit(7, 2 * SECOND);
        write(7, "second", "OTEL_SERVICE_NAME=second");
        processes.onFork(7, 9, "sh", 2 * SECOND + 1);
        assertThat(service(7, 2 * SECOND + 2)).isEqualTo("sh");
        processes.onExec(7, "/bin/second", "second", null, 2 * SECOND + 3);

        assertThat(service(7, 2 * SECOND + 4)).isEqualTo("second");
    }

    @Test
    void aProcessIsStillItselfWhenItsPidIsGivenAwayBeforeItIsDone() throws Exception {
        write(9, "sh", "");
        processes.onFork(7, 9, "sh", SECOND);
        processes.onExec(7, "/bin/first", "first", null, SECOND);
        processes.onMapping(7, 0x1000, 0x2000, 0, MappedFile.of("/bin/first", 1, 5), SECOND);
        TrackedProcess first = processes.find(7, 70, "first", SECOND + 1);

        processes.onExit(7, 2 * SECOND);
        write(7, "second", "");
        processes.onFork(7, 9, "sh", 2 * SECOND + 1);
        assertThat(processes.find(7, 70, "first", 2 * SECOND + 2)).isSameAs(first);
        processes.onExec(7, "/bin/second", "second", null, 2 * SECOND + 3);
        TrackedProcess second = processes.find(7, 71, "second", 2 * SECOND + 4);
        assertThat(second.executable()).isEqualTo("/bin/second");
        assertThat(processes.find(7, 70, "first", 2 * SECOND + 5)).isSameAs(first);
        assertThat(processes.find(7, 71, "second", 2 * SECOND + 6)).isSameAs(second);

        processes.beginWindow(4 * SECOND);
        TrackedProcess stranger = processes.find(7, 70, "third", 4 * SECOND + 1);
        assertThat(stranger).isNotSameAs(first).isNotSameAs(second);
    }

    @Test
    void aPidThatIsUsedAgainIsNoticedWithoutItsFork() throws Exception {
        write(7, "first", "OTEL_SERVICE_NAME=first");
        assertThat(service(7, SECOND)).isEqualTo("first");

        processes.onExit(7, 2 * SECOND);
        // It is on its way out, in the kernel.
        assertThat(service(7, 2 * SECOND + 1000)).isEqualTo("first");

        write(7, "second", "OTEL_SERVICE_NAME=second");
        assertThat(service(7, 4 * SECOND)).isEqualTo("second");
    }

    @Test
    void anImageIsNamedByWhatItMapsAndNotByTheNextOne() throws Exception {
        write(7, "env", "A=b");
        Files.createSymbolicLink(folder(7).resolve("exe"), Path.of("/opt/jdk/bin/java"));
        processes.onFork(7, 1, "sh", SECOND);
        processes.onExec(7, "/usr/bin/env", "env", null, SECOND);
        processes.onMapping(7, 0x1000, 0x2000, 0, MappedFile.of("/usr/bin/env", 1, 5), SECOND);
        processes.onMapping(7, 0x8000, 0x9000, 0, LIBC, SECOND);
        assertThat(service(7, SECOND + 1)).isEqualTo("env");

        Files.writeString(folder(7).resolve("cmdline"), "");
        processes.onExec(7, "/opt/jdk/bin/java", "java", null, SECOND + 2);
        processes.onMapping(
                7, 0x1000, 0x2000, 0, MappedFile.of("/opt/jdk/bin/java", 1, 6), SECOND + 3);
        Files.writeString(folder(7).resolve("cmdline"), "java\0-cp\0x\0shop.Main\0");

        assertThat(service(7, SECOND + 4)).isEqualTo("shop.Main");
        assertThat(processes.peek(7)).isNotNull();
    }

    @Test
    void whatWasMappedWhileTheKernelCouldNotTellIsSeenAtTheNextSample() throws Exception {
        MappedFile plugin = MappedFile.of("/lib/plugin.so", 1, 8);
        MappedFile next = MappedFile.of("/lib/next.so", 1, 9);
        write(7, "host", "");
        processes.onFork(7, 1, "sh", SECOND);
        processes.onExec(7, "/bin/host", "host", null, SECOND);
        processes.onMapping(7, 0x1000, 0x2000, 0, LIBC, SECOND);
        processes.onMapping(7, 0x8000, 0x9000, 0, plugin, SECOND);
        mappedNow =
                (pid, into) ->
                        into.add(0x1000, 0x2000, 0, LIBC) && into.add(0x8000, 0x9000, 0, next);
        Mappings mappings = processes.find(7, 70, "host", SECOND + 1).mappings();
        assertThat(mappings.file(mappings.find(0x8800))).isEqualTo(plugin);

        processes.mappingEventsLost();
        processes.find(7, 70, "host", SECOND + 2);

        assertThat(mappings.file(mappings.find(0x8800))).isEqualTo(next);
        assertThat(mappings.file(mappings.find(0x1800))).isEqualTo(LIBC);
        assertThat(mappings.replaced().hold(0x8800)).isTrue();
        assertThat(mappings.replaced().hold(0x1800)).isFalse();
    }

    @Test
    void aScriptIsNamedByItsInterpreter() throws Exception {
        write(7, "tool", "");
        processes.onFork(7, 1, "sh", SECOND);
        processes.onExec(7, "/usr/bin/tool", "tool", null, SECOND);
        processes.onMapping(7, 0x1000, 0x2000, 0, MappedFile.of("/usr/bin/dash", 1, 5), SECOND);

        assertThat(service(7, SECOND + 1)).isEqualTo("dash");
    }

    @Test
    void aJvmWhoseCommandLineIsNotThereYetIsNamedInTheNextWindow() throws Exception {
        write(7, "java", "");
        processes.onFork(7, 1, "sh", SECOND);
        processes.onExec(7, "/opt/jdk/bin/java", "java", null, SECOND);
        processes.onMapping(7, 0x1000, 0x2000, 0, MappedFile.of("/opt/jdk/bin/java", 1, 6), SECOND);
        assertThat(service(7, SECOND + 1)).isEqualTo("java");

        Files.writeString(folder(7).resolve("cmdline"), "java\0-jar\0/srv/shop.jar\0");
        processes.beginWindow(2 * SECOND);

        assertThat(service(7, 2 * SECOND + 1)).isEqualTo("shop");
    }

    @Test
    void aContainerIsNamedAnewByTheProgramThatItsRuntimeStarts() throws Exception {
        String pod = "/kubepods/pod9ca35c16-74a4-467b-b71d-ff898d96a50b/" + "a1".repeat(32);
        write(5, "runc", "HOSTNAME=elsewhere-1");
        write(7, "runc", "");
        Files.writeString(folder(7).resolve("cgroup"), "0::" + pod + "\n");
        processes.onFork(7, 5, "runc", SECOND);
        assertThat(service(7, SECOND + 1)).isEqualTo("elsewhere");

        write(7, "shop", "HOSTNAME=shop-0");
        Files.writeString(folder(7).resolve("cgroup"), "0::" + pod + "\n");
        processes.onExec(7, "/bin/shop", "shop", null, SECOND + 2);

        assertThat(service(7, SECOND + 3)).isEqualTo("shop");
    }

    @Test
    void aProcessThatIsGoneIsNamedByTheEnvironmentThatTheKernelTold() throws Exception {
        write(5, "sh", "OTEL_SERVICE_NAME=shell");
        processes.onFork(7, 5, "sh", SECOND);
        EnvironmentLabels told = new EnvironmentLabels("job", Map.of(), "", false);
        processes.onExec(7, "/bin/job", "job", told, SECOND + 1);
        assertThat(service(7, SECOND + 2)).isEqualTo("job");

        processes.onExec(7, "/bin/next", "next", EnvironmentLabels.NONE, SECOND + 3);
        assertThat(service(7, SECOND + 4)).isEqualTo("next");
    }

    @Test
    void ofAFileThatIsManyProgramsTheOneIsNamedThatWasCalled() throws Exception {
        write(7, "redis-server", "");
        Files.createSymbolicLink(folder(7).resolve("exe"), Path.of("/usr/bin/redis-check-rdb"));
        Files.writeString(folder(7).resolve("cmdline"), "/usr/bin/redis-server *:6379\0");
        assertThat(service(7, SECOND)).isEqualTo("redis-server");

        // What only the program itself says of it does not count.
        write(8, "worker", "");
        Files.createSymbolicLink(folder(8).resolve("exe"), Path.of("/usr/bin/shop"));
        Files.writeString(folder(8).resolve("cmdline"), "payment\0");
        assertThat(service(8, SECOND)).isEqualTo("shop");
    }

    @Test
    void whoAskedAndIsGoneIsKnownByWhatTheKernelTold() throws Exception {
        write(5, "sh", "OTEL_SERVICE_NAME=shell");
        processes.onFork(7, 5, "sh", SECOND);
        EnvironmentLabels told = new EnvironmentLabels("job", Map.of(), "", false);
        processes.onExec(7, "/bin/job", "job", told, SECOND + 1);
        processes.onExit(7, SECOND + 2);
        ProcessOwner owner = processes.owner(7, 10 * SECOND);
        assertThat(owner.seen()).isTrue();
        assertThat(owner.resource()).containsEntry("service.name", "job");

        ProcessOwner nobody = processes.owner(77, SECOND);
        assertThat(nobody.seen()).isFalse();
        write(78, "late", "");
        assertThat(processes.owner(78, SECOND).seen()).isTrue();
    }

    @Test
    void whoAsksIsAnsweredWhenAllIsHeardThatHappenedBefore() {
        long[] now = {SECOND};
        ProcessQuestions questions = new ProcessQuestions(() -> now[0]);
        questions.answer(processes);
        CompletableFuture<ProcessOwner> answer = questions.ask(7);
        now[0] += 100_000_000;
        questions.answer(processes);
        // The records of this drain may tell of it.
        assertThat(answer).isNotDone();
        processes.onFork(7, 5, "sh", SECOND);
        processes.onExec(7, "/bin/job", "job", EnvironmentLabels.NONE, SECOND + 1);
        processes.onExit(7, SECOND + 2);
        now[0] += 100_000_000;
        questions.answer(processes);
        assertThat(answer)
                .isCompletedWithValueMatching(
                        owner -> requireNonNull(owner.resource()).containsValue("job"));
    }

    @Test
    void questionsAreBounded() {
        ProcessQuestions questions = new ProcessQuestions(() -> SECOND);
        for (int i = 0; i < 4096; i++) {
            assertThat(questions.ask(i)).isNotDone();
        }
        assertThat(questions.ask(1)).isCancelled();
        assertThat(questions.refused()).isEqualTo(1);
    }

    private String service(int pid, long time) {
        Resource resource = processes.resource(processes.find(pid, "comm", time));
        return resource == null ? "" : resource.attributes().getOrDefault("service.name", "");
    }

    private Path folder(int pid) {
        return proc.resolve(Integer.toString(pid));
    }

    private void write(int pid, String comm, String environment) throws IOException {
        Path folder = Files.createDirectories(folder(pid));
        Files.writeString(folder.resolve("comm"), comm + "\n");
        String rest = " S 1 1 1 0 -1 4194304 1 1 1 1 1 1 1 1 20 0 1 0 5000 1 1 1";
        Files.writeString(folder.resolve("stat"), pid + " (" + comm + ")" + rest);
        Files.writeString(
                folder.resolve("environ"), environment.isEmpty() ? "X=1\0" : environment + "\0");
        Files.writeString(folder.resolve("cgroup"), "0::/\n");
    }
}
