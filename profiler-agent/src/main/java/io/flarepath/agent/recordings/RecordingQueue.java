package io.flarepath.agent.recordings;

import io.flarepath.agent.contact.ContactListener;
import io.flarepath.agent.contact.RecordingOrder;
import io.flarepath.agent.contact.RecordingReport;
import io.flarepath.agent.export.TypedProfile;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the recordings that the server asks for, one after the other, and remembers what became of
 * each until the server has heard it.
 */
public final class RecordingQueue implements ContactListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RecordingQueue.class);
    private static final int MOST = 64;
    private static final int LONGEST_SECONDS = 600;
    private static final int LONGEST_MESSAGE = 1_000;
    private static final long STOP_MILLIS = 3_000;

    private final JvmRecordings recordings;
    private final BlockingQueue<RecordingOrder> waiting = new LinkedBlockingQueue<>();
    private final Map<String, RecordingReport> reports = new LinkedHashMap<>();
    private final Thread thread;
    private volatile Runnable onNews = () -> {};
    private volatile Consumer<List<TypedProfile>> exporter = profiles -> {};

    /** A queue that does not work yet. */
    public RecordingQueue(JvmRecordings recordings) {
        this.recordings = recordings;
        this.thread = Thread.ofPlatform().daemon().name("recordings").unstarted(this::run);
    }

    /**
     * Begins to work.
     *
     * @param sink takes the profiles
     * @param news called whenever there is something to report
     */
    public void start(Consumer<List<TypedProfile>> sink, Runnable news) {
        exporter = sink;
        onNews = news;
        thread.start();
    }

    @Override
    public String configure(Map<String, String> configuration) {
        return REFUSING.configure(configuration);
    }

    @Override
    public boolean records() {
        return true;
    }

    @Override
    public synchronized String record(List<RecordingOrder> orders) {
        // What the server asks for no more it has heard the outcome of.
        List<String> asked = orders.stream().map(RecordingOrder::name).toList();
        reports.keySet().retainAll(asked);
        for (RecordingOrder order : orders) {
            if (reports.containsKey(order.name())) {
                continue;
            }
            if (reports.size() >= MOST) {
                return "more than " + MOST + " recordings were asked for";
            }
            reports.put(order.name(), new RecordingReport(order.name(), "", ""));
            waiting.add(order);
        }
        return "";
    }

    @Override
    public synchronized List<RecordingReport> reports() {
        List<RecordingReport> told = new ArrayList<>(reports.values());
        told.removeIf(report -> report.state().isEmpty());
        return told;
    }

    private void report(RecordingOrder order, String state, String message) {
        String shown =
                message.length() <= LONGEST_MESSAGE
                        ? message
                        : message.substring(0, LONGEST_MESSAGE);
        synchronized (this) {
            reports.replace(order.name(), new RecordingReport(order.name(), state, shown));
        }
        onNews.run();
    }

    private void run() {
        try {
            while (true) {
                RecordingOrder order = waiting.take();
                report(order, "recording", "");
                try {
                    make(order);
                    report(order, "done", "");
                } catch (RecordingFailedException | IOException | RuntimeException e) {
                    LOG.warn("recording {} failed: {}", order.name(), e.toString());
                    report(order, "failed", String.valueOf(e.getMessage()));
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("no more recordings are made");
        }
    }

    private void make(RecordingOrder order)
            throws RecordingFailedException, IOException, InterruptedException {
        if (order.pid() < 1 || order.seconds() < 1 || order.seconds() > LONGEST_SECONDS) {
            throw new RecordingFailedException(
                    "a recording is of one process, and lasts 1 to " + LONGEST_SECONDS + " s");
        }
        if (order.kinds().isEmpty()) {
            throw new RecordingFailedException("the order does not say what to record");
        }
        List<RecordingKind> kinds = order.kinds().stream().map(RecordingKind::of).toList();
        exporter.accept(
                recordings.ordered(order.pid(), kinds, Duration.ofSeconds(order.seconds())));
    }

    /** Breaks off what is being recorded; the target is left as it was. */
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(STOP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
