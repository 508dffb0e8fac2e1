package io.flarepath.agent.requests.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.flarepath.agent.points.HistogramValue;
import io.flarepath.agent.samples.Programs;
import io.flarepath.bpf.MessageCounters;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long requests take is what their client measures, within 2 % or a millisecond. */
@Tag("kernel")
@EnabledIfSystemProperty(
        named = "user.name",
        matches = "root",
        disabledReason = "loading programs needs root")
class LatenciesKernelTest {
    private static final String CLIENT = "http.client.request.duration";
    private static final String SERVER = "http.server.request.duration";
    private static final String CONNECTIONS = "8";

    /** A bucket of the histogram is as wide as this, and its middle stands for it. */
    private static final double BUCKET = Math.pow(2, 1.0 / 32);

    private final String here = "latency-here-" + ProcessHandle.current().pid();
    private final String there = "latency-there-" + ProcessHandle.current().pid();

    @TempDir Path folder;
    private LocalServers servers;
    private String program;

    @BeforeEach
    void link() throws Exception {
        servers = new LocalServers(folder);
        program = Programs.compile("delays", folder).toString();
        servers.run("ip", "netns", "add", here);
        servers.run("ip", "netns", "add", there);
        servers.run(
                "ip", "link", "add", "a0", "netns", here, "type", "veth", "peer", "name", "b0",
                "netns", there);
        servers.run("ip", "-n", here, "addr", "add", "10.77.232.1/24", "dev", "a0");
        servers.run("ip", "-n", there, "addr", "add", "10.77.232.2/24", "dev", "b0");
        for (String space : List.of(here, there)) {
            servers.run("ip", "-n", space, "link", "set", "lo", "up");
            String device = space.equals(here) ? "a0" : "b0";
            servers.run("ip", "-n", space, "link", "set", device, "up");
        }
    }

    @AfterEach
    void unlink() throws Exception {
        servers.stop();
        servers.run("ip", "netns", "del", here);
        servers.run("ip", "netns", "del", there);
    }

    private String[] in(String namespace, String... command) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        all.addAll(List.of(command));
        return all.toArray(String[]::new);
    }

    /** What the client measured. */
    private record Measured(long answers, double median, double most) {
        static Measured parse(String line) {
            String[] words = line.strip().split(" ", -1);
            return new Measured(
                    Long.parseLong(words[0]),
                    Long.parseLong(words[1]) / 1e6,
                    Long.parseLong(words[2]) / 1e6);
        }
    }

    private Measured ask(String namespace, String address, int port, String... how)
            throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(program, "ask", address, Integer.toString(port), CONNECTIONS));
        command.addAll(List.of(how));
        return Measured.parse(servers.run(in(namespace, command.toArray(String[]::new))));
    }

    private int serve(String namespace, String address) throws Exception {
        int port = LocalServers.freePort();
        servers.start(in(namespace, program, "serve", address, Integer.toString(port)));
        await().atMost(LocalServers.LONG)
                .until(() ->
                        servers.run(in(namespace, "ss", "-Hltn", "sport", "=", ":" + port))
                                .contains(":" + port));
        return port;
    }

    @ParameterizedTest
    @ValueSource(strings = {"loopback", "veth"})
    void atHalfOfSaturationTheyAreWhatTheClientMeasures(String way) throws Exception {
        boolean loopback = way.equals("loopback");
        String address = loopback ? "127.0.0.1" : "10.77.232.2";
        String from = loopback ? there : here;
        int port = serve(there, address);
        long saturated = ask(from, address, port, "0", "2", "0").answers / 2;
        try (WatchedRequests watched = new WatchedRequests()) {
            String half = Long.toString(saturated / 2);
            Measured measured = ask(from, address, port, half, "5", "0");
            compare(way + " at " + half + "/s", watched, port, measured);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"loopback", "veth"})
    void slowAnswersTakeWhatTheClientMeasures(String way) throws Exception {
        boolean loopback = way.equals("loopback");
        String address = loopback ? "127.0.0.1" : "10.77.232.2";
        int port = serve(there, address);
        try (WatchedRequests watched = new WatchedRequests()) {
            Measured measured = ask(loopback ? there : here, address, port, "200", "5", "60000");
            compare(way + ", slow", watched, port, measured);
        }
    }

    private static void compare(String what, WatchedRequests watched, int port, Measured measured) {
        // A reader that shares two cores with both ends may lose some; it knows how many.
        long rest = measured.answers / 1000;
        await().atMost(LocalServers.LONG)
                .untilAsserted(() -> {
                    long lost = watched.watch.kernelCounter(MessageCounters::messagesLost);
                    assertThat(watched.histogram(CLIENT, port).count())
                            .as("%s, %s", what, watched.losses())
                            .isBetween(
                                    Math.max(
                                            measured.answers - rest - lost,
                                            measured.answers * 9 / 10),
                                    measured.answers);
                });
        HistogramValue client = watched.histogram(CLIENT, port);
        HistogramValue server = watched.histogram(SERVER, port);
        System.out.printf(
                Locale.ROOT,
                "%-24s %d answers; p50 %.1f, seen %.1f, at the server %.1f us; p99 %.1f, seen %.1f,"
                        + " at the server %.1f us%n",
                what,
                measured.answers,
                1e6 * measured.median,
                1e6 * middle(client, 0.5),
                1e6 * middle(server, 0.5),
                1e6 * measured.most,
                1e6 * middle(client, 0.99),
                1e6 * middle(server, 0.99));
        assertNear(middle(client, 0.5), measured.median);
        assertNear(middle(client, 0.99), measured.most);
        // The server's view has neither the way nor the client's wait for a CPU.
        assertThat(middle(server, 0.5)).isLessThan(middle(client, 0.5) * BUCKET);
    }

    private static double middle(HistogramValue histogram, double share) {
        return histogram.atMost(share) / Math.sqrt(BUCKET);
    }

    private static void assertNear(double seen, double measured) {
        assertThat(seen).isCloseTo(measured, within(Math.max(0.001, 0.02 * measured)));
    }
}
