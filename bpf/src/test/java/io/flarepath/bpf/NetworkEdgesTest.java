package io.flarepath.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("kernel")
class NetworkEdgesTest {
    private static final int SELF = (int) ProcessHandle.current().pid();
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    @Test
    void bothEndsOfAConnectionHaveItsBytesConnectsAndTimes() throws Exception {
        try (NetworkEdges edges = NetworkEdges.open();
                ServerSocket listener = new ServerSocket(0, 50, LOOPBACK)) {
            int port = listener.getLocalPort();
            for (int i = 0; i < 3; i++) {
                exchange(listener, 1_000_000 + i, 777);
            }
            EdgeWindow window = edges.take();
            EdgeSums client = sums(window, edge -> edge.client() && edge.port() == port);
            EdgeSums server = sums(window, edge -> edge.server() && edge.port() == port);
            assertThat(client.edge().peer()).isEqualTo("127.0.0.1");
            assertThat(client.bytesSent()).isEqualTo(3_000_003);
            assertThat(client.bytesReceived()).isEqualTo(3 * 777);
            assertThat(server.bytesSent()).isEqualTo(3 * 777);
            assertThat(server.bytesReceived()).isEqualTo(3_000_003);
            assertThat(client.connects()).isEqualTo(3);
            assertThat(server.connects()).isEqualTo(3);
            assertThat(client.packetsSent()).isGreaterThanOrEqualTo(3 * 16);
            assertThat(count(window, client.edge(), EdgeEvent.Kind.CONNECT_TIME, "")).isEqualTo(3);
            assertThat(count(window, client.edge(), EdgeEvent.Kind.ROUND_TRIP, "")).isPositive();
            EdgeWindow after = edges.take();
            assertThat(after.sums()).noneMatch(s -> s.edge().port() == port);
            assertThat(edges.counters().lost()).isZero();
        }
    }

    /** By this the ends of a connection find each other, also where the server listens on all. */
    @Test
    void theOwnAddressOfEachEndIsThePeerOfTheOther() throws Exception {
        InetAddress here = InetAddress.getByName("127.0.0.2");
        InetAddress there = InetAddress.getByName("127.0.0.3");
        try (NetworkEdges edges = NetworkEdges.open();
                ServerSocket listener = new ServerSocket(0)) {
            int port = listener.getLocalPort();
            try (Socket socket = new Socket(there, port, here, 0);
                    Socket accepted = listener.accept()) {
                socket.getOutputStream().write(new byte[10]);
                accepted.getInputStream().readNBytes(10);
                EdgeWindow window = edges.take();
                NetworkEdge client = sums(window, e -> e.client() && e.port() == port).edge();
                NetworkEdge server = sums(window, e -> e.server() && e.port() == port).edge();
                assertThat(client.local()).isEqualTo("127.0.0.2").isEqualTo(server.peer());
                assertThat(client.peer()).isEqualTo("127.0.0.3").isEqualTo(server.local());
            }
        }
    }

    /** What was open before is known by the files of processes; what it said before is not told. */
    @Test
    void connectionsFromBeforeAreOpenAndBeginAtNothing() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 50, LOOPBACK);
                Socket socket = new Socket(LOOPBACK, listener.getLocalPort());
                Socket accepted = listener.accept()) {
            int port = listener.getLocalPort();
            socket.getOutputStream().write(new byte[5_000]);
            accepted.getInputStream().readNBytes(5_000);
            try (NetworkEdges edges = NetworkEdges.open()) {
                EdgeWindow first = edges.take();
                EdgeSums idle = sums(first, edge -> edge.client() && edge.port() == port);
                assertThat(idle.active()).isEqualTo(1);
                assertThat(idle.bytesSent()).isZero();
                assertThat(sums(first, edge -> edge.server() && edge.port() == port).active())
                        .isEqualTo(1);
                socket.getOutputStream().write(new byte[321]);
                accepted.getInputStream().readNBytes(321);
                EdgeWindow window = edges.take();
                assertThat(sums(window, edge -> edge.client() && edge.port() == port).bytesSent())
                        .isEqualTo(321);
                assertThat(sums(window, e -> e.server() && e.port() == port).bytesReceived())
                        .isEqualTo(321);
            }
        }
    }

    /** Who answers stays the server, however much it says while the programs are being attached. */
    @Test
    void aServerThatAnswersMeanwhileIsNotTakenForAClient() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 50, LOOPBACK);
                Socket socket = new Socket(LOOPBACK, listener.getLocalPort());
                Socket accepted = listener.accept()) {
            accepted.setTcpNoDelay(true);
            AtomicBoolean opened = new AtomicBoolean();
            Thread talk =
                    Thread.startVirtualThread(() -> {
                        try {
                            while (!opened.get()) {
                                accepted.getOutputStream().write(1);
                                socket.getInputStream().readNBytes(1);
                            }
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    });
            try (NetworkEdges edges = NetworkEdges.open()) {
                opened.set(true);
                talk.join();
                accepted.getOutputStream().write(new byte[100]);
                socket.getInputStream().readNBytes(100);
                EdgeWindow window = edges.take();
                int port = listener.getLocalPort();
                assertThat(sums(window, e -> e.server() && e.port() == port).bytesSent())
                        .isGreaterThanOrEqualTo(100);
                assertThat(window.sums())
                        .noneMatch(s ->
                                s.edge().pid() == SELF && s.edge().port() == socket.getLocalPort());
            }
        }
    }

    @Test
    void failedConnectsAreToldByErrno() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 50, LOOPBACK)) {
            port = closed.getLocalPort();
        }
        try (NetworkEdges edges = NetworkEdges.open()) {
            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(() -> new Socket(LOOPBACK, port).close())
                        .isInstanceOf(ConnectException.class);
            }
            EdgeWindow window = edges.take();
            List<EdgeWindow.Times> failures =
                    window.events().stream()
                            .filter(t -> t.event().edge().port() == port)
                            .filter(t -> t.event().kind() == EdgeEvent.Kind.CONNECT_FAILURE)
                            .toList();
            assertThat(failures).hasSize(1);
            assertThat(failures.getFirst().event().name()).isEqualTo("ECONNREFUSED");
            assertThat(failures.getFirst().event().edge().pid()).isEqualTo(SELF);
            assertThat(failures.getFirst().count()).isEqualTo(5);
            assertThat(window.events())
                    .anyMatch(t ->
                            t.event().kind() == EdgeEvent.Kind.RESET_SENT
                                    && t.event().name().equals("NO_SOCKET")
                                    && t.count() >= 5);
            EdgeSums none = sums(window, edge -> edge.port() == port && edge.client());
            assertThat(none.connects()).isZero();
        }
    }

    @Test
    void aCloseWithUnreadBytesIsAResetOfThatReasonOnBothEnds() throws Exception {
        try (NetworkEdges edges = NetworkEdges.open();
                ServerSocket listener = new ServerSocket(0, 50, LOOPBACK)) {
            int port = listener.getLocalPort();
            try (Socket socket = new Socket(LOOPBACK, port)) {
                Socket accepted = listener.accept();
                socket.getOutputStream().write(new byte[1000]);
                accepted.getInputStream().readNBytes(1);
                accepted.close();
                awaitEnd(socket);
            }
            EdgeWindow window = edges.take();
            NetworkEdge server = sums(window, e -> e.server() && e.port() == port).edge();
            NetworkEdge client = sums(window, e -> e.client() && e.port() == port).edge();
            assertThat(count(window, server, EdgeEvent.Kind.RESET_SENT, "TCP_ABORT_ON_CLOSE"))
                    .isEqualTo(1);
            assertThat(count(window, client, EdgeEvent.Kind.RESET_RECEIVED, "")).isEqualTo(1);
        }
    }

    @Test
    void datagramsAreSummedUp() throws Exception {
        try (NetworkEdges edges = NetworkEdges.open();
                DatagramSocket server = new DatagramSocket(new InetSocketAddress(LOOPBACK, 0));
                DatagramSocket client = new DatagramSocket()) {
            client.connect(LOOPBACK, server.getLocalPort());
            for (int i = 0; i < 4; i++) {
                client.send(new DatagramPacket(new byte[100], 100));
                server.receive(new DatagramPacket(new byte[200], 200));
            }
            EdgeWindow window = edges.take();
            EdgeSums sent =
                    sums(
                            window,
                            edge ->
                                    edge.udp()
                                            && edge.client()
                                            && edge.port() == server.getLocalPort());
            assertThat(sent.bytesSent()).isEqualTo(400);
            assertThat(sent.packetsSent()).isEqualTo(4);
            assertThat(
                            window.sums().stream()
                                    .filter(s -> s.edge().udp() && s.edge().pid() == SELF)
                                    .mapToLong(EdgeSums::bytesReceived)
                                    .sum())
                    .isEqualTo(400);
        }
    }

    private static void exchange(ServerSocket listener, int there, int back) throws Exception {
        try (Socket socket = new Socket(LOOPBACK, listener.getLocalPort());
                Socket accepted = listener.accept()) {
            Thread reader =
                    Thread.startVirtualThread(() -> {
                        try {
                            accepted.getInputStream().readNBytes(there);
                            accepted.getOutputStream().write(new byte[back]);
                            accepted.shutdownOutput();
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    });
            socket.getOutputStream().write(new byte[there]);
            socket.shutdownOutput();
            assertThat(readToEnd(socket)).isEqualTo(back);
            reader.join();
        }
    }

    /** By a reset, or by what came before it: both are an end. */
    private static void awaitEnd(Socket socket) {
        try {
            assertThat(readToEnd(socket)).isZero();
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    private static int readToEnd(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        return in.readAllBytes().length;
    }

    private static EdgeSums sums(EdgeWindow window, Predicate<NetworkEdge> which) {
        List<EdgeSums> found =
                window.sums().stream()
                        .filter(s -> s.edge().pid() == SELF && which.test(s.edge()))
                        .toList();
        assertThat(found).as("of %s", window.sums()).hasSize(1);
        return found.getFirst();
    }

    private static long count(
            EdgeWindow window, NetworkEdge edge, EdgeEvent.Kind kind, String name) {
        return window.events().stream()
                .filter(t -> t.event().edge().equals(edge))
                .filter(t -> t.event().kind() == kind && t.event().name().equals(name))
                .mapToLong(EdgeWindow.Times::count)
                .sum();
    }
}
