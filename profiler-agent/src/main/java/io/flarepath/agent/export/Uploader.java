package io.flarepath.agent.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.flarepath.agent.metrics.Counter;
import io.flarepath.agent.metrics.MetricRegistry;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what is in the queue, oldest first, by a thread of its own. A request leaves the queue when
 * the server has answered 2xx, or when it has refused it for good.
 */
final class Uploader {
    private static final Logger LOG = LoggerFactory.getLogger(Uploader.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Map<String, String> HEADERS =
            Map.of("Content-Type", "application/x-protobuf", "Content-Encoding", "gzip");
    private static final int ERROR_CHARACTERS = 500;

    /** Between two requests of a backlog: a server that comes back must not be run over. */
    static final Duration PACE = Duration.ofMillis(100);

    /** For server errors that do not ask for a retry: one bad request must not block the rest. */
    private static final int MOST_SERVER_ERRORS = 5;

    /** What an attempt came to, and when to make the next. */
    record Step(Outcome outcome, Duration pause) {}

    /** What an attempt came to. */
    enum Outcome {
        IDLE,
        DELIVERED,
        RETRY,
        REFUSED
    }

    private final URI server;
    private final HttpPost http;
    private final DiskQueue queue;
    private final RetryDelay delay;
    private final Map<Payload, Counter> delivered = new EnumMap<>(Payload.class);
    private final Map<Outcome, Counter> requests;
    private final Thread thread;
    private volatile boolean stopping;
    private volatile long flushUntilNanos;
    private volatile String trouble = "";

    /** How often a server that was away has come back. */
    private final AtomicInteger returns = new AtomicInteger();

    /** The number of returns before an attempt that found no server; else -1. */
    private int returnsBeforeFailure = -1;

    private int serverErrors;

    Uploader(
            URI server, HttpPost http, DiskQueue queue, RetryDelay delay, MetricRegistry registry) {
        this.server = server;
        this.http = http;
        this.queue = queue;
        this.delay = delay;
        for (Payload payload : Payload.values()) {
            delivered.put(payload, payload.exported(registry));
        }
        requests =
                Map.of(
                        Outcome.DELIVERED, outcomeCounter(registry, "delivered"),
                        Outcome.RETRY, outcomeCounter(registry, "retry"),
                        Outcome.REFUSED, outcomeCounter(registry, "refused"));
        thread = Thread.ofPlatform().daemon().name("uploader").unstarted(this::run);
    }

    private static Counter outcomeCounter(MetricRegistry registry, String outcome) {
        return registry.counter(
                "export_requests_total",
                "Requests with profiles, metrics or spans, by outcome.",
                "outcome",
                outcome);
    }

    void start() {
        thread.start();
    }

    /** Something has been put into the queue. */
    void wake() {
        LockSupport.unpark(thread);
    }

    /** The server can be reached again: a wait for that ends. */
    void serverIsBack() {
        returns.incrementAndGet();
        wake();
    }

    /** Why nothing can be sent now, or empty. */
    String trouble() {
        return trouble;
    }

    /** Sends what it can until the deadline, then stops. What is left stays in the queue. */
    void close(Duration deadline) throws InterruptedException {
        flushUntilNanos = System.nanoTime() + deadline.toNanos();
        stopping = true;
        wake();
        if (!thread.join(deadline)) {
            thread.interrupt();
            thread.join();
        }
    }

    private void run() {
        try {
            while (!stopping) {
                Step step = attempt(TIMEOUT);
                pause(step);
            }
            flush();
        } catch (InterruptedException e) {
            LOG.debug("stopped before all was sent");
        }
    }

    private void pause(Step step) {
        long until = System.nanoTime() + step.pause().toNanos();
        boolean idle = step.outcome() == Outcome.IDLE;
        while (!stopping
                && !hasReturned()
                && (idle ? queue.size() == 0 : until - System.nanoTime() > 0)) {
            if (idle) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, until - System.nanoTime());
            }
        }
    }

    /** Whether the server could not be reached, and has been since. */
    private boolean hasReturned() {
        return returnsBeforeFailure >= 0 && returns.get() != returnsBeforeFailure;
    }

    private void flush() throws InterruptedException {
        Outcome last = Outcome.DELIVERED;
        long left = flushUntilNanos - System.nanoTime();
        while (left > 0 && (last == Outcome.DELIVERED || last == Outcome.REFUSED)) {
            last = attempt(Duration.ofNanos(Math.min(left, TIMEOUT.toNanos()))).outcome();
            left = flushUntilNanos - System.nanoTime();
        }
    }

    /** Sends the oldest request once. */
    Step attempt(Duration timeout) throws InterruptedException {
        DiskQueue.Head head = queue.head();
        if (head == null) {
            return new Step(Outcome.IDLE, Duration.ZERO);
        }
        Step step;
        URI uri = URI.create(server + head.payload().path());
        int returnsBefore = returns.get();
        returnsBeforeFailure = -1;
        try {
            HttpPost.Answer answer =
                    http.send(uri, HEADERS, head.body(), timeout, 4 * ERROR_CHARACTERS);
            step = judge(uri, answer, head);
        } catch (IOException e) {
            returnsBeforeFailure = returnsBefore;
            step = retry(uri, Optional.empty(), String.valueOf(e.getMessage()));
        }
        Counter counter = requests.get(step.outcome());
        if (counter != null) {
            counter.increment();
        }
        return step;
    }

    private Step judge(URI uri, HttpPost.Answer answer, DiskQueue.Head head) {
        int status = answer.status();
        if (status >= 200 && status < 300) {
            queue.delivered();
            requireNonNull(delivered.get(head.payload())).add(head.items());
            succeeded(uri);
            return new Step(Outcome.DELIVERED, queue.size() == 0 ? Duration.ZERO : PACE);
        }
        String said = "status " + status + ": " + shown(answer.body());
        if (status == 408 || status == 429 || (status >= 502 && status <= 504)) {
            return retry(uri, answer.retryAfter(), said);
        }
        if (status >= 500 && ++serverErrors < MOST_SERVER_ERRORS) {
            return retry(uri, answer.retryAfter(), said);
        }
        serverErrors = 0;
        delay.reset();
        LOG.warn(
                "{} refused {} {}, which are dropped: {}",
                uri,
                head.items(),
                head.payload().items(),
                said);
        queue.refused();
        return new Step(Outcome.REFUSED, PACE);
    }

    private void succeeded(URI uri) {
        serverErrors = 0;
        delay.reset();
        if (!trouble.isEmpty()) {
            trouble = "";
            LOG.info("{} takes what is sent again; {} requests wait", uri, queue.size());
        }
    }

    private Step retry(URI uri, Optional<String> retryAfter, String why) {
        Duration wait = delay.next(retryAfter);
        if (trouble.isEmpty()) {
            LOG.warn("{} does not take what is sent ({}): it is kept and sent later", uri, why);
        }
        trouble = "cannot send to " + uri + ": " + why;
        return new Step(Outcome.RETRY, wait);
    }

    /** The text of an error, short and on one line. */
    private static String shown(byte[] body) {
        String text = new String(body, UTF_8).replaceAll("\\p{Cntrl}+", " ").strip();
        return text.length() <= ERROR_CHARACTERS ? text : text.substring(0, ERROR_CHARACTERS);
    }
}
