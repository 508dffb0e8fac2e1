package io.flarepath.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What a server takes by HTTP: 256 connections post gzipped pprofs of four services, each its own
 * pod, first as fast as they are answered, then half as many. CPU is that of the server's process,
 * whatever it does besides; the last window of ten minutes is over, and put together, in the middle
 * of the second part. Every total is compared with what was sent.
 */
@Tag("bench")
class LoadBench {
    private static final int CONNECTIONS = 256;
    private static final int SERVICES = Integer.getInteger("services", 4);

    /** Different uploads of a service: the more, the longer each brings stacks that are new. */
    private static final int BODIES = Integer.getInteger("bodies", 64);

    private static final double SCALE = Double.parseDouble(System.getProperty("scale", "1"));
    private static final long SECOND = 1_000_000_000L;
    private static final long WARM_NANOS = (long) (20 * SCALE * SECOND);
    private static final long CLOSED_NANOS = (long) (30 * SCALE * SECOND);
    private static final long OFFERED_NANOS = (long) (60 * SCALE * SECOND);

    /** The server gives back what it took for a load when it has been over for a minute. */
    private static final long QUIET_NANOS = 100 * SECOND;

    /** Windows are put together two minutes after their end. */
    private static final long GRACE_NANOS = 120 * SECOND;

    private static final long WINDOW_NANOS = 600 * SECOND;

    private final List<List<GeneratedUploads.Upload>> bodies = new ArrayList<>();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();

    /** Nanoseconds by which the profiles' starts are behind the clock. */
    private long lag;

    /** What was sent and answered in a stretch of time. */
    private static final class Sent {
        private long uploads;
        private long rawBytes;
        private long packedBytes;
        private long rows;
        private final long[] nanosByService = new long[SERVICES];
        private final List<Long> acks = new ArrayList<>();

        private void add(int service, GeneratedUploads.Upload body, long took) {
            uploads++;
            rawBytes += body.rawBytes();
            packedBytes += body.packed().length;
            rows += body.rows();
            nanosByService[service] += body.nanos();
            acks.add(took);
        }

        private void add(Sent other) {
            uploads += other.uploads;
            rawBytes += other.rawBytes;
            packedBytes += other.packedBytes;
            rows += other.rows;
            Arrays.setAll(nanosByService, i -> nanosByService[i] + other.nanosByService[i]);
            acks.addAll(other.acks);
        }

        private double millis(double part) {
            long[] sorted = acks.stream().mapToLong(Long::longValue).sorted().toArray();
            return sorted[(int) (part * (sorted.length - 1))] / 1e6;
        }
    }

    @Test
    void uploadsOf256Connections() throws Exception {
        for (int service = 0; service < SERVICES; service++) {
            GeneratedUploads uploads = new GeneratedUploads(7 + service);
            List<GeneratedUploads.Upload> ofService = new ArrayList<>();
            for (int i = 0; i < BODIES; i++) {
                ofService.add(uploads.next());
            }
            bodies.add(ofService);
        }
        Sent all = new Sent();
        try (Flarepath flarepath = new Flarepath();
                Connections connections = new Connections(flarepath)) {
            ServerProcess server = new ServerProcess(Flarepath.jvm(flarepath.startServer()).pid());
            server.shareWeight();
            long middle =
                    System.currentTimeMillis() * 1_000_000
                            + WARM_NANOS
                            + CLOSED_NANOS
                            + OFFERED_NANOS / 3;
            lag = GRACE_NANOS + Math.floorMod(middle - GRACE_NANOS, WINDOW_NANOS);
            all.add(connections.post(WARM_NANOS, 0));
            double rate = measure("closed loop", all, server, connections, CLOSED_NANOS, 0);
            double half = rate / 2;
            measure("offered half", all, server, connections, OFFERED_NANOS, half);
            assertThat(failures).isEmpty();
            checkTotals(flarepath, all);
            System.out.printf(
                    Locale.ROOT,
                    "load: RSS of the server %d MiB at most, %d MiB at the end",
                    server.memoryMib("VmHWM"),
                    server.memoryMib("VmRSS"));
            Waiting.pass(Duration.ofNanos(QUIET_NANOS));
            System.out.printf(
                    Locale.ROOT,
                    ", %d MiB %d s later%n",
                    server.memoryMib("VmRSS"),
                    QUIET_NANOS / SECOND);
        }
    }

    /** Prints what came of some time of load, and returns uploads a second. */
    private double measure(
            String what,
            Sent all,
            ServerProcess server,
            Connections connections,
            long nanos,
            double rate)
            throws Exception {
        double before = server.cpuSeconds();
        double ownBefore = ServerProcess.OWN.cpuSeconds();
        long began = System.nanoTime();
        Sent sent = connections.post(nanos, rate);
        double seconds = (System.nanoTime() - began) / 1e9;
        double cpu = server.cpuSeconds() - before;
        all.add(sent);
        System.out.printf(
                Locale.ROOT,
                "load, %s: %d connections, %.1f uploads/s of %.0f rows, %.0f kB raw, %.0f kB"
                        + " gzip; CPU %.2f of the server, %.2f of the client; %.1f MB raw a CPU"
                        + " second of the server%n",
                what,
                CONNECTIONS,
                sent.uploads / seconds,
                (double) sent.rows / sent.uploads,
                sent.rawBytes / 1e3 / sent.uploads,
                sent.packedBytes / 1e3 / sent.uploads,
                cpu / seconds,
                (ServerProcess.OWN.cpuSeconds() - ownBefore) / seconds,
                sent.rawBytes / 1e6 / cpu);
        System.out.printf(
                Locale.ROOT,
                "load, %s: ack p50 %.1f ms, p90 %.1f ms, p99 %.1f ms, max %.1f ms; RSS %d MiB%n",
                what,
                sent.millis(0.5),
                sent.millis(0.9),
                sent.millis(0.99),
                sent.millis(1),
                server.memoryMib("VmRSS"));
        return sent.uploads / seconds;
    }

    /** Connections that are open all the time, each with a thread. */
    private final class Connections implements AutoCloseable {
        private final Flarepath flarepath;
        private final List<UploadConnection> open = new ArrayList<>();

        private Connections(Flarepath flarepath) {
            this.flarepath = flarepath;
        }

        /**
         * Posts for so long.
         *
         * @param rate uploads a second over all connections, whenever they are answered; 0: each
         *     connection as soon as it is answered
         */
        private Sent post(long nanos, double rate) throws Exception {
            while (open.size() < CONNECTIONS) {
                open.add(new UploadConnection(flarepath.url()));
            }
            long end = System.nanoTime() + nanos;
            List<Sent> sent = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int number = 0; number < CONNECTIONS; number++) {
                Sent own = new Sent();
                sent.add(own);
                int connection = number;
                threads.add(
                        Thread.ofPlatform()
                                .start(() -> {
                                    try {
                                        post(connection, end, rate, own);
                                    } catch (IOException | AssertionError e) {
                                        failures.add(e);
                                    }
                                }));
            }
            Sent all = new Sent();
            for (int i = 0; i < threads.size(); i++) {
                threads.get(i).join();
                all.add(sent.get(i));
            }
            return all;
        }

        /**
         * What waits longer than the pause between two uploads is measured from when it was due.
         */
        private void post(int number, long end, double rate, Sent sent) throws IOException {
            int service = number % SERVICES;
            SplittableRandom random = new SplittableRandom(number + end);
            long pause = rate == 0 ? 0 : (long) (SECOND * CONNECTIONS / rate);
            long due = System.nanoTime() + (long) (pause * random.nextDouble());
            while (due < end && failures.isEmpty()) {
                Waiting.pass(Duration.ofNanos(due - System.nanoTime()));
                GeneratedUploads.Upload body = bodies.get(service).get(random.nextInt(BODIES));
                long from = System.currentTimeMillis() * 1_000_000 - lag + number;
                int status =
                        open.get(number)
                                .post(
                                        "/ingest?name="
                                                + Flarepath.encode(
                                                        service(service) + "{pod=p" + number + "}")
                                                + "&spyName=gospy&from="
                                                + from
                                                + "&until="
                                                + (from + 10 * SECOND),
                                        body.packed());
                assertThat(status).isEqualTo(200);
                sent.add(service, body, System.nanoTime() - due);
                due = rate == 0 ? System.nanoTime() : due + pause;
            }
        }

        @Override
        public void close() throws IOException {
            for (UploadConnection each : open) {
                each.close();
            }
        }
    }

    private static String service(int number) {
        return "load" + number;
    }

    private static void checkTotals(Flarepath flarepath, Sent all) {
        for (int service = 0; service < SERVICES; service++) {
            JsonNode graph = flarepath.flameGraph("{service_name=\"" + service(service) + "\"}");
            assertThat(graph.path("total").asLong())
                    .as("total of %s", service(service))
                    .isEqualTo(all.nanosByService[service]);
        }
        System.out.printf(
                Locale.ROOT,
                "load: %d uploads, all %d totals are those that were sent%n",
                all.uploads,
                SERVICES);
    }

    /** What the kernel tells of a process. */
    private record ServerProcess(long pid) {
        private static final ServerProcess OWN = new ServerProcess(ProcessHandle.current().pid());

        /** User and system time; the kernel counts in hundredths for its readers (proc(5)). */
        private double cpuSeconds() {
            String stat = read("stat");
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
        }

        private long memoryMib(String field) {
            Matcher line = Pattern.compile(field + ":\\s+(\\d+) kB").matcher(read("status"));
            assertThat(line.find()).as(field).isTrue();
            return Long.parseLong(line.group(1)) / 1024;
        }

        /**
         * Gives it this program's own share of a machine where others run: the kernel weighs
         * sessions (sched(7), autogroup), and the server is in one of its own.
         */
        private void shareWeight() throws IOException {
            Path group = Path.of("/proc", Long.toString(pid), "autogroup");
            if (Files.isWritable(group)) {
                String nice = OWN.read("autogroup").strip().replaceAll(".* nice ", "");
                Files.writeString(group, nice);
            }
        }

        private String read(String file) {
            try {
                return Files.readString(Path.of("/proc", Long.toString(pid), file));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
