package io.flarepath.agent.requests.capture;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flarepath.agent.requests.tls.TlsConnections;
import io.flarepath.bpf.MessageCounters;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Real servers and clients over TLS: what they count themselves is what is seen, once. */
@Tag("kernel")
@EnabledIfSystemProperty(
        named = "user.name",
        matches = "root",
        disabledReason = "loading servers needs root")
class TlsRequestsKernelTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final String SERVER = "http.server.request.duration";
    private static final String CLIENT = "http.client.request.duration";
    private static final String STATUS = "http.response.status_code";
    private static final String ROUTE = "http.route";
    private static final String TLS = "flarepath.tls";

    /** Never waits in a call: repeats writes that found no room, and reads a few bytes a time. */
    private static final String PIECES =
            """
            import select, socket, ssl, sys
            port, times, size = map(int, sys.argv[1:])
            context = ssl._create_unverified_context()
            plain = socket.create_connection(("127.0.0.1", port))
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            secure = context.wrap_socket(plain)
            secure.setblocking(False)
            waited = {"w": 0, "r": 0}

            def until(call, which):
                while True:
                    try:
                        return call()
                    except ssl.SSLWantReadError:
                        waited[which] += 1
                        select.select([secure], [], [])
                    except ssl.SSLWantWriteError:
                        waited[which] += 1
                        select.select([], [secure], [])

            def say(data):
                while data:
                    data = data[until(lambda: secure.send(data), "w"):]

            def hear():
                text = b""
                while b"\\r\\n\\r\\n" not in text:
                    text += until(lambda: secure.recv(7), "r")
                head, rest = text.split(b"\\r\\n\\r\\n", 1)
                length = int(head.lower().split(b"content-length: ")[1].split(b"\\r\\n")[0])
                while len(rest) < length:
                    rest += until(lambda: secure.recv(11), "r")

            for i in range(times):
                for piece in (b"GET /pa", b"ge.txt HTT", b"P/1.1\\r\\nHost: here\\r\\n\\r\\n"):
                    say(piece)
                hear()
                say(b"PUT /take/%d HTTP/1.1\\r\\nHost: here\\r\\n" % i)
                say(b"Content-Length: %d\\r\\n\\r\\n" % size)
                say(b"x" * size)
                hear()
            print(waited["w"], waited["r"])
            """;

    private static final String OLDER =
            """
            import http.client, os, ssl, sys, time
            one = http.client.HTTPSConnection(
                "127.0.0.1", int(sys.argv[1]), context=ssl._create_unverified_context())

            def get():
                one.request("GET", "/page.txt")
                one.getresponse().read()

            get()
            print("connected", flush=True)
            while not os.path.exists(sys.argv[2]):
                time.sleep(0.05)
            for i in range(20):
                get()
            """;

    private static final class TrustsAnyone extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    @TempDir Path folder;
    private LocalServers servers;

    @BeforeEach
    void makeCertificate() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        servers = new LocalServers(folder);
        servers.certificate();
    }

    @AfterEach
    void stop() throws Exception {
        servers.stop();
    }

    @Test
    void requestsOfNginxOverTlsAreCountedOnceAtBothEndsByStatusAndRoute() throws Exception {
        int port = LocalServers.freePort();
        startNginx(port);
        try (WatchedRequests watched = watch()) {
            load(port, "/page.txt", 1500, "-k");
            load(port, "/missing", 400, "-k");
            load(port, "/broken", 100);
            Map<String, Long> statuses =
                    new TreeMap<>(Map.of("200", 1500L, "404", 400L, "500", 100L));
            watched.awaitCounts(SERVER, STATUS, port, statuses);
            watched.awaitCounts(CLIENT, STATUS, port, statuses);
            Map<String, Long> routes =
                    new TreeMap<>(Map.of("/page.txt", 1500L, "other", 400L, "/broken", 100L));
            watched.awaitCounts(SERVER, ROUTE, port, routes);
            watched.awaitCounts(TlsConnections.METRIC, TLS, port, Map.of("read", 2 * 108L));
            assertThat(watched.watch.kernelCounter(MessageCounters::unjoined)).isZero();
        }
    }

    @Test
    void whatIsReadInPiecesAndWrittenWhereThereIsRoomIsCountedForWhatItWas() throws Exception {
        int port = LocalServers.freePort();
        startNginx(port);
        try (WatchedRequests watched = watch()) {
            String[] said = pieces(port, 20, 1_000_000).split(" ", -1);
            assertThat(Integer.parseInt(said[0])).as("writes that had to wait").isPositive();
            assertThat(Integer.parseInt(said[1])).as("reads that had to wait").isPositive();
            Map<String, Long> expected = new TreeMap<>(Map.of("200", 20L, "201", 20L));
            watched.awaitCounts(SERVER, STATUS, port, expected);
            watched.awaitCounts(CLIENT, STATUS, port, expected);
            assertThat(watched.sum("http.client.request.body.size", port)).isEqualTo(20_000_000);
            assertThat(watched.sum("http.server.request.body.size", port)).isEqualTo(20_000_000);
            long bodies = watched.sum("http.client.response.body.size", port);
            assertThat(watched.sum("http.server.response.body.size", port)).isEqualTo(bodies);
        }
    }

    @Test
    void streamsOfHttp2AreSeenOverTls() throws Exception {
        int port = LocalServers.freePort();
        startNginx(port);
        try (WatchedRequests watched = watch()) {
            List<String> command =
                    new ArrayList<>(List.of("curl", "-s", "-S", "-k", "--http2", "--parallel"));
            for (int i = 0; i < 40; i++) {
                command.add("https://127.0.0.1:" + port + (i < 30 ? "/page.txt" : "/broken"));
                command.add("-o");
                command.add("/dev/null");
            }
            servers.run(command.toArray(String[]::new));
            Map<String, Long> expected = new TreeMap<>(Map.of("200", 30L, "500", 10L));
            watched.awaitCounts(SERVER, STATUS, port, expected);
            watched.awaitCounts(CLIENT, STATUS, port, expected);
            watched.awaitCounts(SERVER, "network.protocol.version", port, Map.of("2", 40L));
        }
    }

    @Test
    void commandsOfRedisAreCountedOverTls() throws Exception {
        int port = LocalServers.freePort();
        Process redis =
                servers.start(
                        ("redis-server --bind 127.0.0.1 --port 0 --tls-port %d --save  --dir %s"
                                        + " --tls-cert-file cert.pem --tls-key-file key.pem"
                                        + " --tls-ca-cert-file cert.pem --tls-auth-clients no")
                                .formatted(port, folder)
                                .split(" ", -1));
        servers.awaitPort(redis, port);
        try (WatchedRequests watched = watch()) {
            servers.run(
                    "redis-benchmark --tls --cacert cert.pem -p %d -q -c 4 -P 4 -n 2000 -t get,set"
                            .formatted(port)
                            .split(" ", -1));
            for (String metric :
                    List.of("db.server.operation.duration", "db.client.operation.duration")) {
                await().atMost(LONG)
                        .untilAsserted(() ->
                                assertThat(watched.counts(metric, "db.operation.name", port))
                                        .as(watched.losses())
                                        .containsEntry("GET", 2000L)
                                        .containsEntry("SET", 2000L));
            }
        }
    }

    @Test
    void aClientWithAnotherLibraryIsMarkedAsNotSeenInto() throws Exception {
        int port = LocalServers.freePort();
        startNginx(port);
        try (WatchedRequests watched = watch()) {
            SSLContext anyone = SSLContext.getInstance("TLS");
            anyone.init(null, new TrustManager[] {new TrustsAnyone()}, null);
            try (Socket socket = anyone.getSocketFactory().createSocket("127.0.0.1", port)) {
                socket.getOutputStream().write("GET /page.txt HTTP/1.0\r\n\r\n".getBytes(US_ASCII));
                assertThat(socket.getInputStream().readAllBytes()).startsWith('H', 'T', 'T', 'P');
            }
            watched.awaitCounts(SERVER, STATUS, port, Map.of("200", 1L));
            watched.awaitCounts(
                    TlsConnections.METRIC,
                    TLS,
                    port,
                    new TreeMap<>(Map.of("read", 1L, "unseen", 1L)));
            assertThat(watched.counts(TlsConnections.METRIC, "flarepath.role", port))
                    .containsOnlyKeys("client", "server");
            assertThat(watched.counts(CLIENT, STATUS, port)).isEmpty();
        }
    }

    @Test
    void aConnectionThatIsOlderThanTheWatchIsSeen() throws Exception {
        int port = LocalServers.freePort();
        startNginx(port);
        Path go = folder.resolve("go");
        Path client = script("older.py", OLDER);
        Process older =
                servers.start(
                        "/usr/bin/python3",
                        client.toString(),
                        Integer.toString(port),
                        go.toString());
        await().atMost(LONG).until(() -> servers.log(older).contains("connected"));
        try (WatchedRequests watched = watch()) {
            Files.createFile(go);
            assertThat(older.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(older.exitValue()).as(servers.log(older)).isZero();
            // One may be lost while it is found out what the connection speaks.
            for (String metric : List.of(SERVER, CLIENT)) {
                await().atMost(LONG)
                        .until(() ->
                                watched.counts(metric, STATUS, port).getOrDefault("200", 0L) >= 19);
            }
        }
    }

    /** What the client says: how often it had to wait for room to write, and for bytes to read. */
    private String pieces(int port, int times, int bytes) throws Exception {
        Path client = script("pieces.py", PIECES);
        return servers.run(
                        "/usr/bin/python3",
                        client.toString(),
                        Integer.toString(port),
                        Integer.toString(times),
                        Integer.toString(bytes))
                .strip();
    }

    private Path script(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private WatchedRequests watch() {
        WatchedRequests watched = new WatchedRequests();
        await().atMost(LONG).until(() -> watched.files.watched() > 0);
        return watched;
    }

    private void startNginx(int port) throws Exception {
        Files.writeString(folder.resolve("page.txt"), "Who asks?\n".repeat(60));
        servers.nginx(
                port,
                """
                server {
                    listen 127.0.0.1:%2$d ssl http2;
                    ssl_certificate %1$s/cert.pem; ssl_certificate_key %1$s/key.pem;
                    location /take/ {
                        dav_methods PUT; create_full_put_path on; client_max_body_size 16m;
                    }
                    location /missing { return 404 'no'; }
                    location /broken { return 500 'no'; }
                }
                """
                        .formatted(folder, port));
    }

    private void load(int port, String path, int requests, String... options) throws Exception {
        servers.ab("https://127.0.0.1:" + port + path, requests, options);
    }
}
