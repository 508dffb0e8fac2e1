package io.flarepath.symbolizer.binary.debugfile;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.flarepath.symbolizer.Programs;
import io.flarepath.symbolizer.binary.Executable;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server of one debug file. */
final class DebuginfodTest {
    @TempDir Path directory;
    private HttpServer server;
    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private byte[] content = new byte[0];
    private String buildId = "";

    @BeforeEach
    void start() throws Exception {
        Path program = Programs.c(directory, "program", "-g", "-Wl,--build-id=sha1");
        content = Files.readAllBytes(program);
        buildId = Executable.open(program).buildId();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    asked.add(exchange.getRequestURI().getPath());
                    boolean has =
                            exchange.getRequestURI()
                                    .getPath()
                                    .equals("/buildid/" + buildId + "/debuginfo");
                    exchange.sendResponseHeaders(has ? 200 : 404, has ? content.length : -1);
                    if (has) {
                        exchange.getResponseBody().write(content);
                    }
                    exchange.close();
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private Debuginfod client() {
        String here = "http://127.0.0.1:" + server.getAddress().getPort();
        return new Debuginfod(
                "ftp://no http://127.0.0.1:1/gone " + here, directory.resolve("kept"));
    }

    @Test
    void aFileIsFetchedOnceAndKept() throws Exception {
        for (int i = 0; i < 2; i++) {
            try (DebugFiles.Found found = client().find(buildId)) {
                Path path = Path.of(Objects.requireNonNull(found).path());
                assertThat(Files.readAllBytes(path)).isEqualTo(content);
            }
        }
        assertThat(asked).containsExactly("/buildid/" + buildId + "/debuginfo");
    }

    @Test
    void aFileOfAnotherBuildIsNotTaken() throws Exception {
        String wanted = buildId;
        buildId = "0123456789abcdef";
        assertThat(client().find("0123456789abcdef")).isNull();
        assertThat(client().find(wanted)).isNull();
    }

    @Test
    void withoutServersNothingIsAsked() throws Exception {
        assertThat(new Debuginfod("", directory).isConfigured()).isFalse();
        assertThat(new Debuginfod("", directory).find(buildId)).isNull();
    }
}
