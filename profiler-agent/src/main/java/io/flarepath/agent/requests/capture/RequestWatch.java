package io.flarepath.agent.requests.capture;

import io.flarepath.agent.points.MetricPoint;
import io.flarepath.agent.points.PointSource;
import io.flarepath.agent.requests.Connections;
import io.flarepath.agent.requests.RequestCounters;
import io.flarepath.agent.requests.red.RequestMetrics;
import io.flarepath.bpf.BpfException;
import io.flarepath.bpf.MalformedRecordException;
import io.flarepath.bpf.MessageCounters;
import io.flarepath.bpf.MessageReader;
import io.flarepath.bpf.RequestBytes;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SortedMap;
import java.util.function.IntFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches what processes say over the network, on a thread of its own, and sums up their requests.
 * Safe for several threads.
 */
public final class RequestWatch implements PointSource, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RequestWatch.class);
    private static final int BUFFER_BYTES = 1 << 20;
    private static final int DRAIN_MILLIS = 50;
    private static final long EXPIRE_NANOS = 2_000_000_000L;

    private final RequestBytes source;
    private final ProcessOwners owners;
    private final RequestMetrics metrics;
    private final Connections connections;
    private final MessageFeed feed;
    private final Thread thread = new Thread(this::run, "requests");
    private volatile boolean stopping;
    private long expiredNanos = System.nanoTime();

    private RequestWatch(
            RequestBytes source,
            List<String> patterns,
            IntFunction<@Nullable SortedMap<String, String>> resources) {
        this.source = source;
        owners = new ProcessOwners(resources);
        metrics = new RequestMetrics(patterns);
        connections = new Connections(metrics::record, key -> ignore(key.socket()));
        feed = new MessageFeed(connections, owners::look, this::ignore);
    }

    /**
     * Begins to watch.
     *
     * @param source of the bytes; closed with this
     * @param patterns of routes
     * @param resources looks at a process: its resource attributes, or null if it is not to be told
     *     of
     */
    public static RequestWatch start(
            RequestBytes source,
            List<String> patterns,
            IntFunction<@Nullable SortedMap<String, String>> resources) {
        RequestWatch watch = new RequestWatch(source, patterns, resources);
        watch.thread.setDaemon(true);
        watch.thread.start();
        return watch;
    }

    @Override
    public synchronized List<MetricPoint> take() {
        return metrics.take();
    }

    @Override
    public @Nullable SortedMap<String, String> resource(int pid) {
        return owners.resource(pid);
    }

    /** The same of a process that need not have been heard of: it is looked at now. */
    public @Nullable SortedMap<String, String> look(int pid) {
        return owners.look(pid) ? owners.resource(pid) : null;
    }

    /** Calls that were counted without their attributes since the start. */
    public synchronized long overflowed() {
        return metrics.overflowed();
    }

    /** One of the counters of what was not understood or had no room. */
    public synchronized long counter(ToLongFunction<RequestCounters> which) {
        return which.applyAsLong(connections.counters());
    }

    /** Connections that are followed. */
    public synchronized int connections() {
        return connections.size();
    }

    /** One of the counters of the programs in the kernel; 0 once this is closed. */
    public long kernelCounter(ToLongFunction<MessageCounters> which) {
        try {
            return which.applyAsLong(source.counters());
        } catch (IllegalStateException e) {
            return 0;
        }
    }

    private void run() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        MessageReader reader = new MessageReader();
        Rehearsal.run(new RequestMetrics(List.of())::record);
        while (!stopping) {
            try {
                read(reader.wrap(buffer, source.drain(buffer, DRAIN_MILLIS)));
            } catch (IllegalStateException e) {
                if (!stopping) {
                    throw e;
                }
            } catch (MalformedRecordException e) {
                LOG.error("messages of the kernel were not understood and passed over", e);
            }
        }
    }

    private synchronized void read(MessageReader messages) {
        feed.take(messages);
        long now = System.nanoTime();
        if (now - expiredNanos > EXPIRE_NANOS) {
            expiredNanos = now;
            connections.expire(now);
        }
    }

    private void ignore(long socket) {
        try {
            source.ignore(socket);
        } catch (BpfException e) {
            // It is passed over here then, which costs more.
            LOG.debug("a connection cannot be left alone in the kernel: {}", e.toString());
        }
    }

    @Override
    public void close() {
        stopping = true;
        source.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
