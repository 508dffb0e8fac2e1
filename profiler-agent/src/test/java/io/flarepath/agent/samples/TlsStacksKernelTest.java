package io.flarepath.agent.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flarepath.agent.requests.capture.LocalServers;
import io.flarepath.agent.requests.tls.TlsFiles;
import io.flarepath.bpf.RequestBytes;
import io.flarepath.bpf.RequestPart;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.EnumSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Stacks of programs that use OpenSSL while the agent has its probes at its functions. */
@Tag("kernel")
@EnabledIfSystemProperty(
        named = "user.name",
        matches = "root",
        disabledReason = "sampling needs root")
class TlsStacksKernelTest {
    private static final int FREQUENCY = 299;
    private static final int REQUESTS = 20_000;
    private static final int RING_BYTES = 1 << 20;
    private static final int MIN_SAMPLES = 300;

    @TempDir Path folder;

    @Test
    void stacksOfNginxAreWholeWhileItsTlsIsReadInto() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        Files.writeString(folder.resolve("page.txt"), "Who asks?\n".repeat(60));
        int port = LocalServers.freePort();
        LocalServers servers = new LocalServers(folder);
        StackRoots roots = new StackRoots();
        roots.lookIn(Path.of("/usr/sbin"));
        roots.lookIn(Path.of("/usr/bin"));
        StackTally server = new StackTally(roots);
        StackTally client = new StackTally(roots);
        try {
            start(servers, port);
            try (RequestBytes source =
                            RequestBytes.open(RING_BYTES, 0, EnumSet.allOf(RequestPart.class));
                    TlsFiles files = TlsFiles.start(source);
                    LiveAgent agent = new LiveAgent(FREQUENCY)) {
                await().atMost(Duration.ofSeconds(30)).until(() -> files.watched() > 0);
                String page = "https://127.0.0.1:" + port + "/page.txt";
                // Tables of what both are made of, which a busy machine takes its time for.
                servers.ab(page, REQUESTS / 20);
                int settled = agent.settle();
                servers.ab(page, REQUESTS, "-k");
                servers.ab(page, REQUESTS / 20);
                agent.stop();
                agent.windows().stream()
                        .skip(settled)
                        .flatMap(w -> w.stacks().stream())
                        .forEach(stack -> {
                            switch (stack.threadName()) {
                                case "nginx" -> server.add(stack);
                                case "ab" -> client.add(stack);
                                default -> {}
                            }
                        });
            }
        } finally {
            servers.stop();
        }
        check("nginx", server);
        check("ab", client);
    }

    private void start(LocalServers servers, int port) throws Exception {
        servers.certificate();
        servers.nginx(
                port,
                """
                server {
                    listen 127.0.0.1:%2$d ssl;
                    ssl_certificate %1$s/cert.pem; ssl_certificate_key %1$s/key.pem;
                }
                """
                        .formatted(folder, port));
    }

    private static void check(String name, StackTally tally) {
        System.out.printf("%-24s %s%n", name, tally.summary());
        assertThat(tally.samples()).as(tally.details()).isGreaterThanOrEqualTo(MIN_SAMPLES);
        assertThat(tally.completePercent()).as(tally.details()).isGreaterThanOrEqualTo(99);
    }
}
