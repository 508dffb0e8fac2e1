package io.flarepath.agent.symbols;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Executables that wait for a file that is to be made of them: the most wanted one is served first,
 * of those equally wanted the oldest. Each holds a file open. Safe for use by several threads.
 */
public final class RequestQueue implements AutoCloseable {
    private final int most;
    private final Map<String, Waiting> waiting = new LinkedHashMap<>();
    private boolean closed;

    private static final class Waiting {
        final SymbolRequest request;
        double rate;

        Waiting(SymbolRequest request) {
            this.request = request;
        }
    }

    /**
     * @param most that may wait
     */
    public RequestQueue(int most) {
        this.most = most;
    }

    /**
     * Adds a request, which is then closed by who takes it.
     *
     * @return false if it cannot wait, and was closed
     */
    public synchronized boolean offer(SymbolRequest request) {
        String identity = request.executable().identity();
        if (closed || waiting.size() >= most || waiting.containsKey(identity)) {
            request.close();
            return waiting.containsKey(identity);
        }
        waiting.put(identity, new Waiting(request));
        notifyAll();
        return true;
    }

    /**
     * Tells how much an executable is wanted, if it waits.
     *
     * @param rate compared to others
     */
    public synchronized void wanted(String identity, double rate) {
        Waiting known = waiting.get(identity);
        if (known != null) {
            known.rate = rate;
        }
    }

    /** The next one; null if none comes in that time. */
    public synchronized @Nullable SymbolRequest take(long seconds) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (waiting.isEmpty()) {
            long left = until - System.nanoTime();
            if (left <= 0 || closed) {
                return null;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        Waiting first = null;
        for (Waiting candidate : waiting.values()) {
            if (first == null || candidate.rate > first.rate) {
                first = candidate;
            }
        }
        if (first == null) {
            return null;
        }
        waiting.remove(first.request.executable().identity());
        return first.request;
    }

    /** How many wait. */
    public synchronized int size() {
        return waiting.size();
    }

    /** Closes the files of those that wait, and takes no more. */
    @Override
    public synchronized void close() {
        closed = true;
        waiting.values().forEach(left -> left.request.close());
        waiting.clear();
        notifyAll();
    }
}
