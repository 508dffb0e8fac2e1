package io.flarepath.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.agent.samples.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the agent costs: the real process, with the launcher's flags, on this machine. Budgets stand
 * beside the figures. What else runs on the machine is sampled too and adds to the cost.
 */
@Tag("bench")
class AgentBench {
    private static final Duration WARM_UP = Duration.ofSeconds(25);
    private static final Duration MEASURED = Duration.ofSeconds(20);

    /**
     * Finding out what is new belongs to the start: tables of executables, the layout of JVMs. So
     * long it takes until each of the executables has had its turn.
     */
    private static final Duration UNTIL_KNOWN = Duration.ofSeconds(45);

    private static final Path STATISTICS = Path.of("/proc/sys/kernel/bpf_stats_enabled");
    private static final double CPU_BUDGET = 0.4;
    private static final double CPU_BUDGET_60 = 1.0;
    private static final double RSS_BUDGET = 120;
    private static final double RSS_BUDGET_60 = 160;
    private static final double MAPS_BUDGET = 64;
    private static final int EXECUTABLES = 200;

    /** A note of 20 bytes, type 3 (NT_GNU_BUILD_ID), owner GNU: the id follows. */
    private static final byte[] BUILD_ID_NOTE = {
        4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0
    };

    @TempDir Path folder;
    private final List<Process> started = new ArrayList<>();
    private List<String> programs = List.of();
    private String statisticsBefore = "0";

    /** What was measured on one load. Percent of all CPUs; MiB. */
    private record Cost(
            double bpf, double jvm, double nanos, double rss, double maps, long samples) {
        double all() {
            return bpf + jvm;
        }
    }

    @BeforeEach
    void countTimeOfBpfPrograms() throws IOException {
        statisticsBefore = Files.readString(STATISTICS).strip();
        Files.writeString(STATISTICS, "1");
    }

    @AfterEach
    void stop() throws Exception {
        stopLoad();
        Files.writeString(STATISTICS, statisticsBefore);
    }

    @Test
    void costOfTheAgent() throws Exception {
        System.out.printf(
                Locale.ROOT,
                "%-16s %8s %8s %8s %8s %9s %9s %9s  budget%n",
                "load",
                "samples",
                "BPF %",
                "JVM %",
                "all %",
                "BPF ns",
                "RSS MiB",
                "maps MiB");
        // Before the agent starts: the compiler is no part of the load.
        programs = distinct(Programs.compile("split", folder));
        Cost slow;
        try (AgentProcess agent = AgentProcess.start(folder.resolve("20"), 20)) {
            pause(WARM_UP);
            show("20 Hz idle", measure(agent), CPU_BUDGET, RSS_BUDGET);
            twoHotPrograms();
            slow = show("20 Hz busy", measure(agent), CPU_BUDGET, RSS_BUDGET);
            stopLoad();
        }
        Cost idle;
        Cost busy;
        Cost many;
        Cost jvms;
        try (AgentProcess agent = AgentProcess.start(folder.resolve("97"), 97)) {
            pause(WARM_UP);
            idle = show("97 Hz idle", measure(agent), CPU_BUDGET, RSS_BUDGET);
            twoHotPrograms();
            busy = show("97 Hz busy", measure(agent), CPU_BUDGET, RSS_BUDGET);
            stopLoad();
            sixtyProcesses();
            pause(UNTIL_KNOWN);
            many = show("97 Hz, 60 procs", measure(agent), CPU_BUDGET_60, RSS_BUDGET_60);
            stopLoad();
            tenJvms();
            pause(UNTIL_KNOWN);
            jvms = show("97 Hz, 10 JVMs", measure(agent), CPU_BUDGET_60, RSS_BUDGET_60);
            stopLoad();
        }
        ratio("agent_cpu_over_budget_97hz_busy", busy.all() / CPU_BUDGET);
        ratio("agent_cpu_over_budget_97hz_60", many.all() / CPU_BUDGET_60);
        ratio("agent_cpu_over_budget_97hz_jvms", jvms.all() / CPU_BUDGET_60);
        ratio("agent_cpu_97hz_over_20hz_busy", busy.all() / slow.all());
        ratio("agent_cpu_idle_over_busy_97hz", idle.all() / busy.all());
        ratio("agent_rss_over_budget_busy", busy.rss() / RSS_BUDGET);
        ratio("agent_rss_over_budget_60", many.rss() / RSS_BUDGET_60);
        ratio("agent_rss_over_budget_jvms", jvms.rss() / RSS_BUDGET_60);
        ratio("agent_maps_over_budget", many.maps() / MAPS_BUDGET);
        assertThat(busy.samples()).isPositive();
    }

    private static Cost measure(AgentProcess agent) throws Exception {
        AgentProcess.Reading before = agent.read();
        pause(MEASURED);
        AgentProcess.Reading after = agent.read();
        double wall = after.nanos() - before.nanos();
        double machine = wall * Runtime.getRuntime().availableProcessors() / 100;
        long samples = after.samples() - before.samples();
        double bpf = after.bpfNanos() - before.bpfNanos();
        return new Cost(
                bpf / machine,
                (after.jvmNanos() - before.jvmNanos()) / machine,
                bpf / Math.max(1, samples),
                after.rssBytes() / 1048576.0,
                after.mapBytes() / 1048576.0,
                samples);
    }

    private static Cost show(String load, Cost cost, double cpuBudget, double rssBudget) {
        System.out.printf(
                Locale.ROOT,
                "%-16s %8d %8.3f %8.3f %8.3f %9.0f %9.1f %9.1f  %.1f %%, %.0f and %.0f MiB%n",
                load,
                cost.samples(),
                cost.bpf(),
                cost.jvm(),
                cost.all(),
                cost.nanos(),
                cost.rss(),
                cost.maps(),
                cpuBudget,
                rssBudget,
                MAPS_BUDGET);
        return cost;
    }

    private static void ratio(String name, double value) {
        System.out.printf(Locale.ROOT, "RATIO %s %.3f%n", name, value);
    }

    private void twoHotPrograms() throws Exception {
        for (int i = 0; i < 2; i++) {
            started.add(new ProcessBuilder(programs.get(i)).start());
        }
    }

    /** So many executables, which differ in their build-id. */
    private List<String> distinct(Path program) throws IOException {
        byte[] bytes = Files.readAllBytes(program);
        int id = indexOf(bytes, BUILD_ID_NOTE) + BUILD_ID_NOTE.length;
        List<String> made = new ArrayList<>();
        for (int i = 0; i < EXECUTABLES; i++) {
            bytes[id] = (byte) i;
            Path file = folder.resolve("split-" + i);
            Files.write(file, bytes);
            if (!file.toFile().setExecutable(true)) {
                throw new IOException(file + " cannot be made executable");
            }
            made.add(file.toString());
        }
        return made;
    }

    private static int indexOf(byte[] bytes, byte[] wanted) {
        for (int i = 0; i + wanted.length <= bytes.length; i++) {
            if (Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        throw new IllegalStateException("the program has no build-id");
    }

    /** Ten JVMs that want to run, and start just now. */
    private void tenJvms() throws IOException {
        for (int i = 0; i < 10; i++) {
            ProcessBuilder builder =
                    new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                            "-Xmx64m",
                            "-XX:+UseSerialGC",
                            "-cp",
                            Path.of("target", "test-classes").toString(),
                            "io.flarepath.agent.samples.BusyMain",
                            "3600000");
            builder.environment().put("OTEL_SERVICE_NAME", "jvm-" + i);
            started.add(builder.start());
        }
    }

    /**
     * Sixty that want to run, of an executable each; one of the others after the other; and some
     * fifty execs a second.
     */
    private void sixtyProcesses() throws Exception {
        for (int i = 0; i < 60; i++) {
            ProcessBuilder builder = new ProcessBuilder(programs.get(i));
            builder.environment().put("OTEL_SERVICE_NAME", "service-" + i);
            started.add(builder.start());
        }
        started.add(new ProcessBuilder("sh", "-c", "while sleep 0.04; do /bin/true; done").start());
        String others =
                "while :; do for i in $(seq 60 %d); do timeout 0.1 '%s'/split-$i; done; done"
                        .formatted(EXECUTABLES - 1, folder);
        started.add(new ProcessBuilder("sh", "-c", others).start());
    }

    private void stopLoad() throws InterruptedException {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
        started.clear();
    }

    private static void pause(Duration duration) {
        long until = System.nanoTime() + duration.toNanos();
        for (long left = duration.toNanos(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
