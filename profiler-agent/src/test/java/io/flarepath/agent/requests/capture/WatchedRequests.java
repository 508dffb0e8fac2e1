package io.flarepath.agent.requests.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flarepath.agent.points.ExponentialHistogram;
import io.flarepath.agent.points.HistogramValue;
import io.flarepath.agent.points.MetricPoint;
import io.flarepath.agent.processes.ProcessOwner;
import io.flarepath.agent.requests.log.CallLog;
import io.flarepath.agent.requests.tls.TlsFiles;
import io.flarepath.bpf.MessageCounters;
import io.flarepath.bpf.RequestPart;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntPredicate;

/** A watch over all requests of this machine, and the sum of what it saw. */
final class WatchedRequests implements AutoCloseable {
    private static final int RING_BYTES = 32 << 20;

    final RequestWatch watch;
    final TlsFiles files;
    private final List<MetricPoint> points = new ArrayList<>();

    WatchedRequests() {
        this(StreamView.usual());
    }

    WatchedRequests(StreamView view) {
        this(view, new CallLog(0, 0), pid -> true);
    }

    /**
     * A watch that keeps single calls.
     *
     * @param told of which processes it tells
     */
    WatchedRequests(CallLog log, IntPredicate told) {
        this(StreamView.usual(), log, told);
    }

    private WatchedRequests(StreamView view, CallLog log, IntPredicate told) {
        watch =
                RequestWatch.start(
                        view.open(RING_BYTES, EnumSet.allOf(RequestPart.class)),
                        List.of(),
                        log,
                        pid -> CompletableFuture.completedFuture(owner(pid, told.test(pid))));
        files = TlsFiles.start(watch.source());
    }

    private static ProcessOwner owner(int pid, boolean told) {
        return new ProcessOwner(
                told ? new TreeMap<>(Map.of("service.name", "process-" + pid)) : null, true);
    }

    /**
     * Calls so far by a label.
     *
     * @param metric whose calls
     * @param label by which they are told apart
     * @param port of the server; others are left out
     */
    Map<String, Long> counts(String metric, String label, int port) {
        points.addAll(watch.take());
        Map<String, Long> counts = new TreeMap<>();
        for (MetricPoint point : points) {
            boolean here = Integer.toString(port).equals(point.attributes().get("server.port"));
            if (here && point.name().equals(metric)) {
                counts.merge(point.attributes().getOrDefault(label, ""), point.count(), Long::sum);
            }
        }
        return counts;
    }

    /** Waits until the calls by a label are these; see {@link #counts}. */
    void awaitCounts(String metric, String label, int port, Map<String, Long> expected) {
        await().atMost(LocalServers.LONG)
                .untilAsserted(() ->
                        assertThat(counts(metric, label, port))
                                .as(metric + ", " + losses())
                                .isEqualTo(expected));
    }

    /** All values of a histogram so far, of a server's port. */
    HistogramValue histogram(String metric, int port) {
        points.addAll(watch.take());
        ExponentialHistogram all = new ExponentialHistogram();
        for (MetricPoint point : points) {
            boolean here = Integer.toString(port).equals(point.attributes().get("server.port"));
            HistogramValue histogram = point.histogram();
            if (here && point.name().equals(metric) && histogram != null) {
                all.add(histogram);
            }
        }
        return all.value();
    }

    /** The sum of all values of a histogram so far, of a server's port. */
    long sum(String metric, int port) {
        return Math.round(histogram(metric, port).sum());
    }

    /** What was lost on the way, to be said where a number is wrong. */
    String losses() {
        return watch.kernelCounter(MessageCounters::messagesLost)
                + " messages lost, of "
                + watch.kernelCounter(MessageCounters::messages);
    }

    @Override
    public void close() {
        files.close();
        watch.close();
    }
}
