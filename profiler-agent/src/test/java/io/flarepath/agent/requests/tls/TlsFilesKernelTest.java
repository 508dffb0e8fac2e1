package io.flarepath.agent.requests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flarepath.bpf.RequestBytes;
import io.flarepath.bpf.RequestPart;
import io.flarepath.symbolizer.binary.ByteSource;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Files are found as processes have them mapped, and left when nobody has. */
@Tag("kernel")
@EnabledIfSystemProperty(
        named = "user.name",
        matches = "root",
        disabledReason = "loading programs needs root")
class TlsFilesKernelTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final long SOON = TimeUnit.MILLISECONDS.toNanos(200);

    @TempDir Path folder;

    private static Path library() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("/usr/lib/x86_64-linux-gnu"))) {
            return files.filter(
                            file -> file.getFileName().toString().matches("libssl\\.so\\.[0-9.]+"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** A process that has its own copy mapped, whose name is gone already. */
    private Process user(Path copy) throws Exception {
        Path ready = folder.resolve("ready");
        Files.deleteIfExists(ready);
        ProcessBuilder python =
                new ProcessBuilder(
                        "/usr/bin/python3",
                        "-c",
                        "import ssl, os, time; os.remove('"
                                + copy
                                + "'); open('"
                                + ready
                                + "', 'w').close(); time.sleep(60)");
        python.environment().put("LD_LIBRARY_PATH", folder.toString());
        Process process = python.inheritIO().start();
        await().atMost(LONG)
                .until(() -> {
                    assertThat(process.isAlive()).isTrue();
                    return Files.exists(ready);
                });
        return process;
    }

    @Test
    void aFileIsWatchedWhileSomebodyHasItMappedWhateverBecameOfItsName() throws Exception {
        Path copy = folder.resolve(library().getFileName());
        try (RequestBytes source = RequestBytes.open(1 << 16, 0, EnumSet.allOf(RequestPart.class));
                TlsFiles files = TlsFiles.start(source, SOON, 10 * SOON)) {
            assertThat(source.missing()).isEmpty();
            // Others come and go on this machine; each of ours is one more.
            Files.copy(library(), copy);
            Process process = user(copy);
            try {
                await().atMost(LONG).until(() -> files.watches(copy.toString()));
            } finally {
                process.destroyForcibly().waitFor();
            }
            await().atMost(LONG).until(() -> !files.watches(copy.toString()));
            assertThat(files.refused()).isZero();
        }
    }

    @Test
    void whatOnlyCallsItselfOpenSslIsLeftAlone() throws Exception {
        Path fake = folder.resolve("libssl.so.99");
        Path source = folder.resolve("fake.c");
        Files.writeString(
                source, "int SSL_read;\nchar SSL_write[64];\nint SSL_peek(void) { return 0; }\n");
        Process compiler =
                new ProcessBuilder(
                                "gcc", "-shared", "-fPIC", "-o", fake.toString(), source.toString())
                        .inheritIO()
                        .start();
        assertThat(compiler.waitFor()).isZero();
        try (FileChannel channel = FileChannel.open(fake)) {
            assertThat(TlsSymbols.of(ByteSource.of(channel))).isEmpty();
        }
    }
}
