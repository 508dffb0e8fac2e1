package io.flarepath.agent.export;

import io.flarepath.agent.metrics.Counter;
import io.flarepath.agent.metrics.MetricRegistry;
import io.flarepath.agent.points.PointWindow;
import io.flarepath.agent.spans.ResourceSpans;
import io.flarepath.agent.window.WindowProfile;
import io.flarepath.agent.window.WindowSink;
import io.flarepath.config.Configuration;
import io.flarepath.config.Setting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Takes windows of samples and of points, and spans, and sees to it that they reach the server:
 * encoded at once, then in the queue on disk until they are acknowledged.
 */
public final class Exporter implements WindowSink, AutoCloseable {
    /**
     * The last level before the time grows, and within 2 % of the best: see {@code ExportBench}.
     */
    static final int GZIP_LEVEL = 4;

    /** Longest request with points or spans in bytes, before it is compressed. */
    static final int LONGEST = 4 << 20;

    private static final Duration FLUSH = Duration.ofSeconds(3);

    /** Between attempts to send; a server that can be reached again ends the wait. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private final String version;
    private final RequestEncoder encoder;
    private final DiskQueue queue;
    private final Uploader uploader;
    private final Counter taken;

    private Exporter(
            String version,
            RequestEncoder encoder,
            DiskQueue queue,
            Uploader uploader,
            MetricRegistry registry) {
        this.version = version;
        this.encoder = encoder;
        this.queue = queue;
        this.uploader = uploader;
        taken = registry.counter("window_samples_total", "Samples of all windows that have ended.");
    }

    /**
     * Opens the queue and starts to send what an earlier agent left in it.
     *
     * @param version of this agent, the version of the OTLP scope
     * @param http how to reach the server; stays the caller's to close
     */
    public static Exporter start(
            Configuration configuration, String version, HttpPost http, MetricRegistry registry) {
        DiskQueue queue =
                DiskQueue.open(
                        configuration.path(Setting.QUEUE_PATH),
                        configuration.bytes(Setting.QUEUE_SIZE),
                        registry);
        RetryDelay delay =
                new RetryDelay(InstantSource.system(), new SplittableRandom(), LONGEST_WAIT);
        Uploader uploader =
                new Uploader(configuration.url(Setting.SERVER), http, queue, delay, registry);
        RequestEncoder encoder = new RequestEncoder(version, GZIP_LEVEL);
        uploader.start();
        return new Exporter(version, encoder, queue, uploader, registry);
    }

    @Override
    public synchronized void accept(List<WindowProfile> profiles) {
        for (WindowProfile profile : profiles) {
            taken.add(profile.samples());
        }
        encoder.encode(profiles, this::put);
    }

    /** Sends profiles of any type, in the way of those of windows. */
    public void send(List<TypedProfile> profiles) {
        TypedEncoder typed = new TypedEncoder(version);
        for (TypedProfile profile : profiles) {
            for (EncodedRequest request : typed.encode(profile)) {
                put(request);
            }
        }
    }

    /** Sends the points of a window, in the way of profiles. */
    public void send(PointWindow window) {
        MetricsEncoder metrics = new MetricsEncoder(version, LONGEST);
        metrics.encode(window).forEach(this::put);
    }

    /** Sends single calls, in the way of profiles. */
    public void sendSpans(List<ResourceSpans> spans) {
        new SpanEncoder(version, LONGEST).encode(spans).forEach(this::put);
    }

    private synchronized void put(EncodedRequest request) {
        queue.put(request.payload(), request.body(), request.items());
        uploader.wake();
    }

    /** The server, which could not be reached, has answered: what waits is sent now. */
    public void serverIsBack() {
        uploader.serverIsBack();
    }

    /** Whether something waits to be sent now. */
    public boolean waiting() {
        return queue.size() > 0;
    }

    /** Why nothing can be kept or sent now, or empty. */
    public String trouble() {
        String disk = queue.trouble();
        return disk.isEmpty() ? uploader.trouble() : "queue.path: " + disk;
    }

    /** Sends what it can within 3 s; what is left is sent by the next agent. */
    @Override
    public synchronized void close() {
        try {
            uploader.close(FLUSH);
            queue.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close the queue", e);
        }
        encoder.close();
    }
}
