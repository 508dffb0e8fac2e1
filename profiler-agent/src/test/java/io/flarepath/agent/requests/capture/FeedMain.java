package io.flarepath.agent.requests.capture;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.flarepath.agent.requests.Connections;
import io.flarepath.agent.requests.named.CallNames;
import io.flarepath.agent.requests.red.RequestMetrics;
import io.flarepath.bpf.MessageReader;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;

/**
 * Reads the same messages again and again, as they come from the kernel while many connections are
 * used, and prints how many of them a second of CPU takes: {@code FeedMain PROTOCOL SECONDS}.
 */
final class FeedMain {
    private static final int CONNECTIONS = 64;
    private static final int ROUNDS_OF_A_BATCH = 40;

    private static final String HTTP_REQUEST =
            """
            GET /api/orders HTTP/1.1
            Host: 127.0.0.1:8080
            User-Agent: wrk
            Accept: */*

            """;
    private static final String HTTP_ANSWER =
            """
            HTTP/1.1 200 OK
            Server: nginx/1.22.1
            Date: Sun, 29 Nov 2026 12:00:00 GMT
            Content-Type: text/plain
            Content-Length: 8
            Last-Modified: Sun, 29 Nov 2026 11:00:00 GMT
            Connection: keep-alive
            ETag: "6a1b2c3d-64"
            Accept-Ranges: bytes

            Answer
            """;
    private static final String REDIS_REQUEST =
            """
            *3
            $3
            SET
            $16
            key:000000000001
            $3
            xxx
            """;

    private final MessageRecords records = new MessageRecords(4 << 20);
    private final byte[] request;
    private final byte[] answer;
    private final long[] asked = new long[CONNECTIONS];
    private final long[] answered = new long[CONNECTIONS];
    private long nanos = 1_000_000_000L;

    private FeedMain(String request, String answer) {
        this.request = request.replace("\n", "\r\n").getBytes(US_ASCII);
        this.answer = answer.replace("\n", "\r\n").getBytes(US_ASCII);
    }

    public static void main(String[] arguments) {
        FeedMain feed =
                arguments[0].equals("redis")
                        ? new FeedMain(REDIS_REQUEST, "+OK\n")
                        : new FeedMain(HTTP_REQUEST, HTTP_ANSWER);
        feed.run(Long.parseLong(arguments[1]) * 1_000_000_000L);
    }

    private void run(long duration) {
        CallNames names = new CallNames(List.of());
        RequestMetrics metrics = new RequestMetrics();
        Connections connections =
                new Connections(call -> metrics.record(names.of(call)), key -> {});
        MessageFeed feed = new MessageFeed(connections, pid -> true, key -> {});
        MessageReader reader = new MessageReader();
        var clock = ManagementFactory.getThreadMXBean();
        long began = System.nanoTime();
        for (int second = 1; System.nanoTime() - began < duration; second++) {
            long messages = 0;
            long used = 0;
            while (System.nanoTime() - began < second * 1_000_000_000L) {
                int count = fill();
                long before = clock.getCurrentThreadCpuTime();
                feed.take(reader.wrap(records.buffer, records.buffer.position()));
                used += clock.getCurrentThreadCpuTime() - before;
                messages += count;
            }
            long calls =
                    metrics.take().stream()
                            .filter(p -> p.name().endsWith(".duration"))
                            .mapToLong(p -> p.count())
                            .sum();
            System.out.printf(
                    Locale.ROOT,
                    "second %d: %.0f messages a second of CPU, %d of %d read%n",
                    second,
                    messages * 1e9 / used,
                    calls * 2,
                    messages);
        }
    }

    /** Requests on all connections, then their answers, and again; each a message. */
    private int fill() {
        records.buffer.clear();
        int count = 0;
        for (int round = 0; round < ROUNDS_OF_A_BATCH; round++) {
            for (int i = 0; i < CONNECTIONS; i++) {
                nanos += 1_000;
                records.message(i, true, asked[i], nanos, request);
                asked[i] += request.length;
                count++;
            }
            for (int i = 0; i < CONNECTIONS; i++) {
                nanos += 1_000;
                records.message(i, false, answered[i], nanos, answer);
                answered[i] += answer.length;
                count++;
            }
        }
        return count;
    }
}
