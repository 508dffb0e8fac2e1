package io.flarepath.agent.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flarepath.agent.samples.Programs;
import io.flarepath.bpf.MessageReader;
import io.flarepath.bpf.ProgramTime;
import io.flarepath.bpf.RequestBytes;
import io.flarepath.bpf.RequestPart;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A real load on this kernel, above a budget that is small enough for it. */
@Tag("kernel")
@EnabledIfSystemProperty(
        named = "user.name",
        matches = "root",
        disabledReason = "loading programs needs root")
class CaptureBudgetKernelTest {
    private static final int RING_BYTES = 1 << 20;
    private static final double BUDGET = 0.002;
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir Path folder;

    @Test
    void aLoadAboveTheBudgetIsReadLessAndLaterAllOfItAgain() throws Exception {
        Path pingPong = Programs.compile("pingpong", folder);
        try (RequestBytes source =
                        RequestBytes.open(RING_BYTES, 0, EnumSet.allOf(RequestPart.class));
                CaptureBudget budget =
                        CaptureBudget.start(source, source::times, () -> 0, BUDGET, 50)) {
            Process load = new ProcessBuilder(pingPong.toString(), "100000000", "1000000").start();
            try {
                await().atMost(LONG).until(() -> budget.level() == CaptureLevel.L4);
            } finally {
                load.descendants().forEach(ProcessHandle::destroyForcibly);
                load.destroyForcibly().waitFor();
            }
            assertThat(budget.takeSampled()).isTrue();
            assertThat(budget.reason()).contains("requests.budget").contains("l4");
            assertThat(source.counters().leftOut()).isPositive();
            assertThat(source.times()).extracting(ProgramTime::name).contains("received");
            assertThat(budget.kernelNanos("received")).isPositive();
            await().atMost(LONG).until(() -> budget.level() == CaptureLevel.FULL);
            assertThat(budget.changes()).isGreaterThanOrEqualTo(8);
            assertThat(budget.reason()).isEmpty();
        }
    }

    @Test
    void ofSampledConnectionsSomeAreToldOfWholeAndTheOthersNotAtAll() throws Exception {
        int pid = (int) ProcessHandle.current().pid();
        try (RequestBytes source =
                        RequestBytes.open(RING_BYTES, 0, EnumSet.allOf(RequestPart.class));
                ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            source.tell(256, 4, true);
            int port = listener.getLocalPort();
            for (int i = 0; i < 100; i++) {
                try (Socket socket = new Socket(listener.getInetAddress(), port);
                        Socket accepted = listener.accept()) {
                    for (int times = 0; times < 3; times++) {
                        socket.getOutputStream().write(new byte[600]);
                        accepted.getInputStream().readNBytes(600);
                    }
                }
            }
            Set<Long> told = new HashSet<>();
            int messages = 0;
            ByteBuffer buffer = ByteBuffer.allocateDirect(RING_BYTES);
            MessageReader reader = new MessageReader();
            for (int bytes = source.drain(buffer, 0); bytes > 0; bytes = source.drain(buffer, 0)) {
                reader.wrap(buffer, bytes);
                while (reader.next()) {
                    boolean sent = !reader.isClosed() && !reader.isReceived();
                    if (sent
                            && reader.pid() == pid
                            && reader.peerPort() == port
                            && reader.captured() > 0) {
                        told.add(reader.socket());
                        assertThat(reader.captured()).isEqualTo(256);
                        messages++;
                    }
                }
            }
            assertThat(told).hasSizeBetween(5, 60);
            assertThat(messages).isEqualTo(3 * told.size());
            assertThat(source.counters().leftOut()).isPositive();
        }
    }
}
