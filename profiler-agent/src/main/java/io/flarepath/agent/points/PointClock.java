package io.flarepath.agent.points;

import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends the windows of a source, on a thread of its own, the last one when it is closed. */
public final class PointClock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PointClock.class);

    private final PointSource source;
    private final long windowMillis;
    private final Consumer<PointWindow> sink;
    private final Thread thread = new Thread(this::run, "points");
    private long startMillis = System.currentTimeMillis();
    private boolean stopping;

    private PointClock(PointSource source, Duration window, Consumer<PointWindow> sink) {
        this.source = source;
        this.windowMillis = window.toMillis();
        this.sink = sink;
    }

    /**
     * Starts.
     *
     * @param window length of the windows
     * @param sink takes each window in which something was seen
     */
    public static PointClock start(
            PointSource source, Duration window, Consumer<PointWindow> sink) {
        PointClock clock = new PointClock(source, window, sink);
        clock.thread.setDaemon(true);
        clock.thread.start();
        return clock;
    }

    private synchronized void run() {
        try {
            while (!stopping) {
                long left = startMillis + windowMillis - System.currentTimeMillis();
                // A clock that was set back must not make a window last.
                if (left > 0 && left <= windowMillis) {
                    wait(left);
                } else {
                    end();
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("no more windows of points: {}", e.toString());
        }
    }

    private void end() {
        long start = startMillis;
        startMillis = System.currentTimeMillis();
        PointWindow window =
                PointWindow.of(
                        Math.min(start, startMillis - 1) * 1_000_000,
                        startMillis * 1_000_000,
                        source.take(),
                        source::resource);
        if (!window.resources().isEmpty()) {
            sink.accept(window);
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            stopping = true;
            end();
            notifyAll();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
