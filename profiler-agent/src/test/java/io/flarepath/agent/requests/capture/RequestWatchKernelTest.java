package io.flarepath.agent.requests.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.flarepath.agent.samples.Programs;
import io.flarepath.bpf.MessageCounters;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real servers and clients: what they count themselves is what is seen, from both ends. */
@Tag("kernel")
@EnabledIfSystemProperty(
        named = "user.name",
        matches = "root",
        disabledReason = "loading programs needs root")
class RequestWatchKernelTest {
    private static final Duration LONG = LocalServers.LONG;
    private static final String SERVER = "http.server.request.duration";
    private static final String CLIENT = "http.client.request.duration";
    private static final String STATUS = "http.response.status_code";

    /** How a program ends to which the kernel gives no ring. */
    private static final int NO_RING = 77;

    @TempDir Path folder;
    private LocalServers servers;

    @BeforeEach
    void openToOtherUsers() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        servers = new LocalServers(folder);
    }

    @AfterEach
    void stop() throws Exception {
        servers.stop();
    }

    @ParameterizedTest
    @EnumSource
    void requestsOfNginxAreCountedAtBothEndsByStatus(StreamView view) throws Exception {
        int port = LocalServers.freePort();
        startNginx(port);
        try (WatchedRequests watched = new WatchedRequests(view)) {
            load(port, "/page.txt", 3000, "-k");
            load(port, "/missing", 700, "-k");
            load(port, "/broken", 300, "-k");
            load(port, "/page.txt", 100);
            Map<String, Long> expected =
                    new TreeMap<>(Map.of("200", 3100L, "404", 700L, "500", 300L));
            watched.awaitCounts(SERVER, STATUS, port, expected);
            watched.awaitCounts(CLIENT, STATUS, port, expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionThatIsOlderThanTheWatchIsSeen(StreamView view) throws Exception {
        int port = LocalServers.freePort();
        startNginx(port);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            get(socket, "/before");
            try (WatchedRequests watched = new WatchedRequests(view)) {
                for (int i = 0; i < 20; i++) {
                    get(socket, "/page.txt");
                }
                // One may be lost while it is found out what the connection speaks.
                await().atMost(LONG)
                        .until(() ->
                                watched.counts(SERVER, STATUS, port).getOrDefault("200", 0L) >= 19);
                await().atMost(LONG)
                        .until(() ->
                                watched.counts(CLIENT, STATUS, port).getOrDefault("200", 0L) >= 19);
                assertThat(watched.counts(SERVER, STATUS, port)).hasSize(1);
            }
        }
    }

    /** What the tables of its headers held before is not known then. */
    @ParameterizedTest
    @EnumSource
    void aConnectionOfHttp2ThatIsOlderThanTheWatchIsSeen(StreamView view) throws Exception {
        int port = LocalServers.freePort();
        Files.writeString(folder.resolve("page.txt"), "Who asks?\n".repeat(60));
        servers.nginx(
                port,
                """
                log_format status '$status';
                server { listen 127.0.0.1:%d http2; access_log %s/access.log status; }
                """
                        .formatted(port, folder));
        Process client =
                servers.start(
                        "h2load",
                        "-c",
                        "1",
                        "-m",
                        "1",
                        "-n",
                        "200",
                        "--rps=20",
                        "http://127.0.0.1:" + port + "/page.txt",
                        "http://127.0.0.1:" + port + "/missing");
        Path log = folder.resolve("access.log");
        await().atMost(LONG).until(() -> Files.readAllLines(log).size() >= 20);
        long before;
        try (WatchedRequests watched = new WatchedRequests(view)) {
            before = Files.readAllLines(log).size();
            assertThat(before).isLessThan(90);
            assertThat(client.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(client.exitValue()).as(servers.log(client)).isZero();
            List<String> all = Files.readAllLines(log);
            assertThat(all).hasSize(200);
            List<String> since = all.subList((int) before, all.size());
            // One may be under way at the start, and one in which it is found out what is spoken.
            for (String metric : List.of(SERVER, CLIENT)) {
                await().atMost(LONG)
                        .untilAsserted(() -> {
                            Map<String, Long> seen = watched.counts(metric, STATUS, port);
                            assertThat(seen).as(watched.losses()).hasSize(2);
                            for (String status : List.of("200", "404")) {
                                long logged = since.stream().filter(status::equals).count();
                                assertThat(seen.getOrDefault(status, 0L))
                                        .as(metric + " " + status + ", " + watched.losses())
                                        .isBetween(logged - 2, logged + 1);
                            }
                        });
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void anAnswerThatIsReadInPiecesIsSeen(StreamView view) throws Exception {
        int port = LocalServers.freePort();
        startNginx(port);
        try (WatchedRequests watched = new WatchedRequests(view);
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            for (int i = 0; i < 50; i++) {
                get(socket, "/page.txt", 7);
                get(socket, "/missing", 300);
            }
            Map<String, Long> expected = new TreeMap<>(Map.of("200", 50L, "404", 50L));
            watched.awaitCounts(SERVER, STATUS, port, expected);
            watched.awaitCounts(CLIENT, STATUS, port, expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void commandsOfRedisAreCountedWithPipelining(StreamView view) throws Exception {
        int port = LocalServers.freePort();
        servers.redis(port);
        try (WatchedRequests watched = new WatchedRequests(view)) {
            redisBenchmark(port, 1, "get", 2000);
            redisBenchmark(port, 8, "set", 4000);
            for (String metric :
                    List.of("db.server.operation.duration", "db.client.operation.duration")) {
                await().atMost(LONG)
                        .untilAsserted(() ->
                                assertThat(watched.counts(metric, "db.operation.name", port))
                                        .as(watched.losses())
                                        .containsEntry("GET", 2000L)
                                        .containsEntry("SET", 4000L));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyWayToSendAndReceiveIsSeen(StreamView view) throws Exception {
        assertThat(exchange(view, "calls"))
                .containsKeys("/readv/sendfile", "/recvmmsg/write", "/recvmsg/sendmmsg")
                .hasSize(30);
    }

    @Test
    void whatGoesByIoUringIsSeenInTheKernel() throws Exception {
        assertThat(exchange(StreamView.KERNEL, "io_uring"))
                .containsKeys(
                        "/io_uring/io_uring",
                        "/io_uring/sendfile",
                        "/recvmmsg/io_uring",
                        "/io_uring-vector/io_uring-vector",
                        "/io_uring-worker/io_uring-worker",
                        "/io_uring/io_uring-zero-copy")
                .hasSize(15);
    }

    /**
     * Has a program send so many requests, and as many answers, in each of its ways. What is
     * missing at either end is accounted for by what found no room, and that is little.
     *
     * @return requests seen by route, which names the ways
     */
    private Map<String, Long> exchange(StreamView view, String which) throws Exception {
        int requests = Integer.getInteger("exchanges", view == StreamView.KERNEL ? 5_000 : 2_000);
        int port = LocalServers.freePort();
        Path program = Programs.compile("exchange", folder);
        Map<String, Long> served = new TreeMap<>();
        Map<String, Long> asked = new TreeMap<>();
        try (WatchedRequests watched = new WatchedRequests(view)) {
            if (view == StreamView.SYSTEM_CALLS) {
                assertThat(watched.watch.source().bySystemCalls()).isTrue();
            }
            // A reader that has just begun reads slowly.
            awaitReader(watched, program);
            Process process =
                    servers.start(
                            program.toString(),
                            Integer.toString(port),
                            Integer.toString(requests),
                            which);
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("ended in time").isTrue();
            assumeThat(process.exitValue())
                    .as("this kernel lets nobody use io_uring: %s", servers.log(process))
                    .isNotEqualTo(NO_RING);
            assertThat(process.exitValue()).as(servers.log(process)).isZero();
            await().atMost(LONG)
                    .untilAsserted(() -> {
                        served.putAll(watched.counts(SERVER, "http.route", port));
                        asked.putAll(watched.counts(CLIENT, "http.route", port));
                        assertThat(served.values()).allMatch(count -> count <= requests);
                        assertThat(asked.values()).allMatch(count -> count <= requests);
                        long expected = 2L * requests * served.size();
                        long lost = watched.watch.kernelCounter(MessageCounters::messagesLost);
                        assertThat(expected - sum(served) - sum(asked))
                                .as("missing of %d, %s", expected, watched.losses())
                                .isBetween(0L, Math.min(lost, expected / 1000));
                    });
            assertThat(served.keySet()).isEqualTo(asked.keySet());
            return served;
        }
    }

    private void awaitReader(WatchedRequests watched, Path program) throws Exception {
        int port = LocalServers.freePort();
        servers.run(program.toString(), Integer.toString(port), "30", "calls");
        await().atMost(LONG)
                .until(() -> sum(watched.counts(SERVER, "http.route", port)) == 30 * 30);
    }

    private static long sum(Map<String, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** A server of its own address, since names are looked up at port 53. */
    @Test
    void lookupsByUdpAreCountedExactlyAtBothEnds() throws Exception {
        String address = "127.0.53.97";
        Process server =
                servers.start(
                        "dnsmasq",
                        "--keep-in-foreground",
                        "--conf-file=/dev/null",
                        "--no-resolv",
                        "--no-hosts",
                        "--bind-interfaces",
                        "--except-interface=lo0",
                        "--listen-address=" + address,
                        "--pid-file=",
                        "--user=root",
                        "--host-record=shop.example,192.0.2.7",
                        "--local=/example/");
        try (WatchedRequests watched = new WatchedRequests()) {
            // It may take a moment until it listens: the first one is repeated until then.
            servers.run("dig", "@" + address, "+tries=30", "+time=1", "first.example");
            for (int i = 0; i < 20; i++) {
                servers.run("dig", "@" + address, "+tries=1", "shop.example");
                servers.run("dig", "@" + address, "+tries=1", "missing.example");
            }
            assertThat(server.isAlive()).isTrue();
            for (String metric : List.of("dns.lookup.duration", "dns.server.lookup.duration")) {
                await().atMost(LONG)
                        .untilAsserted(() ->
                                assertThat(watched.counts(metric, "dns.question.name", 53))
                                        .as(metric + ", " + watched.losses())
                                        .containsEntry("shop.example", 20L)
                                        .containsEntry("missing.example", 20L));
                assertThat(watched.counts(metric, "dns.response.code", 53))
                        .containsKeys("NOERROR", "NXDOMAIN");
            }
        }
    }

    private void redisBenchmark(int port, int pipeline, String command, int requests)
            throws Exception {
        servers.run(
                "redis-benchmark",
                "-p",
                Integer.toString(port),
                "-q",
                "-c",
                "4",
                "-P",
                Integer.toString(pipeline),
                "-n",
                Integer.toString(requests),
                "-t",
                command);
    }

    private void startNginx(int port) throws Exception {
        Files.writeString(folder.resolve("page.txt"), "Who asks?\n".repeat(60));
        servers.nginx(
                port,
                """
                server {
                    listen 127.0.0.1:%d;
                    location /missing { return 404 'no'; }
                    location /broken { return 500 'no'; }
                }
                """
                        .formatted(port));
    }

    private void load(int port, String path, int requests, String... options) throws Exception {
        servers.ab("http://127.0.0.1:" + port + path, requests, options);
    }

    private static void get(Socket socket, String path) throws IOException {
        get(socket, path, 65_536);
    }

    private static void get(Socket socket, String path, int piece) throws IOException {
        socket.getOutputStream()
                .write(
                        ("GET " + path + " HTTP/1.1\r\nHost: here\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
        byte[] answer = new byte[65_536];
        int length = 0;
        String text = "";
        while (!isWhole(text)) {
            int most = Math.min(piece, answer.length - length);
            int read = socket.getInputStream().read(answer, length, most);
            assertThat(read).isPositive();
            length += read;
            text = new String(answer, 0, length, StandardCharsets.US_ASCII);
        }
    }

    private static boolean isWhole(String text) {
        int head = text.indexOf("\r\n\r\n");
        if (head < 0) {
            return false;
        }
        String marker = "Content-Length: ";
        int from = text.indexOf(marker) + marker.length();
        int body = Integer.parseInt(text.substring(from, text.indexOf('\r', from)));
        return text.length() >= head + 4 + body;
    }
}
