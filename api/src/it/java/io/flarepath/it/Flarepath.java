package io.flarepath.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.flarepath.api.contract.CheckedHttp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An installation of its own: a data directory, free ports, and the processes started in it through
 * {@code ./flarepath}. Closing it kills what still runs and removes the directory.
 */
final class Flarepath implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path root = projectRoot();
    private final Path directory;
    private final int port = freePort();
    private final int metricsPort = freePort();
    private final Map<String, String> settings = new HashMap<>();
    private final List<Process> started = new ArrayList<>();
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    Flarepath() throws IOException {
        directory = Files.createTempDirectory(Path.of("/tmp"), "flarepath-it-");
        Files.setPosixFilePermissions(
                directory, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        settings.put("FLAREPATH_LISTEN", "127.0.0.1:" + port);
        settings.put("FLAREPATH_OTLP_GRPC_LISTEN", "");
        settings.put("FLAREPATH_OTLP_HTTP_LISTEN", "");
        settings.put("FLAREPATH_DATA", directory.resolve("data").toString());
        settings.put("FLAREPATH_SERVER", url());
        settings.put("FLAREPATH_METRICS_LISTEN", "127.0.0.1:" + metricsPort);
    }

    static Path projectRoot() {
        Path at = Path.of("").toAbsolutePath();
        while (!Files.isRegularFile(at.resolve("flarepath"))) {
            Path parent = at.getParent();
            if (parent == null) {
                throw new IllegalStateException(
                        "no launcher above " + Path.of("").toAbsolutePath());
            }
            at = parent;
        }
        return at;
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    Path directory() {
        return directory;
    }

    /** Adds a setting for what is started from now on. */
    Flarepath with(String variable, String value) {
        settings.put(variable, value);
        return this;
    }

    /**
     * Starts a command of the launcher in a process group of its own; its output goes to a file.
     */
    Process start(String command, String... operands) throws IOException {
        // A shell cannot trap what was ignored when it started, as SIGINT is in the background.
        ProcessBuilder builder =
                new ProcessBuilder(
                        "setsid",
                        "env",
                        "--default-signal=INT",
                        root.resolve("flarepath").toString(),
                        command);
        builder.command().addAll(List.of(operands));
        builder.environment().keySet().removeIf(name -> name.startsWith("FLAREPATH_"));
        builder.environment().putAll(settings);
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log(command).toFile()));
        Process process = builder.start();
        started.add(process);
        return process;
    }

    Path log(String command) {
        return directory.resolve(command + ".log");
    }

    String output(String command) {
        try {
            return Files.exists(log(command)) ? Files.readString(log(command)) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts the server and waits until it is ready. */
    Process startServer() throws IOException {
        Process process = start("server");
        awaitReady(process);
        return process;
    }

    void awaitReady(Process process) {
        Waiting.until(
                "the server is ready",
                Duration.ofSeconds(60),
                () -> {
                    if (!process.isAlive()) {
                        throw new AssertionError(
                                "it ended: " + output("server") + output("up") + "\n");
                    }
                    return status("/ready") == 200;
                });
    }

    /**
     * Waits until the agent samples: it starts beside the server, which may be ready long before.
     */
    void awaitSampling() {
        Waiting.until(
                "the agent samples",
                Duration.ofSeconds(60),
                () -> {
                    JsonNode agents = get("/api/v1/agents").path("agents");
                    return agents.path(0).path("state").asText().equals("sampling");
                });
    }

    private int status(String path) {
        try {
            return client.send(
                            HttpRequest.newBuilder(URI.create(url() + path))
                                    .timeout(Duration.ofSeconds(5))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
        try {
            return checked(
                    client.send(
                            request.timeout(Duration.ofSeconds(60)).build(),
                            HttpResponse.BodyHandlers.ofString()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /** Every answer of the service must be as its OpenAPI description says; the agent has none. */
    private HttpResponse<String> checked(HttpResponse<String> response) {
        if (response.uri().getPort() == port) {
            CheckedHttp.checkText(response);
        }
        return response;
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url() + path));
    }

    JsonNode get(String path) {
        try {
            HttpResponse<String> response = send(request(path));
            if (response.statusCode() != 200) {
                throw new AssertionError(path + ": " + response.statusCode() + response.body());
            }
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The CPU flame graph of what a selector selects, in the last hour. */
    JsonNode flameGraph(String selector) {
        return get(
                "/api/v1/flamegraph?from=now-1h&until=now&maxNodes=65536"
                        + "&type=process_cpu:cpu:nanoseconds:cpu:nanoseconds&query="
                        + encode(selector));
    }

    /** The total of a selector in the last hour, in nanoseconds; 0 where there is nothing. */
    long total(String selector) {
        return flameGraph(selector).path("total").asLong();
    }

    String agentMetrics() throws IOException {
        return send(HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + metricsPort + "/metrics")))
                .body();
    }

    /** What the processes said and counted, for the message of a test that fails. */
    String story() {
        try {
            return String.join(
                    "\n",
                    output("up"),
                    output("server"),
                    output("agent"),
                    agentMetrics(),
                    get("/api/v1/services?from=now-1h&until=now&points=60").toString(),
                    send(request("/metrics")).body().replaceAll("(?m)^(#|jvm_|process_).*\n", ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /**
     * Sends a signal to every process of the group that {@link #start} made, as a terminal does.
     */
    static void signalGroup(Process process, String signal) throws IOException {
        new ProcessBuilder("kill", "-" + signal, "--", "-" + process.pid()).start().onExit().join();
    }

    /** The JVM that a started command has become, or has started. */
    static ProcessHandle jvm(Process process) {
        return Waiting.forValue(
                "a JVM of " + process.pid(),
                Duration.ofSeconds(30),
                () ->
                        Stream.concat(Stream.of(process.toHandle()), process.descendants())
                                .filter(Flarepath::isJvm)
                                .findFirst()
                                .orElse(null));
    }

    static boolean isJvm(ProcessHandle process) {
        return process.info().command().orElse("").endsWith("/java");
    }

    @Override
    public void close() throws IOException {
        for (Process process : started) {
            if (process.isAlive()) {
                signalGroup(process, "TERM");
                process.destroy();
            }
        }
        for (Process process : started) {
            try {
                if (!process.waitFor(20, TimeUnit.SECONDS)) {
                    signalGroup(process, "KILL");
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                process.destroyForcibly();
            }
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** A program of {@code src/it/c}, compiled with frame pointers into this installation. */
    Path compile(String source) throws IOException {
        Path program = directory.resolve(source.substring(0, source.length() - 2));
        Process compiler =
                new ProcessBuilder(
                                "gcc",
                                "-O1",
                                "-g",
                                "-fno-omit-frame-pointer",
                                "-o",
                                program.toString(),
                                root.resolve("api/src/it/c").resolve(source).toString())
                        .inheritIO()
                        .start();
        if (compiler.onExit().join().exitValue() != 0) {
            throw new AssertionError("gcc could not compile " + source);
        }
        return program;
    }

    /** Starts a program under a service name; null for none. */
    Process run(@Nullable String service, String... command) throws IOException {
        return run(service == null ? Map.of() : Map.of("OTEL_SERVICE_NAME", service), command);
    }

    /**
     * Starts a program with these variables in its environment from its first instruction: a
     * program that {@code env} starts is {@code env} for some milliseconds, and can be sampled so.
     */
    Process run(Map<String, String> environment, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        builder.redirectErrorStream(true);
        Process process = builder.start();
        started.add(process);
        return process;
    }
}
