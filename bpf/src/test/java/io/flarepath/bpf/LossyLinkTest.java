package io.flarepath.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two network namespaces with a link that drops each tenth packet on its way to the second. */
@Tag("kernel")
class LossyLinkTest {
    private static final String ADDRESS = "10.77.231.2";
    private static final int PORT = 7001;
    private static final long BYTES = 1_500_000;

    @TempDir Path directory;
    private final String here = "flp-a-" + ProcessHandle.current().pid();
    private final String there = "flp-b-" + ProcessHandle.current().pid();

    @BeforeEach
    void link() throws Exception {
        run("ip", "netns", "add", here);
        run("ip", "netns", "add", there);
        run(
                "ip", "link", "add", "a0", "netns", here, "type", "veth", "peer", "name", "b0",
                "netns", there);
        run("ip", "-n", here, "addr", "add", "10.77.231.1/24", "dev", "a0");
        run("ip", "-n", there, "addr", "add", ADDRESS + "/24", "dev", "b0");
        run("ip", "-n", here, "link", "set", "a0", "up");
        run("ip", "-n", there, "link", "set", "b0", "up");
    }

    @AfterEach
    void unlink() throws Exception {
        run("ip", "netns", "del", here);
        run("ip", "netns", "del", there);
    }

    /** The kernel's own count of the namespace, in which nothing else runs, is the oracle. */
    @Test
    void retransmitsAndDropsAreThoseOfTheKernel() throws Exception {
        dropEachTenth();
        Path talk = TestProgram.compile(directory, "talk").file();
        try (NetworkEdges edges = NetworkEdges.open()) {
            long before = retransmitted();
            Process sink = in(there, talk.toString(), "sink", "" + PORT);
            try (BufferedReader out =
                    new BufferedReader(
                            new InputStreamReader(sink.getInputStream(), StandardCharsets.UTF_8))) {
                assertThat(out.readLine()).isEqualTo("listening");
                Process client = in(here, talk.toString(), "say", ADDRESS, "" + PORT, "" + BYTES);
                assertThat(TestProgram.output(client)).isEqualTo("said\n");
                assertThat(client.waitFor()).isZero();
                assertThat(out.readLine()).isEqualTo("" + BYTES);
                assertThat(sink.waitFor()).isZero();

                EdgeWindow window = edges.take();
                EdgeSums said = of(window, (int) client.pid());
                EdgeSums heard = of(window, (int) sink.pid());
                assertThat(said.edge().client()).isTrue();
                assertThat(said.edge().peer()).isEqualTo(ADDRESS);
                assertThat(heard.edge().server()).isTrue();
                assertThat(heard.edge().peer()).isEqualTo("10.77.231.1");
                assertThat(said.bytesSent()).isEqualTo(BYTES);
                assertThat(heard.bytesReceived()).isEqualTo(BYTES);
                assertThat(said.retransmits()).isPositive().isEqualTo(retransmitted() - before);
                long drops =
                        window.events().stream()
                                .filter(t -> t.event().kind() == EdgeEvent.Kind.DROP)
                                .filter(t -> t.event().name().equals("TC_INGRESS"))
                                .mapToLong(EdgeWindow.Times::count)
                                .sum();
                assertThat(drops).as("of %s", window.events()).isPositive();
            } finally {
                sink.destroyForcibly();
            }
        }
    }

    @Test
    void whatCannotBeReachedFailsWithItsErrno() throws Exception {
        Path talk = TestProgram.compile(directory, "talk").file();
        try (NetworkEdges edges = NetworkEdges.open()) {
            run(
                    "ip",
                    "netns",
                    "exec",
                    here,
                    "sh",
                    "-c",
                    "echo 1 > /proc/sys/net/ipv4/tcp_syn_retries");
            Process refused = in(here, talk.toString(), "say", ADDRESS, "7999", "1");
            Process absent = in(here, talk.toString(), "say", "10.77.231.9", "7999", "1");
            assertThat(TestProgram.output(refused)).contains("Connection refused");
            assertThat(TestProgram.output(absent)).contains("timed out");
            EdgeWindow window = edges.take();
            assertThat(failure(window, refused)).isEqualTo("ECONNREFUSED 10.77.231.2 1");
            assertThat(failure(window, absent)).isEqualTo("ETIMEDOUT 10.77.231.9 1");
        }
    }

    private static String failure(EdgeWindow window, Process process) {
        List<EdgeWindow.Times> failures =
                window.events().stream()
                        .filter(t -> t.event().edge().pid() == process.pid())
                        .filter(t -> t.event().kind() == EdgeEvent.Kind.CONNECT_FAILURE)
                        .toList();
        assertThat(failures).as("of %s", window.events()).hasSize(1);
        EdgeWindow.Times one = failures.getFirst();
        return one.event().name() + " " + one.event().edge().peer() + " " + one.count();
    }

    private static EdgeSums of(EdgeWindow window, int pid) {
        List<EdgeSums> found =
                window.sums().stream()
                        .filter(s -> s.edge().pid() == pid && !s.edge().peer().isEmpty())
                        .toList();
        assertThat(found).as("of %s", window.sums()).hasSize(1);
        return found.getFirst();
    }

    private void dropEachTenth() throws Exception {
        Path source = directory.resolve("drop.bpf.c");
        try (var in = getClass().getResourceAsStream("/programs/drop.bpf.c")) {
            assertThat(in).isNotNull();
            Files.copy(in, source);
        }
        Path object = directory.resolve("drop.o");
        run(
                "clang",
                "-g",
                "-O2",
                "-target",
                "bpf",
                "-I/usr/include/x86_64-linux-gnu",
                "-c",
                source.toString(),
                "-o",
                object.toString());
        run("ip", "netns", "exec", there, "tc", "qdisc", "add", "dev", "b0", "clsact");
        run(
                "ip",
                "netns",
                "exec",
                there,
                "tc",
                "filter",
                "add",
                "dev",
                "b0",
                "ingress",
                "bpf",
                "da",
                "obj",
                object.toString(),
                "sec",
                "tc");
    }

    /** RetransSegs of the namespace. */
    private long retransmitted() throws Exception {
        List<String[]> lines =
                run("ip", "netns", "exec", here, "cat", "/proc/net/snmp")
                        .lines()
                        .filter(line -> line.startsWith("Tcp:"))
                        .map(line -> line.split(" "))
                        .toList();
        int column = List.of(lines.getFirst()).indexOf("RetransSegs");
        return Long.parseLong(lines.getLast()[column]);
    }

    private static Process in(String namespace, String... command) throws Exception {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        all.addAll(List.of(command));
        return new ProcessBuilder(all).redirectErrorStream(true).start();
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = TestProgram.output(process);
        assertThat(process.waitFor()).as("%s: %s", List.of(command), output).isZero();
        return output;
    }
}
