package io.flarepath.agent.requests.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Servers and clients of this machine, each with a log in the folder. */
public final class LocalServers {
    /** As long as anything may take on a machine that has other things to do. */
    static final Duration LONG = Duration.ofSeconds(60);

    private final Path folder;
    private final List<Process> started = new ArrayList<>();

    /**
     * @param folder in which files, logs and pages lie
     */
    public LocalServers(Path folder) {
        this.folder = folder;
    }

    /** Puts files of a program of the tests into the folder. */
    void bring(String program, String... files) throws IOException {
        for (String file : files) {
            String resource = "/programs/" + program + "/" + file;
            try (InputStream in = LocalServers.class.getResourceAsStream(resource)) {
                Files.copy(Objects.requireNonNull(in, resource), folder.resolve(file));
            }
        }
    }

    /** Starts a program that goes on. */
    Process start(String... command) throws IOException {
        return start(Map.of(), command);
    }

    /** Starts a program with more in its environment. */
    Process start(Map<String, String> environment, String... command) throws IOException {
        Path log = folder.resolve("log-" + started.size());
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        started.add(process);
        return process;
    }

    /** Starts a server and waits until it listens. */
    void listen(int port, String... command) throws IOException {
        awaitPort(start(command), port);
    }

    /** Waits until a server that was started takes connections. */
    void awaitPort(Process process, int port) {
        await().atMost(LONG)
                .until(() -> {
                    assertThat(process.isAlive()).as(log(process)).isTrue();
                    try (Socket socket = new Socket()) {
                        socket.connect(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
                        return true;
                    } catch (IOException e) {
                        return false;
                    }
                });
    }

    /**
     * Starts nginx, of one process, over the files of the folder.
     *
     * @param port at which it listens in the end
     * @param http what its block {@code http} holds beside the places of its own files
     */
    public void nginx(int port, String http) throws IOException {
        Path configuration = folder.resolve("nginx.conf");
        Files.writeString(
                configuration,
                """
                daemon off; user root; worker_processes 1; pid %1$s/nginx.pid; error_log stderr;
                events { worker_connections 256; }
                http {
                    access_log off; default_type text/plain; root %1$s; keepalive_requests 100000;
                    client_body_temp_path %1$s/body; proxy_temp_path %1$s/proxy;
                    fastcgi_temp_path %1$s/fastcgi; uwsgi_temp_path %1$s/uwsgi;
                    scgi_temp_path %1$s/scgi;
                    %2$s
                }
                """
                        .formatted(folder, http));
        listen(port, "nginx", "-e", "stderr", "-c", configuration.toString());
    }

    /** Starts Redis, which keeps nothing. */
    void redis(int port) throws IOException {
        listen(
                port,
                "redis-server",
                "--bind",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--save",
                "",
                "--dir",
                folder.toString());
    }

    /** Has ab ask for a URL so often, four at a time. */
    public void ab(String url, int requests, String... options) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("ab", "-q", "-c", "4", "-n", Integer.toString(requests)));
        command.addAll(List.of(options));
        command.add(url);
        run(command.toArray(String[]::new));
    }

    /**
     * Has h2load ask by HTTP/2 for a URL so often, over three connections, four at a time in each.
     */
    void h2load(String url, int requests, String... options) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of("h2load", "-c", "3", "-m", "4", "-n", Integer.toString(requests)));
        command.addAll(List.of(options));
        command.add(url);
        assertThat(run(command.toArray(String[]::new)))
                .contains(requests + " done, ", " 0 errored, 0 timeout");
    }

    /** Makes a key and a certificate of this machine in the folder: key.pem and cert.pem. */
    public void certificate() throws Exception {
        run(
                ("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
                                + " -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost"
                                + " -addext subjectAltName=IP:127.0.0.1")
                        .split(" ", -1));
    }

    /** Runs a program to its end, which must be a good one; what it printed. */
    public String run(String... command) throws Exception {
        Process process = start(command);
        assertThat(exit(process)).as(log(process)).isZero();
        return log(process);
    }

    /** Runs a program to its end, which must be a bad one. */
    void fail(String... command) throws Exception {
        Process process = start(command);
        assertThat(exit(process)).as(log(process)).isNotZero();
    }

    private static int exit(Process process) throws InterruptedException {
        assertThat(process.waitFor(LONG.toSeconds(), TimeUnit.SECONDS))
                .as("ended in time")
                .isTrue();
        return process.exitValue();
    }

    /** What a program has printed. */
    String log(Process process) throws IOException {
        return Files.readString(folder.resolve("log-" + started.indexOf(process)));
    }

    /** A port at which nobody listens. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** Ends all of them, the last first. */
    public void stop() throws InterruptedException {
        for (Process process : started.reversed()) {
            process.destroy();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
        }
    }
}
