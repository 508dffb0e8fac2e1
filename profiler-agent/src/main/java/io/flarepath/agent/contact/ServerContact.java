package io.flarepath.agent.contact;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.flarepath.agent.export.HttpPost;
import io.flarepath.agent.export.RetryDelay;
import io.flarepath.agent.jvm.SeenJvm;
import io.flarepath.agent.metrics.Counter;
import io.flarepath.agent.metrics.MetricRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the long poll to {@code POST /api/v1/agents/{node}}: each request carries the agent's state
 * and counters, and waits for up to 20 s for something new. A change of state breaks the wait off,
 * so that the server knows at once.
 */
public final class ServerContact implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServerContact.class);
    private static final int WAIT_SECONDS = 20;
    private static final Duration GOODBYE = Duration.ofSeconds(1);

    /** For the way of a request and of its answer, on top of what the server may hold it back. */
    private static final Duration TRANSIT = Duration.ofSeconds(10);

    /** A server that answers a long poll at once is asked no more often than this. */
    private static final Duration LEAST_BETWEEN = Duration.ofSeconds(1);

    /** Between attempts to reach a server that is away. */
    private static final Duration LONGEST_AWAY = Duration.ofSeconds(5);

    private final URI uri;
    private final AgentIdentity agent;
    private final HttpPost http;
    private final MetricRegistry registry;
    private final ContactListener listener;
    private final InstantSource clock;
    private final RetryDelay delay;
    private final Counter failures;
    private final Thread thread;

    private AgentState state = AgentState.STARTING;
    private String reason = "";
    private String refusal = "";
    private boolean changed = true;
    private boolean polling;
    private boolean closed;
    private long revision;
    private volatile boolean away;
    private volatile long skewMillis;
    private volatile Runnable onReturn = () -> {};
    private volatile Supplier<List<SeenJvm>> jvms = List::of;

    /**
     * Prepares the contact; {@link #start} begins it.
     *
     * @param server URL of the server, without a slash at its end
     */
    public ServerContact(
            URI server,
            AgentIdentity agent,
            HttpPost http,
            MetricRegistry registry,
            ContactListener listener) {
        this(server, agent, http, registry, listener, InstantSource.system());
    }

    ServerContact(
            URI server,
            AgentIdentity agent,
            HttpPost http,
            MetricRegistry registry,
            ContactListener listener,
            InstantSource clock) {
        String node = URLEncoder.encode(agent.node(), UTF_8).replace("+", "%20");
        uri = URI.create(server + "/api/v1/agents/" + node);
        this.agent = agent;
        this.http = http;
        this.registry = registry;
        this.listener = listener;
        this.clock = clock;
        delay = new RetryDelay(clock, new SplittableRandom(), LONGEST_AWAY);
        failures =
                registry.counter(
                        "contact_failures_total", "Heartbeats that the server did not take.");
        registry.gauge(
                "clock_skew_seconds",
                "The server's clock less this machine's.",
                () -> skewMillis / 1e3);
        thread = Thread.ofPlatform().daemon().name("contact").unstarted(this::run);
    }

    /** Calls this, on the contact's thread, whenever a server that was away has answered. */
    public void onReturn(Runnable action) {
        onReturn = action;
    }

    /** Tells the server of these JVMs from now on, with each heartbeat. */
    public void jvms(Supplier<List<SeenJvm>> seen) {
        jvms = seen;
    }

    /** Begins to talk to the server. */
    public void start() {
        thread.start();
    }

    /**
     * Tells the server what the agent does now.
     *
     * @param now what it does
     * @param why the reason if it is degraded, else empty
     */
    public synchronized void state(AgentState now, String why) {
        if (closed || (state == now && reason.equals(why))) {
            return;
        }
        state = now;
        reason = why;
        changed = true;
        notifyAll();
        if (polling) {
            // Breaks the long poll off; the thread comes back with the new state.
            thread.interrupt();
        }
    }

    /** Lets the server know at once of what the listener has to report. */
    public synchronized void hasNews() {
        if (closed) {
            return;
        }
        changed = true;
        notifyAll();
        if (polling) {
            thread.interrupt();
        }
    }

    /** Whether the last heartbeat was not taken. */
    public boolean serverAway() {
        return away;
    }

    /** Says goodbye within a second, and stops. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            state = AgentState.STOPPING;
            reason = "";
            closed = true;
            thread.interrupt();
        }
        try {
            thread.join();
            send(heartbeat(0), GOODBYE);
        } catch (IOException e) {
            LOG.debug("the server did not hear that this agent stops: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (true) {
            boolean news = begin();
            Duration pause;
            try {
                pause = poll(news ? 0 : WAIT_SECONDS);
            } catch (InterruptedException e) {
                pause = Duration.ZERO;
            }
            if (!pauseUnlessChanged(pause)) {
                return;
            }
        }
    }

    /** Whether there is something to say at once. From here on a change interrupts the thread. */
    private synchronized boolean begin() {
        boolean news = changed || away;
        changed = false;
        polling = true;
        return news;
    }

    /** Returns false when the contact has been closed. */
    private synchronized boolean pauseUnlessChanged(Duration pause) {
        polling = false;
        // What broke the poll off is told by `changed` and `closed`; the flag has done its work.
        boolean interrupted = Thread.interrupted();
        long until = System.nanoTime() + (interrupted ? 0 : pause.toNanos());
        try {
            long left = until - System.nanoTime();
            while (!closed && !changed && left > 0) {
                wait(left / 1_000_000 + 1);
                left = until - System.nanoTime();
            }
        } catch (InterruptedException e) {
            LOG.trace("woken from the pause");
        }
        return !closed;
    }

    /** One heartbeat. Returns how long to wait before the next. */
    private Duration poll(int waitSeconds) throws InterruptedException {
        long begin = System.nanoTime();
        try {
            HttpPost.Answer answer = send(heartbeat(waitSeconds), TRANSIT.plusSeconds(waitSeconds));
            if (answer.status() != 200) {
                return failed("status " + answer.status(), answer.retryAfter());
            }
            take(ServerAnswer.parse(answer.body()));
            succeeded();
            Duration took = Duration.ofNanos(System.nanoTime() - begin);
            boolean early = waitSeconds > 0 && took.compareTo(LEAST_BETWEEN) < 0;
            return early ? LEAST_BETWEEN.minus(took) : Duration.ZERO;
        } catch (IOException e) {
            return failed(String.valueOf(e.getMessage()), Optional.empty());
        }
    }

    private HttpPost.Answer send(Heartbeat heartbeat, Duration timeout)
            throws IOException, InterruptedException {
        Map<String, String> headers = new HashMap<>(Map.of("Content-Type", "application/json"));
        if (heartbeat.waitSeconds() > 0) {
            // Whoever watches requests sees by it that the time until the answer means nothing.
            headers.put("Prefer", "wait=" + heartbeat.waitSeconds());
        }
        return http.send(uri, headers, heartbeat.toJson(), timeout, ServerAnswer.LONGEST);
    }

    private synchronized Heartbeat heartbeat(int waitSeconds) {
        String why =
                reason.isEmpty() || refusal.isEmpty() ? reason + refusal : reason + "; " + refusal;
        return new Heartbeat(
                agent,
                state,
                why,
                clock.millis(),
                revision,
                waitSeconds,
                registry.counters(),
                listener.reports(),
                listener.records(),
                jvms.get());
    }

    private void take(ServerAnswer answer) {
        if (answer.serverClockMillis() > 0) {
            skewMillis = answer.serverClockMillis() - clock.millis();
        }
        synchronized (this) {
            if (answer.revision() == revision) {
                return;
            }
            revision = answer.revision();
        }
        String configured = listener.configure(answer.configuration());
        String recorded = listener.record(answer.recordings());
        boolean both = !configured.isEmpty() && !recorded.isEmpty();
        synchronized (this) {
            String before = refusal;
            refusal = configured + (both ? "; " : "") + recorded;
            changed |= !refusal.equals(before);
        }
    }

    private void succeeded() {
        delay.reset();
        if (away) {
            away = false;
            LOG.info("in contact with {} again", uri);
            onReturn.run();
        }
    }

    private Duration failed(String why, Optional<String> retryAfter) {
        failures.increment();
        if (!away) {
            LOG.warn("cannot reach the server at {} ({}): this agent goes on without it", uri, why);
        }
        away = true;
        return delay.next(retryAfter);
    }
}
