package io.flarepath.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A server under load for a long time: several tenants, services and pods, retries, names that
 * never come again, and questions all the while. Its memory stays within its budget and does not
 * grow, its file descriptors do not, and at the end every total is that of the ledger. {@code
 * ./flarepath soak} runs it.
 */
@Tag("bench")
@Timeout(value = 13, unit = java.util.concurrent.TimeUnit.HOURS)
class Soak {
    private static final double MINUTES = Double.parseDouble(System.getProperty("minutes", "60"));
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final long BUDGET_MIB = Long.getLong("budget", 1024);

    /** Shorter runs end before the heap has settled. */
    private static final double MINUTES_FOR_TREND = 10;

    /** What grows by less is the allocator's and the collector's. */
    private static final long MIB_OF_NOISE = 48;

    /** RocksDB keeps 256 files open; the rest are jars, sockets and logs. */
    private static final long MOST_DESCRIPTORS = 600;

    private static final int CLIENTS = 3;
    private static final int ASKERS = 2;
    private static final int TENANTS = 3;
    private static final int SERVICES = 4;
    private static final int PODS = 6;
    private static final long PERIOD_NANOS = 10_000_000;
    private static final String TYPE = "process_cpu:cpu:nanoseconds:cpu:nanoseconds";

    private final long began = System.nanoTime();
    private final long end = began + (long) (MINUTES * 60e9);
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Map<String, AtomicLong> ledger = new ConcurrentSkipListMap<>();
    private final Map<String, AtomicLong> refusals = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Long> acks = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Long> answers = new ConcurrentLinkedQueue<>();
    private final AtomicLong rows = new AtomicLong();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();

    /** What the server took at a moment. */
    private record Reading(long rssMib, long descriptors) {}

    @Test
    void memoryStaysWithinItsBudgetAndTotalsAreExact() throws Exception {
        System.out.printf(Locale.ROOT, "soak: %.1f minutes, seed %d%n", MINUTES, SEED);
        try (Flarepath flarepath = new Flarepath()) {
            flarepath.with("FLAREPATH_MULTITENANCY", "true");
            Process server = flarepath.startServer();
            long pid = Flarepath.jvm(server).pid();
            List<Thread> threads = new ArrayList<>();
            for (int number = 0; number < CLIENTS; number++) {
                Random random = new Random(SEED * 31 + number);
                int client = number;
                threads.add(thread(() -> push(flarepath.url(), random, client)));
            }
            for (int number = 0; number < ASKERS; number++) {
                Random random = new Random(SEED * 37 + number);
                threads.add(thread(() -> ask(flarepath.url(), random)));
            }
            List<Reading> readings = read(pid);
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(failures).isEmpty();
            report(flarepath, readings);
            check(flarepath, readings);
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    private Thread thread(Work work) {
        return Thread.ofPlatform()
                .start(() -> {
                    try {
                        work.run();
                    } catch (Exception | AssertionError e) {
                        failures.add(e);
                    }
                });
    }

    private boolean goesOn() {
        return System.nanoTime() < end && failures.isEmpty();
    }

    private void push(String url, Random random, int number) throws Exception {
        long second = System.currentTimeMillis() / 1000 - 3_600;
        long sent = 0;
        while (goesOn()) {
            String tenant = "tenant" + random.nextInt(TENANTS);
            String service = "service" + random.nextInt(SERVICES);
            String pod = "pod" + number + "-" + random.nextInt(PODS);
            StringBuilder body = new StringBuilder();
            long samples = 0;
            int stacks = 50 + random.nextInt(200);
            for (int i = 0; i < stacks; i++) {
                int count = 1 + random.nextInt(5);
                samples += count;
                body.append(stack(random)).append(' ').append(count).append('\n');
            }
            // No faster than the clock, so that nothing is ahead of it.
            long start = second + sent / 50;
            String path =
                    "/ingest?name="
                            + Flarepath.encode(
                                    service + ".cpu{pod=" + pod + ",n=" + sent % 50 + "}")
                            + "&format=folded&sampleRate=100&from="
                            + start
                            + "&until="
                            + (start + 10);
            int status = upload(url + path, tenant, body.toString());
            if (status == 200) {
                rows.addAndGet(stacks);
                ledger.computeIfAbsent(tenant + " " + service, key -> new AtomicLong())
                        .addAndGet(samples * PERIOD_NANOS);
                if (random.nextInt(50) == 0) {
                    // Counts once, like the upload of a client that did not hear the answer.
                    assertThat(upload(url + path, tenant, body.toString())).isEqualTo(200);
                }
            }
            sent++;
            Thread.sleep(20);
        }
    }

    private static String stack(Random random) {
        StringBuilder stack = new StringBuilder("main");
        for (int depth = 2 + random.nextInt(20); depth > 0; depth--) {
            int frame = (int) (40 * Math.pow(random.nextDouble(), 3));
            stack.append(";io/shop/Step").append(frame).append(".run");
        }
        if (random.nextInt(200) == 0) {
            stack.append(";Generated").append(random.nextLong() & Long.MAX_VALUE);
        }
        return stack.toString();
    }

    private int upload(String url, String tenant, String body) throws Exception {
        long sent = System.nanoTime();
        HttpResponse<String> answer =
                send(
                        HttpRequest.newBuilder(URI.create(url))
                                .header("X-Scope-OrgID", tenant)
                                .POST(HttpRequest.BodyPublishers.ofString(body)));
        if (answer.statusCode() == 200) {
            acks.add(System.nanoTime() - sent);
        } else {
            // Too much at once is an answer; a fault of the server is not.
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(429);
            refusals.computeIfAbsent("429", key -> new AtomicLong()).incrementAndGet();
        }
        return answer.statusCode();
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(
                request.timeout(Duration.ofMinutes(1)).build(),
                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    private void ask(String url, Random random) throws Exception {
        while (goesOn()) {
            String tenant = "tenant" + random.nextInt(TENANTS);
            String query =
                    "&type="
                            + TYPE
                            + "&query="
                            + Flarepath.encode(
                                    "{service_name=\"service" + random.nextInt(SERVICES) + "\"}");
            String range = "?from=now-" + (5 + random.nextInt(120)) + "m&until=now";
            String path =
                    switch (random.nextInt(4)) {
                        case 0 -> "/api/v1/services" + range + "&points=60";
                        case 1 -> "/api/v1/series" + range + "&points=60&groupBy=pod" + query;
                        case 2 -> "/api/v1/labels" + range;
                        default -> "/api/v1/flamegraph" + range + query;
                    };
            long sent = System.nanoTime();
            HttpResponse<String> answer = get(url + path, tenant);
            assertThat(answer.statusCode()).as(path + answer.body()).isEqualTo(200);
            answers.add(System.nanoTime() - sent);
            Thread.sleep(100);
        }
    }

    private HttpResponse<String> get(String url, String tenant) throws Exception {
        return send(HttpRequest.newBuilder(URI.create(url)).header("X-Scope-OrgID", tenant));
    }

    /** A reading a second until the load ends. */
    private List<Reading> read(long pid) throws Exception {
        List<Reading> readings = new ArrayList<>();
        while (goesOn()) {
            Thread.sleep(1_000);
            readings.add(reading(pid));
        }
        return readings;
    }

    private static Reading reading(long pid) throws IOException {
        Path process = Path.of("/proc", Long.toString(pid));
        Matcher rss =
                Pattern.compile("VmRSS:\\s+(\\d+) kB")
                        .matcher(Files.readString(process.resolve("status")));
        assertThat(rss.find()).as("the server runs").isTrue();
        try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
            return new Reading(Long.parseLong(rss.group(1)) / 1024, descriptors.count());
        }
    }

    private static long median(List<Reading> readings, ToLongFunction<Reading> what) {
        return readings.stream()
                .mapToLong(what)
                .sorted()
                .skip(readings.size() / 2)
                .findFirst()
                .orElseThrow();
    }

    private static List<Reading> third(List<Reading> readings, int number) {
        int size = readings.size();
        return readings.subList(size * number / 3, size * (number + 1) / 3);
    }

    private static double millis(ConcurrentLinkedQueue<Long> nanos, double part) {
        long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        return sorted.length == 0 ? 0 : sorted[(int) (part * (sorted.length - 1))] / 1e6;
    }

    private void report(Flarepath flarepath, List<Reading> readings) throws Exception {
        System.out.printf(
                Locale.ROOT,
                "soak: %d uploads of %d rows, %d refused; ack p50 %.1f ms, p99 %.1f ms%n",
                acks.size(),
                rows.get(),
                refusals.values().stream().mapToLong(AtomicLong::get).sum(),
                millis(acks, 0.5),
                millis(acks, 0.99));
        System.out.printf(
                Locale.ROOT,
                "soak: %d questions, p50 %.1f ms, p99 %.1f ms%n",
                answers.size(),
                millis(answers, 0.5),
                millis(answers, 0.99));
        System.out.printf(
                Locale.ROOT,
                "soak: RSS at most %d MiB of %d; medians of the thirds %d, %d, %d MiB%n",
                readings.stream().mapToLong(Reading::rssMib).max().orElse(0),
                BUDGET_MIB,
                median(third(readings, 0), Reading::rssMib),
                median(third(readings, 1), Reading::rssMib),
                median(third(readings, 2), Reading::rssMib));
        System.out.printf(
                Locale.ROOT,
                "soak: descriptors %d, %d, %d; %d bytes on disk%n",
                median(third(readings, 0), Reading::descriptors),
                median(third(readings, 1), Reading::descriptors),
                median(third(readings, 2), Reading::descriptors),
                (long) metric(flarepath, "flarepath_store_disk_bytes"));
    }

    private double metric(Flarepath flarepath, String name) throws Exception {
        Matcher line =
                Pattern.compile("(?m)^" + name + " (\\S+)$")
                        .matcher(get(flarepath.url() + "/metrics", "tenant0").body());
        assertThat(line.find()).as(name).isTrue();
        return Double.parseDouble(line.group(1));
    }

    private void check(Flarepath flarepath, List<Reading> readings) throws Exception {
        assertThat(readings).hasSizeGreaterThan(10);
        assertThat(acks).hasSizeGreaterThan((int) (MINUTES * 60));
        assertThat(answers).hasSizeGreaterThan((int) (MINUTES * 10));
        assertThat(readings.stream().mapToLong(Reading::rssMib).max().orElseThrow())
                .as("MiB of memory")
                .isLessThanOrEqualTo(BUDGET_MIB);
        assertThat(readings.stream().mapToLong(Reading::descriptors).max().orElseThrow())
                .as("file descriptors")
                .isLessThanOrEqualTo(MOST_DESCRIPTORS);
        if (MINUTES >= MINUTES_FOR_TREND) {
            assertThat(median(third(readings, 2), Reading::rssMib))
                    .as("growth of memory")
                    .isLessThanOrEqualTo(
                            median(third(readings, 1), Reading::rssMib) * 11 / 10 + MIB_OF_NOISE);
        }
        Waiting.until(
                "nothing native of the store is in use when nobody asks",
                Duration.ofSeconds(30),
                () -> {
                    try {
                        return metric(flarepath, "flarepath_store_reads_open") == 0;
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
        assertThat(metric(flarepath, "flarepath_store_corrupt_values_total")).isZero();
        checkTotals(flarepath);
    }

    private void checkTotals(Flarepath flarepath) throws Exception {
        assertThat(ledger).hasSize(TENANTS * SERVICES);
        for (Map.Entry<String, AtomicLong> each : ledger.entrySet()) {
            String[] names = each.getKey().split(" ", -1);
            HttpResponse<String> answer =
                    get(
                            flarepath.url()
                                    + "/api/v1/flamegraph?from=now-30d&until=now&type="
                                    + TYPE
                                    + "&query="
                                    + Flarepath.encode("{service_name=\"" + names[1] + "\"}"),
                            names[0]);
            assertThat(new ObjectMapper().readTree(answer.body()).path("total").asLong())
                    .as("total of %s, seed %d", each.getKey(), SEED)
                    .isEqualTo(each.getValue().get());
        }
        System.out.printf(
                Locale.ROOT, "soak: all %d totals are those of the ledger%n", ledger.size());
    }
}
