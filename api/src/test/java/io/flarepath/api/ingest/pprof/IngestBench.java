package io.flarepath.api.ingest.pprof;

import static org.assertj.core.api.Assertions.assertThat;

import io.flarepath.api.ingest.MemoryStore;
import io.flarepath.api.ingest.PprofWriter;
import io.flarepath.api.ingest.TestServer;
import io.flarepath.api.ingest.upload.InflatedInput;
import io.flarepath.api.ingest.upload.LabelRules;
import io.flarepath.api.ingest.upload.StackRules;
import io.flarepath.api.ingest.upload.UploadClock;
import io.flarepath.api.ingest.upload.UploadMemory;
import io.flarepath.api.server.Limits;
import io.flarepath.api.server.MemoryBudget;
import io.flarepath.store.RocksDbProfileStore;
import io.flarepath.store.StoreOptions;
import io.flarepath.store.profile.Profile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What it costs to take pprofs. CPU is that of one thread, as a ratio to inflating the same bytes
 * and doing nothing with them: ratios hold on other machines, megabytes a second do not.
 */
@Tag("bench")
class IngestBench {
    private static final int ROUNDS = 400;
    private static final int CONNECTIONS = 64;

    /**
     * So many uploads of stacks that share nothing take 0.6 M nodes, a dictionary is full at 1 M.
     */
    private static final int UPLOADS_A_SERVICE = 16;

    private final long now = UploadClock.systemNanos();
    private final UploadClock clock = new UploadClock(UploadClock::systemNanos, Duration.ofDays(7));
    private final PprofDecoder decoder =
            new PprofDecoder(new LabelRules(Limits.DEFAULT), new StackRules(Limits.DEFAULT), clock);
    private final MemoryBudget budget = new MemoryBudget("uploads", 256L << 20);

    /** Shaped as Go writes CPU profiles: 1,500 samples of 25 frames out of 800 functions. */
    private byte[] generated(int seed) {
        Random random = new Random(seed);
        return generated(seed, () -> stack(random), random);
    }

    /** The same of a program that runs on: its samples are of 4,000 stacks, some of them hot. */
    private byte[] ofOneProgram(int seed) {
        Random random = new Random(seed);
        return generated(
                seed,
                () -> STACKS.get((int) (STACKS.size() * Math.pow(random.nextDouble(), 2))),
                random);
    }

    private static final List<long[]> STACKS = stacks();

    private static List<long[]> stacks() {
        Random random = new Random(99);
        return IntStream.range(0, 4_000).mapToObj(i -> stack(random)).toList();
    }

    private static long[] stack(Random random) {
        long[] stack = new long[10 + random.nextInt(30)];
        for (int i = 0; i < stack.length; i++) {
            stack[i] = 1L + random.nextInt(stack.length * 20);
        }
        return stack;
    }

    /**
     * The same of a program that has just begun: all stacks are new, each leaves an earlier one.
     */
    private byte[] ofNewProgram(int seed) {
        Random random = new Random(seed);
        List<long[]> known = new ArrayList<>();
        return generated(
                seed,
                () -> {
                    long[] stack = stack(random);
                    long[] base = known.isEmpty() ? stack : known.get(random.nextInt(known.size()));
                    int shared = Math.min(base.length, stack.length - 1 - random.nextInt(8));
                    for (int up = 1; up <= shared; up++) {
                        stack[stack.length - up] = base[base.length - up];
                    }
                    known.add(stack);
                    return stack;
                },
                random);
    }

    private byte[] generated(int seed, Supplier<long[]> stacks, Random random) {
        PprofWriter pprof =
                new PprofWriter()
                        .sampleType("samples", "count")
                        .sampleType("cpu", "nanoseconds")
                        .period("cpu", "nanoseconds", 10_000_000)
                        .time(now + seed, 10_000_000_000L)
                        .mapping(1, 0x400000, 0, "/usr/bin/app", "abcdef");
        for (int s = 0; s < 1_500; s++) {
            long[] stack = stacks.get();
            int count = 1 + random.nextInt(5);
            pprof.sample(stack, count, count * 10_000_000L);
        }
        for (int i = 1; i <= 800; i++) {
            pprof.location(i, 1, 0x400000 + 16L * i, i);
            pprof.function(
                    i,
                    "github.com/shop/checkout/internal.(*Cart).step" + i,
                    "/src/f" + i % 90 + ".go");
        }
        return pprof.bytes();
    }

    private List<Profile> decode(byte[] gzip) throws IOException {
        return decode(gzip, "x");
    }

    private List<Profile> decode(byte[] gzip, String service) throws IOException {
        PprofRequest request =
                new PprofRequest(
                        Map.of("service_name", service), "gospy", now, now, true, Map.of());
        try (UploadMemory memory = new UploadMemory(budget);
                InputStream in = InflatedInput.sniffed(new ByteArrayInputStream(gzip), 1 << 28)) {
            return decoder.decode(in, request, memory).profiles();
        }
    }

    private static long gunzip(byte[] gzip) throws IOException {
        try (InputStream in = InflatedInput.sniffed(new ByteArrayInputStream(gzip), 1 << 28)) {
            byte[] buffer = new byte[64 << 10];
            long sum = 0;
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                sum += n;
            }
            return sum;
        }
    }

    /** CPU nanoseconds of this thread for one round, after as many to warm up. */
    private static double cpuNanos(Callable<?> work) throws Exception {
        long best = Long.MAX_VALUE;
        for (int repeat = 0; repeat < 4; repeat++) {
            long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            for (int i = 0; i < ROUNDS / 4; i++) {
                work.call();
            }
            best =
                    Math.min(
                            best,
                            ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before);
        }
        return best / (ROUNDS / 4.0);
    }

    @Test
    void cpuOfDecodingAndStoring(@TempDir Path folder) throws Exception {
        byte[] raw = generated(1);
        byte[] gzip = PprofWriter.gzip(raw);
        double gunzip = cpuNanos(() -> gunzip(gzip));
        double decode = cpuNanos(() -> decode(gzip));
        double unshared = storing(folder.resolve("u"), this::generated, true) / gunzip;
        byte[] begun = ofNewProgram(1);
        byte[] begunPacked = PprofWriter.gzip(begun);
        double begunGunzip = cpuNanos(() -> gunzip(begunPacked));
        double fresh = storing(folder.resolve("n"), this::ofNewProgram, true);
        byte[] sample = ofOneProgram(1);
        byte[] packed = PprofWriter.gzip(sample);
        double inflate = cpuNanos(() -> gunzip(packed));
        double known = storing(folder.resolve("k"), this::ofOneProgram, false);
        System.out.printf(
                "of a program that runs on: %,d bytes raw; decode and store %.0f MB a CPU second%n",
                sample.length, sample.length * 1e3 / known);
        System.out.printf("RATIO ingest-known-to-gunzip %.2f%n", known / inflate);
        System.out.printf(
                "of programs that have just begun: %,d bytes raw; decode and store %.0f MB a CPU"
                        + " second%n",
                begun.length, begun.length * 1e3 / fresh);
        System.out.printf("RATIO ingest-new-to-gunzip %.2f%n", fresh / begunGunzip);
        System.out.printf(
                "pprof of %,d bytes raw, %,d gzip; a CPU second: gunzip %.0f MB, decode %.0f MB,"
                        + " decode and store stacks that share nothing %.0f MB%n",
                raw.length,
                gzip.length,
                raw.length * 1e3 / gunzip,
                raw.length * 1e3 / decode,
                raw.length * 1e3 / (unshared * gunzip));
        System.out.printf("RATIO ingest-decode-to-gunzip %.2f%n", decode / gunzip);
        System.out.printf("RATIO ingest-unshared-to-gunzip %.2f%n", unshared);
        assertThat(decode).isPositive();
    }

    /**
     * CPU nanoseconds of decoding and storing an upload.
     *
     * @param anew whether a new service begins before its dictionary is full
     */
    private double storing(Path folder, IntFunction<byte[]> pprofs, boolean anew) throws Exception {
        try (RocksDbProfileStore rocks =
                RocksDbProfileStore.open(folder, StoreOptions.defaults().withMinimumFreeBytes(0))) {
            List<byte[]> uploads =
                    IntStream.range(0, ROUNDS)
                            .mapToObj(i -> PprofWriter.gzip(pprofs.apply(i)))
                            .toList();
            int[] next = {0};
            return cpuNanos(() -> {
                int number = next[0]++;
                String service = anew ? "x" + number / UPLOADS_A_SERVICE : "x";
                return rocks.write("t", decode(uploads.get(number), service));
            });
        }
    }

    @Test
    void acknowledgementsAt64Connections(@TempDir Path folder) {
        List<byte[]> bodies =
                IntStream.range(0, 64).mapToObj(i -> PprofWriter.gzip(generated(i))).toList();
        print("memory store", latencies(new TestServer(new MemoryStore()), bodies));
        RocksDbProfileStore rocks =
                RocksDbProfileStore.open(
                        folder.resolve("s"), StoreOptions.defaults().withMinimumFreeBytes(0));
        print("RocksDB", latencies(new TestServer(rocks), bodies));
    }

    private static long[] latencies(TestServer server, List<byte[]> bodies) {
        try (server;
                ExecutorService clients = Executors.newFixedThreadPool(CONNECTIONS)) {
            List<CompletableFuture<long[]>> running = new ArrayList<>();
            for (int c = 0; c < CONNECTIONS; c++) {
                String path = TestServer.ingest("bench{pod=p" + c + "}");
                byte[] body = bodies.get(c);
                running.add(
                        CompletableFuture.supplyAsync(() -> client(server, path, body), clients));
            }
            return running.stream().flatMapToLong(r -> Arrays.stream(r.join())).sorted().toArray();
        }
    }

    private static long[] client(TestServer server, String path, byte[] body) {
        long[] nanos = new long[20];
        for (int i = 0; i < nanos.length; i++) {
            long started = System.nanoTime();
            assertThat(server.post(path, body).statusCode()).isEqualTo(200);
            nanos[i] = System.nanoTime() - started;
        }
        return nanos;
    }

    private static void print(String store, long[] nanos) {
        System.out.printf(
                "ack at %d connections, %s: p50 %.1f ms, p99 %.1f ms%n",
                CONNECTIONS,
                store,
                nanos[nanos.length / 2] / 1e6,
                nanos[nanos.length * 99 / 100] / 1e6);
    }
}
