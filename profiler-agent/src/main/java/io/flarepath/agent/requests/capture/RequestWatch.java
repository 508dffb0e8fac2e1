package io.flarepath.agent.requests.capture;

import io.flarepath.agent.points.MetricPoint;
import io.flarepath.agent.points.PointSource;
import io.flarepath.agent.processes.ProcessOwner;
import io.flarepath.agent.requests.CaptureAdvice;
import io.flarepath.agent.requests.Connections;
import io.flarepath.agent.requests.RequestCounters;
import io.flarepath.agent.requests.log.CallLog;
import io.flarepath.agent.requests.log.CallSpans;
import io.flarepath.agent.requests.log.KeptCall;
import io.flarepath.agent.requests.message.Call;
import io.flarepath.agent.requests.named.CallNames;
import io.flarepath.agent.requests.named.NamedCall;
import io.flarepath.agent.requests.red.RequestMetrics;
import io.flarepath.agent.requests.stream.ConnectionKey;
import io.flarepath.agent.requests.stream.Transport;
import io.flarepath.agent.spans.ResourceSpans;
import io.flarepath.agent.window.ClockDifference;
import io.flarepath.bpf.BpfException;
import io.flarepath.bpf.MalformedRecordException;
import io.flarepath.bpf.MessageCounters;
import io.flarepath.bpf.MessageReader;
import io.flarepath.bpf.RequestBytes;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches what processes say over the network, on a thread of its own, sums up their requests, and
 * keeps some of them. Safe for several threads.
 */
public final class RequestWatch implements PointSource, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RequestWatch.class);
    private static final int BUFFER_BYTES = 1 << 20;
    private static final int DRAIN_MILLIS = 50;
    private static final long EXPIRE_NANOS = 2_000_000_000L;

    private final RequestBytes source;
    private final ProcessOwners owners;
    private final CallNames names;
    private final RequestMetrics metrics = new RequestMetrics();
    private final CallLog log;
    private final Connections connections;
    private final MessageFeed feed;
    private final Thread thread = new Thread(this::run, "requests");
    private volatile boolean stopping;
    private long expiredNanos = System.nanoTime();

    private RequestWatch(
            RequestBytes source,
            List<String> patterns,
            CallLog log,
            IntFunction<CompletableFuture<ProcessOwner>> owners) {
        this.source = source;
        this.owners = new ProcessOwners(owners);
        this.log = log;
        names = new CallNames(patterns);
        connections = new Connections(this::ended, new ToTheKernel());
        feed = new MessageFeed(connections, this.owners::look, this::ignore);
    }

    /**
     * Begins to watch.
     *
     * @param source of the bytes; closed with this
     * @param patterns of routes
     * @param log keeps single calls; this watch has it to itself
     * @param owners tells later who a process is; a question may be cancelled
     */
    public static RequestWatch start(
            RequestBytes source,
            List<String> patterns,
            CallLog log,
            IntFunction<CompletableFuture<ProcessOwner>> owners) {
        RequestWatch watch = new RequestWatch(source, patterns, log, owners);
        watch.thread.setDaemon(true);
        watch.thread.start();
        return watch;
    }

    @Override
    public synchronized List<MetricPoint> take() {
        List<MetricPoint> points = new ArrayList<>(metrics.take());
        points.addAll(connections.encrypted().take());
        return points;
    }

    @Override
    public @Nullable SortedMap<String, String> resource(int pid) {
        return owners.resource(pid);
    }

    /** Asks who a process is, so that its resource is known soon. */
    public void expect(int pid) {
        owners.look(pid);
    }

    /** Gives the single calls that were kept since the last time, those told of as spans. */
    public List<ResourceSpans> takeSpans() {
        List<KeptCall> kept;
        synchronized (this) {
            kept = log.take();
        }
        return new CallSpans(ClockDifference.now()::unixTime).of(kept, owners::resource);
    }

    /** One of the counts of the call log. */
    public synchronized long logged(ToLongFunction<CallLog> which) {
        return which.applyAsLong(log);
    }

    private void ended(Call call) {
        NamedCall named = names.of(call);
        metrics.record(named);
        log.record(named);
    }

    /** Calls that were counted without their attributes since the start. */
    public synchronized long overflowed() {
        return metrics.overflowed();
    }

    /** One of the counters of what was not understood or had no room. */
    public synchronized long counter(ToLongFunction<RequestCounters> which) {
        return which.applyAsLong(connections.counters());
    }

    /** Connections of TLS that were not seen into, since the start. */
    public synchronized long unseenConnections() {
        return connections.encrypted().unseen();
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

    /** Where the bytes come from; closed with this. */
    public RequestBytes source() {
        return source;
    }

    /** CPU time that reading took so far, in nanoseconds. */
    public long readerNanos() {
        return Math.max(0, ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.threadId()));
    }

    private void run() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        MessageReader reader = new MessageReader();
        rehearse();
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

    private static void rehearse() {
        CallNames names = new CallNames(List.of());
        RequestMetrics metrics = new RequestMetrics();
        Rehearsal.run(call -> metrics.record(names.of(call)));
    }

    private synchronized void read(MessageReader messages) {
        feed.take(messages);
        long now = System.nanoTime();
        owners.takeRefused().forEach(pid -> feed.leave(pid, now));
        if (now - expiredNanos > EXPIRE_NANOS) {
            expiredNanos = now;
            connections.expire(now);
            feed.expire(now);
        }
    }

    private void ignore(ConnectionKey key) {
        try {
            source.ignore(key.socket(), key.transport() == Transport.TLS);
        } catch (BpfException e) {
            // It is passed over here then, which costs more.
            LOG.debug("a connection cannot be left alone in the kernel: {}", e.toString());
        }
    }

    private final class ToTheKernel implements CaptureAdvice {
        @Override
        public void leaveAlone(ConnectionKey key) {
            ignore(key);
        }

        @Override
        public void speaksHttp2(ConnectionKey key) {
            try {
                source.speaksHttp2(key.socket(), key.transport() == Transport.TLS);
            } catch (BpfException e) {
                // Frames behind what is copied of a call are missed then, and counted as missing.
                LOG.debug("the kernel cannot be told of HTTP/2: {}", e.toString());
            }
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
