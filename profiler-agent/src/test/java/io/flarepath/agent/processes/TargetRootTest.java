package io.flarepath.agent.processes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TargetRootTest {
    @TempDir Path folder;
    private Path root = Path.of("");

    @BeforeEach
    void makeRoot() throws Exception {
        root = Files.createDirectories(folder.resolve("root"));
        Files.createDirectories(root.resolve("run/secrets"));
        Files.writeString(root.resolve("run/secrets/name"), "prod\n");
        Files.writeString(folder.resolve("outside"), "secret");
    }

    @Test
    void followsLinksWithinTheRoot() throws Exception {
        Files.createDirectories(root.resolve("var"));
        Files.createSymbolicLink(root.resolve("var/run"), Path.of("/run"));
        Files.createSymbolicLink(root.resolve("name"), Path.of("var/run/../run/secrets/name"));

        assertThat(TargetRoot.read(root, "/var/run/secrets/name", 100)).isEqualTo("prod\n");
        assertThat(TargetRoot.read(root, "/name", 100)).isEqualTo("prod\n");
        assertThat(TargetRoot.read(root, "/name", 2)).isEqualTo("pr");
    }

    @Test
    void doesNotLeaveTheRoot() throws Exception {
        Files.createSymbolicLink(root.resolve("up"), Path.of("../../../../outside"));
        Files.createSymbolicLink(root.resolve("away"), folder.resolve("outside"));
        Files.createSymbolicLink(root.resolve("loop"), Path.of("loop"));

        assertThat(TargetRoot.read(root, "/up", 100)).isEmpty();
        assertThat(TargetRoot.read(root, "/away", 100)).isEmpty();
        assertThat(TargetRoot.read(root, "/../outside", 100)).isEmpty();
        assertThat(TargetRoot.read(root, "/loop", 100)).isEmpty();
        assertThat(TargetRoot.read(root, "/run", 100)).isEmpty();
        assertThat(TargetRoot.read(root, "/none", 100)).isEmpty();
    }

    @Test
    void doesNotWaitForAPipe() throws Exception {
        Process made = new ProcessBuilder("mkfifo", root.resolve("pipe").toString()).start();
        assertThat(made.waitFor()).isZero();

        assertThat(TargetRoot.read(root, "/pipe", 100)).isEmpty();
    }
}
