package io.flarepath.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The launcher as a user meets it. */
@Tag("e2e")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class LauncherTest {

    @Test
    void upSaysItsUrlAndTheAgentsStateAndEndsBothOnInterrupt() throws Exception {
        try (Flarepath flarepath = new Flarepath()) {
            Process up = flarepath.start("up");
            flarepath.awaitReady(up);
            Waiting.until(
                    "the agent's state is said",
                    Duration.ofSeconds(30),
                    () -> flarepath.output("up").contains("agent: sampling"));
            assertThat(flarepath.output("up")).contains("ready: the page is at http://localhost:");
            var jvms = up.descendants().filter(Flarepath::isJvm).toList();
            // The server, the agent, and mostly the agent's builder of symbol files.
            assertThat(jvms).hasSizeBetween(2, 3);
            Flarepath.signalGroup(up, "INT");
            assertThat(up.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(up.exitValue()).isZero();
            assertThat(jvms).noneMatch(ProcessHandle::isAlive);
        }
    }

    @Test
    void theServerRunsAsAnOrdinaryUserWithNoCapability() throws Exception {
        try (Flarepath flarepath = new Flarepath()) {
            Process server = flarepath.startServer();
            String status =
                    Files.readString(Path.of("/proc/" + Flarepath.jvm(server).pid() + "/status"));
            assertThat(status).containsPattern("CapEff:\\s+0000000000000000");
            assertThat(status).doesNotContainPattern("Uid:\\s+0\\s");
        }
    }

    @Test
    void whatIsBackedUpIsThereAgainWhenItIsRestored() throws Exception {
        try (Flarepath flarepath = new Flarepath()) {
            Process server = flarepath.startServer();
            Path folded = flarepath.directory().resolve("some.folded");
            Files.writeString(folded, "main;work 21\nmain;rest 21\n");
            assertThat(flarepath.start("push", folded.toString(), "kept").waitFor()).isZero();
            long total = flarepath.total("{service_name=\"kept\"}");
            assertThat(total).isPositive();
            String backup = flarepath.directory().resolve("backup").toString();
            assertThat(flarepath.start("backup", backup).waitFor())
                    .as(flarepath.output("backup"))
                    .isZero();
            assertThat(flarepath.output("backup")).contains("saved in " + backup);
            assertThat(flarepath.start("restore", backup).waitFor())
                    .as("there is a store already")
                    .isEqualTo(1);
            Flarepath.jvm(server).destroy();
            server.waitFor();
            Path data = flarepath.directory().resolve("data");
            Files.move(data.resolve("store"), data.resolve("store.lost"));
            assertThat(flarepath.start("restore", backup).waitFor())
                    .as(flarepath.output("restore"))
                    .isZero();
            flarepath.startServer();
            assertThat(flarepath.total("{service_name=\"kept\"}")).isEqualTo(total);
        }
    }

    @Test
    void anUnknownSettingIsAnErrorThatNamesTheNearestKnownOne() throws Exception {
        try (Flarepath flarepath = new Flarepath()) {
            flarepath.with("FLAREPATH_LISTN", "127.0.0.1:1");
            Process server = flarepath.start("server");
            assertThat(server.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(server.exitValue()).isNotZero();
            assertThat(flarepath.output("server"))
                    .contains("FLAREPATH_LISTN")
                    .contains("FLAREPATH_LISTEN");
        }
    }

    @Test
    void doctorPrintsWhatThisKernelCan() throws Exception {
        try (Flarepath flarepath = new Flarepath()) {
            Process doctor = flarepath.start("doctor");
            assertThat(doctor.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(flarepath.output("doctor"))
                    .contains("BTF")
                    .contains("perf_event")
                    .contains("tp_btf")
                    .contains("x86-64");
            assertThat(doctor.exitValue()).isZero();
        }
    }
}
