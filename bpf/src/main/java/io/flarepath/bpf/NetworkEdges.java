package io.flarepath.bpf;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Sums up what TCP and UDP do, by process, role, peer and port. The kernel sums it up; it is read
 * every few seconds. Safe for several threads.
 */
public final class NetworkEdges implements AutoCloseable {
    /** Edges that were quiet for so many windows make room for others. */
    private static final int QUIET_WINDOWS = 30;

    private static final double NANOS = 1e-9;

    private final NativeHandle handle;
    private final ReentrantLock taking = new ReentrantLock();
    private final ByteBuffer edgeBytes =
            EdgeRecord.buffer(EdgeRecord.MOST_EDGES * EdgeRecord.EDGE_BYTES);
    private final ByteBuffer eventBytes =
            EdgeRecord.buffer(EdgeRecord.MOST_EVENTS * EdgeRecord.EVENT_BYTES);
    private final Map<NetworkEdge, Seen> edges = new HashMap<>();
    private final Map<EventKey, Seen> events = new HashMap<>();
    private final Map<Integer, String> resetReasons;
    private final Map<Integer, String> dropReasons;
    private long polls;

    private record EventKey(NetworkEdge edge, int kind, int code) {}

    /** What was read the last time. */
    private static final class Seen {
        private final long[] values;
        private long changedAt;

        Seen(int values) {
            this.values = new long[values];
        }
    }

    private NetworkEdges(long handle) {
        this.handle =
                new NativeHandle(handle, "reader of the network", open -> {}, EdgeNatives::close);
        resetReasons = names(EdgeNatives.reasons(false));
        dropReasons = names(EdgeNatives.reasons(true));
    }

    /**
     * Loads the programs, begins to sum up, and finds the sockets that are there.
     *
     * @throws BpfException when the kernel refuses; its message names the cure
     * @throws UnsupportedOperationException on another system than Linux on x86-64
     */
    public static NetworkEdges open() {
        NativeLibrary.load();
        return new NetworkEdges(EdgeNatives.open());
    }

    private static Map<Integer, String> names(String lines) {
        Map<Integer, String> names = new HashMap<>();
        lines.lines()
                .forEach(line -> {
                    int space = line.indexOf(' ');
                    names.put(
                            Integer.parseInt(line.substring(0, space)), line.substring(space + 1));
                });
        return names;
    }

    /**
     * Ends a window: what happened since the last time.
     *
     * @throws BpfException when the kernel cannot be asked
     */
    public EdgeWindow take() {
        taking.lock();
        try {
            return handle.use(this::take);
        } finally {
            taking.unlock();
        }
    }

    private EdgeWindow take(long open) {
        polls++;
        EdgeNatives.poll(open);
        List<EdgeSums> sums = new ArrayList<>();
        int bytes = EdgeNatives.read(open, edgeBytes, edgeBytes.capacity(), false);
        for (int at = 0; at < bytes; at += EdgeRecord.EDGE_BYTES) {
            sums(open, at, sums);
        }
        List<EdgeWindow.Times> times = new ArrayList<>();
        bytes = EdgeNatives.read(open, eventBytes, eventBytes.capacity(), true);
        for (int at = 0; at < bytes; at += EdgeRecord.EVENT_BYTES) {
            event(open, at, times);
        }
        return new EdgeWindow(sums, times);
    }

    private void sums(long open, int at, List<EdgeSums> into) {
        NetworkEdge edge = EdgeRecord.edge(edgeBytes, at);
        Seen seen = edges.computeIfAbsent(edge, e -> new Seen(EdgeRecord.SUMS - 2));
        int counted = EdgeRecord.SUMS - 2;
        long[] more = new long[counted];
        boolean changed = false;
        for (int i = 0; i < counted; i++) {
            long now = edgeBytes.getLong(at + EdgeRecord.SUMS_AT + 8 * i);
            more[i] = now - seen.values[i];
            seen.values[i] = now;
            changed |= more[i] != 0;
        }
        int last = at + EdgeRecord.SUMS_AT + 8 * counted;
        long active = edgeBytes.getLong(last + 8) == polls ? edgeBytes.getLong(last) : 0;
        if (changed || active > 0) {
            seen.changedAt = polls;
            into.add(
                    new EdgeSums(
                            edge, more[0], more[1], more[2], more[3], more[4], more[5], more[6],
                            more[7], active));
        } else if (polls - seen.changedAt > QUIET_WINDOWS
                && !(edge.overflow() && edge.pid() == 0)) {
            edges.remove(edge);
            EdgeNatives.forget(open, edgeBytes, at, false);
        }
    }

    private void event(long open, int at, List<EdgeWindow.Times> into) {
        NetworkEdge edge = EdgeRecord.edge(eventBytes, at);
        int kind = eventBytes.getShort(at + EdgeRecord.EVENT_KIND) & 0xffff;
        int code = eventBytes.getShort(at + EdgeRecord.EVENT_CODE) & 0xffff;
        EventKey key = new EventKey(edge, kind, code);
        Seen seen = events.computeIfAbsent(key, k -> new Seen(2));
        long count = eventBytes.getLong(at + EdgeRecord.EVENT_COUNT);
        long sum = eventBytes.getLong(at + EdgeRecord.EVENT_SUM);
        if (count != seen.values[0]) {
            into.add(
                    new EdgeWindow.Times(
                            named(key), count - seen.values[0], (sum - seen.values[1]) * NANOS));
            seen.values[0] = count;
            seen.values[1] = sum;
            seen.changedAt = polls;
        } else if (polls - seen.changedAt > QUIET_WINDOWS) {
            events.remove(key);
            EdgeNatives.forget(open, eventBytes, at, true);
        }
    }

    private EdgeEvent named(EventKey key) {
        EdgeEvent.Kind kind = EdgeEvent.Kind.of(key.kind);
        return switch (kind) {
            case CONNECT_TIME, ROUND_TRIP ->
                    new EdgeEvent(key.edge, kind, "", EdgeRecord.middle(key.code) * NANOS);
            case CONNECT_FAILURE -> new EdgeEvent(key.edge, kind, failure(key.code), 0);
            case RESET_SENT -> new EdgeEvent(key.edge, kind, name(resetReasons, key.code), 0);
            case RESET_RECEIVED -> new EdgeEvent(key.edge, kind, "", 0);
            case DROP -> new EdgeEvent(key.edge, kind, name(dropReasons, key.code), 0);
        };
    }

    private static String failure(int code) {
        if (code == EdgeRecord.GIVEN_UP) {
            return "given_up";
        }
        return code == EdgeRecord.NO_ERRNO ? "_OTHER" : EdgeNatives.errorName(code);
    }

    private static String name(Map<Integer, String> names, int code) {
        return names.getOrDefault(code, Integer.toString(code));
    }

    /** What the kernel has counted of each of the programs. */
    public List<ProgramTime> times() {
        return handle.use(open -> ProgramTime.parse(EdgeNatives.times(open)));
    }

    /** What had no room so far. */
    public EdgeCounters counters() {
        return handle.use(open -> {
            long[] values = EdgeNatives.counters(open);
            return new EdgeCounters(values[0], values[1], values[2]);
        });
    }

    /** Detaches everything and frees it. Does nothing the second time. */
    @Override
    public void close() {
        handle.close();
    }
}
