package io.flarepath.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flarepath.agent.requests.capture.LocalServers;
import io.flarepath.agent.samples.Programs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What it costs a server that its requests are seen: nginx under {@code wrk} on all CPUs, without
 * the agent and with it by turns. The load of reference is a page that takes the server some 100 µs
 * of CPU together with its client, 20,000 requests a second on two cores; a page that costs nothing
 * to serve, and one byte there and one back over loopback, are the worst that can happen. Both
 * pages are asked for over TLS too.
 */
@Tag("bench")
class RequestsBench {
    private static final Path STATISTICS = Path.of("/proc/sys/kernel/bpf_stats_enabled");
    private static final int ROUNDS = Integer.getInteger("rounds", 4);
    private static final int SECONDS = Integer.getInteger("seconds", 6);
    private static final int WARM_UP_SECONDS = 10;
    private static final Pattern RATE = Pattern.compile("Requests/sec: +([0-9.]+)");
    private static final Pattern REQUESTS = Pattern.compile("([0-9]+) requests in");
    private static final Map<String, String> SETTINGS =
            Map.of(
                    "FLAREPATH_REQUESTS_ENABLED",
                    "true",
                    "FLAREPATH_REQUESTS_TLS",
                    "true",
                    "FLAREPATH_FREQUENCY",
                    "97",
                    // All of it is read, whatever that costs: otherwise less would be measured.
                    "FLAREPATH_REQUESTS_BUDGET",
                    "100");

    /** The throughput that may be lost at the load of reference. */
    private static final double LOSS_BUDGET = 0.03;

    @TempDir Path folder;
    private Process nginx;
    private int port;
    private int tlsPort;
    private Path pingPong;
    private int agents;

    private final Map<String, Turns> loads = new TreeMap<>();

    /** What the agent took while a load ran. */
    private record Cost(double cpus, double lost, double rssMiB) {}

    /** Requests, or rounds, a second, one value a turn; and what the agent took. */
    private record Turns(List<Double> without, List<Double> with, List<Cost> costs) {

        /** Turns stand beside each other in time, so each is compared with its neighbour. */
        double ratio() {
            List<Double> ratios = new ArrayList<>();
            for (int i = 0; i < with.size(); i++) {
                ratios.add(with.get(i) / without.get(i));
            }
            return median(ratios);
        }

        double cost(ToDoubleFunction<Cost> which) {
            return median(costs.stream().map(which::applyAsDouble).toList());
        }
    }

    @BeforeEach
    void startServer() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        try (ServerSocket free = new ServerSocket(0);
                ServerSocket other = new ServerSocket(0)) {
            port = free.getLocalPort();
            tlsPort = other.getLocalPort();
        }
        new LocalServers(folder).certificate();
        Files.writeString(folder.resolve("small.txt"), "Who asks?\n".repeat(10));
        Files.writeString(folder.resolve("page.html"), text(1_500));
        Files.writeString(folder.resolve("delay.lua"), "function delay() return 10 end\n");
        Path configuration = folder.resolve("nginx.conf");
        Files.writeString(
                configuration,
                """
                daemon off; user root; worker_processes auto; pid %1$s/nginx.pid; error_log stderr;
                events { worker_connections 1024; }
                http {
                    access_log off; keepalive_requests 100000000; open_file_cache max=10;
                    client_body_temp_path %1$s/body; proxy_temp_path %1$s/proxy;
                    fastcgi_temp_path %1$s/fastcgi; uwsgi_temp_path %1$s/uwsgi;
                    scgi_temp_path %1$s/scgi;
                    types { text/html html; }
                    server {
                        listen 127.0.0.1:%2$d; listen 127.0.0.1:%3$d ssl; root %1$s; default_type text/plain;
                        ssl_certificate %1$s/cert.pem; ssl_certificate_key %1$s/key.pem;
                        gzip on; gzip_comp_level 1; gzip_min_length 1000;
                    }
                }
                """
                        .formatted(folder, port, tlsPort));
        nginx =
                new ProcessBuilder("nginx", "-e", "stderr", "-c", configuration.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("nginx.log").toFile())
                        .start();
        await().atMost(Duration.ofSeconds(20))
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> {
                    new Socket(InetAddress.getLoopbackAddress(), port).close();
                    return true;
                });
        pingPong = Programs.compile("pingpong", folder);
    }

    @AfterEach
    void stopServer() throws Exception {
        nginx.destroy();
        nginx.waitFor();
    }

    @Test
    void costOfSeeingRequests() throws Exception {
        warmUp();
        for (int round = 0; round < ROUNDS; round++) {
            loads(null);
            try (AgentProcess agent = agent()) {
                loads(agent);
            }
        }
        show();
        try (AgentProcess agent = agent()) {
            showPrograms(agent, () -> wrk("/small.txt", 32, SECONDS));
            System.out.println("over TLS:");
            showPrograms(agent, () -> tls("/small.txt", 32, SECONDS));
        }
        assertThat(loads).isNotEmpty();
    }

    private AgentProcess agent() throws Exception {
        AgentProcess agent = AgentProcess.start(folder.resolve("agent-" + agents++), SETTINGS);
        await().atMost(Duration.ofSeconds(60)).until(() -> agent.shows("messages_total"));
        await().atMost(Duration.ofSeconds(60)).until(() -> agent.metric("tls_files") > 0);
        warmUp();
        return agent;
    }

    private void warmUp() throws Exception {
        wrk("/small.txt", 32, WARM_UP_SECONDS);
    }

    private void loads(@Nullable AgentProcess agent) throws Exception {
        load("page", agent, () -> rate(wrk("/page.html", 32, SECONDS)));
        load("small", agent, () -> rate(wrk("/small.txt", 32, SECONDS)));
        load("limited", agent, () -> rate(wrk("/small.txt", 200, SECONDS)));
        load("page, tls", agent, () -> rate(tls("/page.html", 32, SECONDS)));
        load("small, tls", agent, () -> rate(tls("/small.txt", 32, SECONDS)));
        load("ping-pong", agent, () -> pingPong(SECONDS * 20_000L, SECONDS * 20_000L));
        // So short connections are looked at all the time: it is not known yet what they speak.
        load("ping-pong, new", agent, () -> pingPong(SECONDS * 20_000L, 100));
    }

    /** A load that is run once; what it reached a second. */
    private interface Load {
        double run() throws Exception;
    }

    /** A load of requests; what its program printed. */
    private interface Output {
        String run() throws Exception;
    }

    private void load(String name, @Nullable AgentProcess agent, Load load) throws Exception {
        Turns turns =
                loads.computeIfAbsent(
                        name,
                        n -> new Turns(new ArrayList<>(), new ArrayList<>(), new ArrayList<>()));
        if (agent == null) {
            turns.without().add(load.run());
            return;
        }
        AgentProcess.Reading before = agent.read();
        long messages = agent.metric("messages_total");
        long lost = lost(agent);
        turns.with().add(load.run());
        AgentProcess.Reading after = agent.read();
        messages = agent.metric("messages_total") - messages;
        lost = lost(agent) - lost;
        turns.costs()
                .add(
                        new Cost(
                                (double) (after.jvmNanos() - before.jvmNanos())
                                        / (after.nanos() - before.nanos()),
                                (double) lost / Math.max(1, lost + messages),
                                after.rssBytes() / 1048576.0));
    }

    private static long lost(AgentProcess agent) throws Exception {
        long lost = 0;
        for (String program : List.of("sending", "sent", "received")) {
            lost +=
                    agent.metric(
                            "messages_lost_total{reason=\"ring_full\",program=\""
                                    + program
                                    + "\"}");
        }
        return lost;
    }

    private String wrk(String path, int connections, int seconds) throws Exception {
        return wrkAt("http://127.0.0.1:" + port + path, connections, seconds);
    }

    private String tls(String path, int connections, int seconds) throws Exception {
        return wrkAt("https://127.0.0.1:" + tlsPort + path, connections, seconds);
    }

    private String wrkAt(String address, int connections, int seconds) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "wrk",
                                "-t2",
                                "-c" + connections,
                                "-d" + seconds + "s",
                                "-H",
                                "Accept-Encoding: gzip"));
        if (connections > 100) {
            command.addAll(List.of("-s", folder.resolve("delay.lua").toString()));
        }
        command.add(address);
        String output = run(command);
        assertThat(output).doesNotContain("Non-2xx").doesNotContain("Socket errors");
        return output;
    }

    private double pingPong(long times, long ofConnection) throws Exception {
        String nanos =
                run(
                        List.of(
                                pingPong.toString(),
                                Long.toString(times),
                                Long.toString(ofConnection)));
        return 1e9 / Double.parseDouble(nanos.strip());
    }

    private static String run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }

    private static double rate(String output) {
        Matcher matcher = RATE.matcher(output);
        assertThat(matcher.find()).as(output).isTrue();
        return Double.parseDouble(matcher.group(1));
    }

    private void show() {
        System.out.printf(
                Locale.ROOT,
                "%-16s %12s %12s %9s %11s %10s %8s%n",
                "load",
                "without /s",
                "with /s",
                "with/out",
                "agent CPUs",
                "ring lost",
                "RSS MiB");
        loads.forEach((name, turns) ->
                System.out.printf(
                        Locale.ROOT,
                        "%-16s %12.0f %12.0f %9.3f %11.3f %10.4f %8.1f%n",
                        name,
                        median(turns.without()),
                        median(turns.with()),
                        turns.ratio(),
                        turns.cost(Cost::cpus),
                        turns.cost(Cost::lost),
                        turns.cost(Cost::rssMiB)));
        System.out.printf(
                Locale.ROOT, "budget: %.0f %% of the throughput of \"page\"%n", 100 * LOSS_BUDGET);
        loads.forEach((name, turns) -> {
            String metric = name.replaceAll("[^a-z]+", "_");
            ratio("requests_throughput_" + metric, turns.ratio());
            ratio("requests_agent_cpus_" + metric, turns.cost(Cost::cpus));
        });
    }

    private static void ratio(String name, double value) {
        System.out.printf(Locale.ROOT, "RATIO %s %.3f%n", name, value);
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** With the kernel's statistics, which cost something themselves: not in the turns before. */
    private void showPrograms(AgentProcess agent, Output output) throws Exception {
        String statisticsBefore = Files.readString(STATISTICS).strip();
        Files.writeString(STATISTICS, "1");
        try {
            Map<String, long[]> before = programs(agent);
            Matcher requests = REQUESTS.matcher(output.run());
            assertThat(requests.find()).isTrue();
            double count = Double.parseDouble(requests.group(1));
            System.out.printf(
                    Locale.ROOT,
                    "%-24s %14s %10s %14s%n",
                    "program",
                    "runs/request",
                    "ns/run",
                    "ns/request");
            double[] all = new double[1];
            programs(agent)
                    .forEach((name, now) -> {
                        long[] then = before.getOrDefault(name, new long[2]);
                        long runs = now[0] - then[0];
                        double nanos = now[1] - then[1];
                        if (runs / count > 0.01) {
                            all[0] += nanos / count;
                            System.out.printf(
                                    Locale.ROOT,
                                    "%-24s %14.2f %10.0f %14.0f%n",
                                    name,
                                    runs / count,
                                    nanos / runs,
                                    nanos / count);
                        }
                    });
            System.out.printf(Locale.ROOT, "%-24s %40.0f%n", "all, both ends", all[0]);
            assertThat(all[0]).isPositive();
        } finally {
            Files.writeString(STATISTICS, statisticsBefore);
        }
    }

    private static Map<String, long[]> programs(AgentProcess agent) throws Exception {
        Pattern head = Pattern.compile("^(\\d+): \\S+ +name (\\S+) .*");
        Pattern times = Pattern.compile(".*run_time_ns (\\d+) run_cnt (\\d+).*");
        Map<String, long[]> programs = new TreeMap<>();
        var own = agent.programs();
        for (String line : run(List.of("bpftool", "prog", "show")).lines().toList()) {
            Matcher name = head.matcher(line);
            if (!name.matches() || !own.contains(Integer.parseInt(name.group(1)))) {
                continue;
            }
            Matcher time = times.matcher(line);
            if (time.matches()) {
                programs.put(
                        name.group(2) + " " + name.group(1),
                        new long[] {Long.parseLong(time.group(2)), Long.parseLong(time.group(1))});
            }
        }
        return programs;
    }

    /** Words that compress like text. */
    private static String text(int bytes) {
        Random random = new Random(97);
        StringBuilder text = new StringBuilder();
        while (text.length() < bytes) {
            int length = 2 + random.nextInt(8);
            for (int i = 0; i < length; i++) {
                text.append((char) ('a' + random.nextInt(6)));
            }
            text.append(' ');
        }
        return text.toString();
    }
}
