package io.flarepath.agent.samples;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Clients of our server: they send profiles and ask for flame graphs, for ever. */
final class RequestLoad implements AutoCloseable {
    private static final int SERVICES = 8;
    private static final int STACKS = 1_000;
    private static final int PROFILES = 32;
    private static final long PAUSE_NANOS = 10_000_000;

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI server;

    /** Made before: what the clients do takes time from the server. */
    private final List<String> profiles;

    private final List<Thread> clients = new ArrayList<>();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private volatile boolean closed;

    RequestLoad(URI server, int clients) {
        this.server = server;
        profiles = new Random(1).ints(PROFILES).mapToObj(RequestLoad::profile).toList();
        for (int i = 0; i < clients; i++) {
            Random random = new Random(i);
            this.clients.add(
                    Thread.ofPlatform().name("client-" + i).start(() -> askForEver(random)));
        }
    }

    private void askForEver(Random random) {
        while (!closed) {
            try {
                String service = "shop-" + random.nextInt(SERVICES);
                send(push(service, random));
                for (int i = 0; i < 3; i++) {
                    send(flameGraph(service));
                    send(get("/pyroscope/label-values?label=service_name&from=now-1h&until=now"));
                }
            } catch (IOException e) {
                // The server is there no more when the measurement is over.
                LockSupport.parkNanos(PAUSE_NANOS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void send(HttpRequest request) throws IOException, InterruptedException {
        int status = http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        (status == 200 ? answered : refused).incrementAndGet();
    }

    private static String profile(int seed) {
        Random random = new Random(seed);
        StringBuilder folded = new StringBuilder();
        for (int i = 0; i < STACKS; i++) {
            folded.append("main");
            int depth = 4 + random.nextInt(20);
            for (int level = 0; level < depth; level++) {
                folded.append(";shop.step").append(level).append('_').append(random.nextInt(6));
            }
            folded.append(' ').append(1 + random.nextInt(50)).append('\n');
        }
        return folded.toString();
    }

    private HttpRequest push(String service, Random random) {
        long now = System.currentTimeMillis() / 1000;
        String path =
                "/ingest?name=%s&format=folded&sampleRate=100&from=%d&until=%d"
                        .formatted(service, now - 10, now);
        return HttpRequest.newBuilder(server.resolve(path))
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString(profiles.get(random.nextInt(PROFILES))))
                .build();
    }

    private HttpRequest flameGraph(String service) {
        String selector = "{service_name=\"" + service + "\"}";
        return get(
                "/api/v1/flamegraph?from=now-1h&until=now"
                        + "&type=process_cpu:cpu:nanoseconds:cpu:nanoseconds&query="
                        + URLEncoder.encode(selector, StandardCharsets.UTF_8));
    }

    private HttpRequest get(String path) {
        return HttpRequest.newBuilder(server.resolve(path))
                .header("Accept-Encoding", "gzip")
                .build();
    }

    /** Requests that were answered with success. */
    long answered() {
        return answered.get();
    }

    /** Requests that were answered otherwise. */
    long refused() {
        return refused.get();
    }

    @Override
    public void close() {
        closed = true;
        try {
            for (Thread client : clients) {
                client.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        http.close();
    }
}
