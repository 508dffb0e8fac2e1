package io.flarepath.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.bpf.RecordedEvents.Event;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The coming and going of processes. */
@Tag("kernel")
class ProcessEventsTest {
    @Test
    void lifeOfAProcessArrivesInOrder() throws Exception {
        try (Sampler sampler = Sampler.open(SamplerOptions.at(97))) {
            RecordedEvents events = new RecordedEvents(sampler);
            Process process = new ProcessBuilder("/bin/true").start();
            long pid = process.pid();
            events.until(() -> has(events, pid, EventKind.EXIT));
            List<Event> life = life(events.of(pid));

            assertThat(life.getFirst().kind()).isEqualTo(EventKind.FORK);
            assertThat(life.getFirst().parentPid()).isEqualTo(ProcessHandle.current().pid());
            assertThat(life.getLast().kind()).isEqualTo(EventKind.EXIT);
            int exec = lastExec(life);
            assertThat(life.get(exec).path()).isEqualTo("/bin/true");
            assertThat(life.get(exec).comm()).isEqualTo("true");
            List<Event> mappings = life.subList(exec + 1, life.size() - 1);
            assertThat(mappings).allMatch(event -> event.kind() == EventKind.MMAP);
            assertThat(mappings).anyMatch(event -> event.path().endsWith("/true"));
            assertThat(mappings).anyMatch(event -> event.path().contains("libc"));
            assertThat(life).isSortedAccordingTo(Comparator.comparingLong(Event::timeNanos));
        }
    }

    @Test
    void samplesOfAProgramHaveTheImageOfItsExec() throws Exception {
        String loop = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
        try (Sampler sampler = Sampler.open(SamplerOptions.at(997))) {
            RecordedEvents events = new RecordedEvents(sampler);
            Process process =
                    new ProcessBuilder("/bin/sh", "-c", loop + "; exec /bin/sh -c '" + loop + "'")
                            .start();
            events.until(() -> has(events, process.pid(), EventKind.EXIT));
            List<Event> all = new ArrayList<>(events.of(process.pid()));
            all.sort(Comparator.comparingLong(Event::timeNanos));
            Map<Long, Integer> samples = new LinkedHashMap<>();
            long image = 0;
            for (Event event : all) {
                if (event.kind() == EventKind.EXEC) {
                    image = event.image();
                    samples.put(image, 0);
                } else if (event.kind() == EventKind.SAMPLE && isWhole(event) && image != 0) {
                    assertThat(event.image()).isEqualTo(image);
                    samples.merge(image, 1, Integer::sum);
                }
            }
            assertThat(samples.values().stream().filter(count -> count > 20)).hasSize(2);
        }
    }

    /** Not of a process on its way from one program to the next. */
    private static boolean isWhole(Event sample) {
        return sample.stackEnd() != UserStackEnd.IN_EXEC
                && sample.stackEnd() != UserStackEnd.EXITING;
    }

    @Test
    void mappingsTellTheFile() throws Exception {
        try (Sampler sampler = Sampler.open(SamplerOptions.at(97))) {
            RecordedEvents events = new RecordedEvents(sampler);
            Process process = new ProcessBuilder("/bin/true").start();
            events.until(() -> has(events, process.pid(), EventKind.EXIT));
            Path file = Path.of("/bin/true").toRealPath();
            assertThat(events.of(process.pid()))
                    .filteredOn(event -> event.path().equals(file.toString()))
                    .hasSize(1)
                    .allSatisfy(event -> {
                        assertThat(event.inode()).isEqualTo(Files.getAttribute(file, "unix:ino"));
                        assertThat(event.end()).isGreaterThan(event.start());
                        assertThat(event.start() % 4096).isZero();
                    });
        }
    }

    @Test
    void theVariablesThatNameAServiceAreReadAtTheExec() throws Exception {
        String attributes = "service.version=1.2," + "a=b,".repeat(100) + "c=d";
        Map<String, String> few = Map.of("OTEL_SERVICE_NAME", "shop", "HOSTNAME", "shop-0");
        Map<String, String> many = new HashMap<>(few);
        for (int i = 0; i < 300; i++) {
            many.put("VARIABLE_" + i, "v".repeat(i));
        }
        many.put("OTEL_RESOURCE_ATTRIBUTES", attributes);
        many.put("HOSTNAMES", "not this one");
        many.put("FLAREPATH_PROFILE", "off");

        assertThat(environment(Map.of()).split("\0", -1)).containsExactlyInAnyOrder("");
        assertThat(environment(few).split("\0", -1))
                .containsExactlyInAnyOrder("OTEL_SERVICE_NAME=shop", "HOSTNAME=shop-0", "");
        assertThat(environment(many).split("\0", -1))
                .containsExactlyInAnyOrder(
                        "OTEL_SERVICE_NAME=shop",
                        "HOSTNAME=shop-0",
                        "OTEL_RESOURCE_ATTRIBUTES=" + attributes,
                        "FLAREPATH_PROFILE=off",
                        "");
    }

    @Test
    void aVariableThatIsTooLongIsNotTakenForWhole() throws Exception {
        assertThat(environment(Map.of("OTEL_SERVICE_NAME", "x".repeat(600)))).isEqualTo("?");
    }

    /** What is told of a program with this environment. */
    private static String environment(Map<String, String> environment) throws Exception {
        try (Sampler sampler = Sampler.open(SamplerOptions.at(97))) {
            RecordedEvents events = new RecordedEvents(sampler);
            ProcessBuilder builder = new ProcessBuilder("/bin/true");
            builder.environment().clear();
            builder.environment().putAll(environment);
            Process process = builder.start();
            events.until(() -> has(events, process.pid(), EventKind.EXIT));
            List<Event> life = life(events.of(process.pid()));
            return life.get(lastExec(life)).environment();
        }
    }

    @Test
    void aStormOfForksIsCountedAndBreaksNothing() throws Exception {
        try (Sampler sampler = Sampler.open(SamplerOptions.at(97))) {
            RecordedEvents events = new RecordedEvents(sampler);
            Process shell =
                    new ProcessBuilder(
                                    "/bin/sh",
                                    "-c",
                                    "i=0; while [ $i -lt 500 ]; do /bin/true & i=$((i+1)); done;"
                                            + " wait")
                            .start();
            events.until(() -> !shell.isAlive());
            List<Event> forks =
                    events.where(event ->
                            event.kind() == EventKind.FORK && event.parentPid() == shell.pid());
            SamplerStatistics statistics = sampler.statistics();
            System.out.println(statistics);
            assertThat(statistics.processEventsLost()).isZero();
            assertThat(statistics.mappingEventsLost()).isZero();
            assertThat(forks).hasSize(500);
            for (Event fork : forks) {
                List<Event> life = life(events.of(fork.pid()));
                assertThat(life.getFirst().kind()).isEqualTo(EventKind.FORK);
                assertThat(life.getLast().kind()).isEqualTo(EventKind.EXIT);
                int exec = lastExec(life);
                assertThat(life.subList(exec + 1, life.size()))
                        .anyMatch(event -> event.path().endsWith("/true"));
            }
        }
    }

    @Test
    void threadsAreNoProcesses() throws Exception {
        try (Sampler sampler = Sampler.open(SamplerOptions.at(97))) {
            RecordedEvents events = new RecordedEvents(sampler);
            Thread thread = new Thread(() -> {});
            thread.start();
            thread.join();
            events.drain(20);
            events.drain(20);
            assertThat(events.of(ProcessHandle.current().pid()))
                    .noneMatch(event -> event.kind() == EventKind.EXIT)
                    .noneMatch(event -> event.kind() == EventKind.FORK);
        }
    }

    private static boolean has(RecordedEvents events, long pid, EventKind kind) {
        return events.of(pid).stream().anyMatch(event -> event.kind() == kind);
    }

    private static List<Event> life(List<Event> all) {
        List<Event> life = new ArrayList<>(all);
        life.removeIf(event -> event.kind() == EventKind.SAMPLE);
        return life;
    }

    /** The JDK starts a process by way of a program of its own. */
    private static int lastExec(List<Event> life) {
        int exec = -1;
        for (int i = 0; i < life.size(); i++) {
            if (life.get(i).kind() == EventKind.EXEC) {
                exec = i;
            }
        }
        assertThat(exec).isNotNegative();
        return exec;
    }
}
