package io.flarepath.api.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.api.ingest.MemoryStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many connections there may be, and how long nothing need happen on them. */
@Timeout(120)
class ConnectionsTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofSeconds(1);
    private static final String READY = "GET /ready HTTP/1.1\r\nHost: x\r\n\r\n";

    @TempDir Path folder;

    /** A server that is watched by its own metrics alone. */
    private final class Served implements AutoCloseable {
        private final ApiServer server;
        private final int port;

        Served(int most, Duration idle, Duration head) throws IOException {
            this("127.0.0.1", most, idle, head);
        }

        Served(String listen, int most, Duration idle, Duration head) throws IOException {
            ServerOptions options =
                    new ServerOptions(
                                    listen,
                                    0,
                                    false,
                                    Limits.DEFAULT,
                                    BodyReader.Patience.DEFAULT,
                                    folder.resolve("bodies"))
                            .over(new ConnectionRules(most, idle, head));
            server = new ApiServer(options, new MemoryStore());
            port = server.start(List.of());
        }

        Wire connect() throws IOException {
            return new Wire("127.0.0.1", port);
        }

        Wire connect(String address) throws IOException {
            return new Wire(address, port);
        }

        double metric(String name) {
            String line = "\n" + name + " ";
            String all = "\n" + server.services().metrics().registry().scrape();
            int at = all.indexOf(line) + line.length();
            assertThat(at).as(name).isGreaterThan(line.length());
            return Double.parseDouble(all.substring(at, all.indexOf('\n', at)));
        }

        /** A connection that has had an answer; a machine that stands still may need some tries. */
        Wire answered() throws IOException {
            for (int tries = 0; tries < 20; tries++) {
                Wire wire = connect();
                try {
                    assertThat(wire.ask()).isEqualTo(200);
                    return wire;
                } catch (SocketException | AssertionError closedBeforeItWasHeard) {
                    wire.hangUp();
                }
            }
            throw new AssertionError("no connection was answered");
        }

        void awaitOpen(int connections) throws InterruptedException {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (metric("flarepath_connections") != connections && System.nanoTime() < end) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
            assertThat(metric("flarepath_connections")).isEqualTo(connections);
        }

        @Override
        public void close() {
            server.close();
        }
    }

    /** A connection of which the bytes are seen. */
    private static final class Wire implements AutoCloseable {
        private final Socket socket;

        Wire(String address, int port) throws IOException {
            socket = new Socket(InetAddress.getByName(address), port);
            socket.setSoTimeout(60_000);
        }

        void send(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(US_ASCII));
        }

        /** The status of one answer; what it says is read to its end. */
        int ask() throws IOException {
            send(READY);
            String head = head();
            int length = Integer.parseInt(header(head, "content-length"));
            socket.getInputStream().readNBytes(length);
            return Integer.parseInt(head.substring(9, 12));
        }

        private String head() throws IOException {
            InputStream in = socket.getInputStream();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            while (!bytes.toString(US_ASCII).endsWith("\r\n\r\n")) {
                int next = in.read();
                assertThat(next).as("a byte after %s", bytes).isNotNegative();
                bytes.write(next);
            }
            return bytes.toString(US_ASCII);
        }

        private static String header(String head, String name) {
            for (String line : head.split("\r\n", -1)) {
                if (line.toLowerCase(Locale.ROOT).startsWith(name + ":")) {
                    return line.substring(name.length() + 1).strip();
                }
            }
            throw new AssertionError("no " + name + " in " + head);
        }

        /** All that still comes until the server hangs up. */
        String rest() throws IOException {
            return new String(socket.getInputStream().readAllBytes(), US_ASCII);
        }

        void hangUp() throws IOException {
            socket.close();
        }

        @Override
        public void close() throws IOException {
            hangUp();
        }
    }

    /**
     * Twice longer than a new connection may be silent, and a fraction of how long one may idle.
     */
    @Test
    void aConnectionThatIdlesForLessThanTheBoundIsReused() throws Exception {
        try (Served served = new Served(10, LONG, SHORT);
                Wire wire = served.answered()) {
            TimeUnit.MILLISECONDS.sleep(2 * SHORT.toMillis());
            assertThat(wire.ask()).isEqualTo(200);
        }
    }

    @Test
    void oneThatIdlesForLongerIsClosedAndNotReset() throws Exception {
        long start = System.nanoTime();
        try (Served served = new Served(10, SHORT, LONG);
                Wire wire = served.answered()) {
            assertThat(wire.rest()).isEmpty();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(SHORT.toNanos());
            served.awaitOpen(0);
        }
    }

    @Test
    void oneThatSaysNothingIsClosed() throws Exception {
        try (Served served = new Served(10, LONG, SHORT);
                Wire silent = served.connect()) {
            long start = System.nanoTime();
            assertThat(silent.rest()).isEmpty();
            assertThat(System.nanoTime() - start).isLessThan(LONG.toNanos());
        }
    }

    @Test
    void oneThatNeverSendsAWholeHeadIsClosed() throws Exception {
        try (Served served = new Served(10, LONG, SHORT);
                Wire dribbling = served.connect()) {
            dribbling.send("GET /ready HTTP/1.1\r\n");
            Thread writer =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    while (true) {
                                        dribbling.send("a: b\r\n");
                                        TimeUnit.MILLISECONDS.sleep(100);
                                    }
                                } catch (IOException | InterruptedException hungUp) {
                                    // What is waited for.
                                }
                            });
            long start = System.nanoTime();
            try {
                assertThat(dribbling.rest()).isEmpty();
            } catch (SocketException reset) {
                // Bytes may be under way when the server hangs up.
            }
            assertThat(System.nanoTime() - start).isLessThan(LONG.toNanos());
            writer.interrupt();
            writer.join();
            served.awaitOpen(0);
        }
    }

    @Test
    void beyondTheBoundRequestsAreRefusedUntilOneIsClosed() throws Exception {
        try (Served served = new Served(2, LONG, LONG);
                Wire first = served.connect();
                Wire second = served.connect()) {
            assertThat(first.ask()).isEqualTo(200);
            assertThat(second.ask()).isEqualTo(200);
            served.awaitOpen(2);
            try (Wire third = served.connect()) {
                third.send(READY);
                String answer = third.rest();
                assertThat(answer)
                        .startsWith("HTTP/1.1 503 ")
                        .contains("limits.connections")
                        .containsIgnoringCase("connection: close")
                        .containsIgnoringCase("retry-after:");
            }
            assertThat(served.metric("flarepath_connections_refused_total")).isEqualTo(1);
            // Those that were there go on.
            assertThat(first.ask()).isEqualTo(200);
            second.hangUp();
            served.awaitOpen(1);
            try (Wire fourth = served.connect()) {
                assertThat(fourth.ask()).isEqualTo(200);
            }
        }
    }

    /** A socket of both families tells IPv4 addresses in another way than one of IPv4 alone. */
    @ParameterizedTest
    @CsvSource({"::1, ::1", "::, ::1", "::, 127.0.0.1"})
    void theBoundsHoldForIpv6Too(String listen, String client) throws Exception {
        try (Served served = new Served(listen, 1, LONG, SHORT);
                Wire first = served.connect(client)) {
            assertThat(first.ask()).isEqualTo(200);
            // It has been heard: that it says nothing for longer than a new one may is no matter.
            TimeUnit.MILLISECONDS.sleep(2 * SHORT.toMillis());
            assertThat(first.ask()).isEqualTo(200);
            try (Wire second = served.connect(client)) {
                second.send(READY);
                assertThat(second.rest()).startsWith("HTTP/1.1 503 ");
            }
            first.hangUp();
            served.awaitOpen(0);
            try (Wire silent = served.connect(client)) {
                assertThat(silent.rest()).isEmpty();
            }
        }
    }

    /** More than are told why. */
    @Test
    void aFloodBeyondTheBoundIsNotHeld() throws Exception {
        try (Served served = new Served(2, LONG, LONG);
                Wire first = served.connect();
                Wire second = served.connect()) {
            assertThat(first.ask()).isEqualTo(200);
            assertThat(second.ask()).isEqualTo(200);
            List<Wire> flood = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                flood.add(served.connect());
            }
            for (Wire each : flood) {
                // None of them says anything.
                assertThat(each.rest()).isEmpty();
                each.hangUp();
            }
            served.awaitOpen(2);
            assertThat(served.metric("flarepath_connections_refused_total")).isEqualTo(200);
            assertThat(first.ask()).isEqualTo(200);
        }
    }

    @Test
    void oneThatBecomesHttp2CountsOnce() throws Exception {
        try (Served served = new Served(10, LONG, LONG)) {
            try (HttpClient client =
                    HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
                HttpResponse<String> answer =
                        client.send(
                                HttpRequest.newBuilder(
                                                URI.create(
                                                        "http://127.0.0.1:"
                                                                + served.port
                                                                + "/ready"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
                assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
                served.awaitOpen(1);
            }
            served.awaitOpen(0);
        }
    }
}
