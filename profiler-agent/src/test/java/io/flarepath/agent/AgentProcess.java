package io.flarepath.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** The agent as its own process, with the launcher's JVM flags, and a server that takes all. */
final class AgentProcess implements AutoCloseable {
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();

    /** The launcher's flags, without its look at what must be built. */
    private static final String SCRIPT =
            """
            eval "$(sed -n '/^COMMON_JVM=(/,/)$/p; /^AGENT_JVM=(/,/)$/p' "$1/flarepath")"
            target=$1/profiler-agent/target
            exec env MALLOC_ARENA_MAX=2 "$2/bin/java" "${COMMON_JVM[@]}" "${AGENT_JVM[@]}" \\
                -cp "$target/flarepath-profiler-agent.jar:$target/lib/*" io.flarepath.agent.Main agent
            """;

    /** What was used since the start, and is used now. */
    record Reading(
            long nanos, long jvmNanos, long bpfNanos, long samples, long rssBytes, long mapBytes) {}

    private final Process process;
    private final Path log;
    private final HttpServer sink;
    private final URI metrics;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final HttpClient client = HttpClient.newHttpClient();

    private AgentProcess(Path folder, Map<String, String> settings) throws IOException {
        sink = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        sink.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        sink.createContext("/", this::take);
        sink.start();
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        metrics = URI.create("http://127.0.0.1:" + port + "/metrics");
        ProcessBuilder builder =
                new ProcessBuilder(
                        "bash",
                        "-c",
                        SCRIPT,
                        "agent",
                        HOME.toString(),
                        System.getProperty("java.home"));
        builder.environment().put("FLAREPATH_METRICS_LISTEN", "127.0.0.1:" + port);
        builder.environment().put("FLAREPATH_DATA", folder.toString());
        builder.environment()
                .put("FLAREPATH_SERVER", "http://127.0.0.1:" + sink.getAddress().getPort());
        builder.environment().putAll(settings);
        log = folder.resolve("log");
        process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }

    static AgentProcess start(Path folder, int frequency) throws IOException {
        return start(folder, Map.of("FLAREPATH_FREQUENCY", Integer.toString(frequency)));
    }

    /**
     * Starts one.
     *
     * @param folder of its data, and its log
     * @param settings as variables of its environment
     */
    static AgentProcess start(Path folder, Map<String, String> settings) throws IOException {
        Files.createDirectories(folder);
        return new AgentProcess(folder, settings);
    }

    private void take(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        if (body.contains("\"waitSeconds\":20")) {
            try {
                closing.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        byte[] answer = "{\"revision\":0,\"configuration\":{},\"recordings\":[]}".getBytes(UTF_8);
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    Reading read() throws Exception {
        if (!process.isAlive()) {
            throw new IllegalStateException("the agent ended: " + Files.readString(log));
        }
        Path proc = Path.of("/proc", Long.toString(process.pid()));
        String stat = Files.readString(proc.resolve("stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        long rss = number(Files.readString(proc.resolve("status")), "VmRSS:") << 10;
        long bpf = 0;
        long maps = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(proc.resolve("fdinfo"))) {
            for (Path file : files) {
                String info = info(file);
                bpf += number(info, "run_time_ns:");
                maps += info.contains("map_type:") ? number(info, "memlock:") : 0;
            }
        }
        long samples = number(metrics(), "\nflarepath_agent_samples_total ");
        return new Reading(System.nanoTime(), ticks * 10_000_000, bpf, samples, rss, maps);
    }

    /** One of its own metrics, 0 if it has none of that name and labels. */
    long metric(String nameAndLabels) throws Exception {
        return number(metrics(), "\nflarepath_agent_" + nameAndLabels + " ");
    }

    /** Whether it shows a metric, and so has come as far as that. */
    boolean shows(String name) {
        try {
            return process.isAlive() && metrics().contains("\nflarepath_agent_" + name);
        } catch (Exception e) {
            return false;
        }
    }

    /** Its programs in the kernel: numbers of {@code bpftool prog}. */
    Set<Integer> programs() throws IOException {
        Set<Integer> ids = new TreeSet<>();
        Path folder = Path.of("/proc", Long.toString(process.pid()), "fdinfo");
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                ids.add((int) number(info(file), "prog_id:"));
            }
        }
        ids.remove(0);
        return ids;
    }

    /** What the kernel tells of a descriptor; nothing where it was closed meanwhile. */
    private static String info(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    private String metrics() throws Exception {
        return client.send(
                        HttpRequest.newBuilder(metrics).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /** The whole number after a word, or 0. */
    private static long number(String text, String after) {
        int at = text.indexOf(after);
        if (at < 0) {
            return 0;
        }
        String rest = text.substring(at + after.length()).strip();
        int end = 0;
        while (end < rest.length() && Character.isDigit(rest.charAt(end))) {
            end++;
        }
        return end == 0 ? 0 : Long.parseLong(rest.substring(0, end));
    }

    @Override
    public void close() {
        closing.countDown();
        process.destroy();
        process.onExit().join();
        sink.stop(0);
        client.close();
    }
}
