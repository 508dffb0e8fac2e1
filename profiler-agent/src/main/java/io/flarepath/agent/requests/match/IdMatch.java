package io.flarepath.agent.requests.match;

import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.ExchangeSink;
import io.flarepath.agent.requests.message.Outcome;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Pairs requests and answers of one connection by the id that both carry. */
public final class IdMatch {
    /**
     * Requests of one connection that may be open at once; the oldest is given up for a new one.
     */
    static final int MOST_OPEN = 1024;

    private final ExchangeSink sink;
    private final MatchCounters counters;
    private final long timeoutNanos;
    private final LinkedHashMap<Long, Exchange> open = new LinkedHashMap<>();

    /**
     * Nothing is open yet.
     *
     * @param timeoutNanos after which an answer is not waited for any more
     */
    public IdMatch(ExchangeSink sink, MatchCounters counters, long timeoutNanos) {
        this.sink = sink;
        this.counters = counters;
        this.timeoutNanos = timeoutNanos;
    }

    /** A request begins. One with the same id that is still open is given up. */
    public void request(long id, Exchange exchange) {
        if (open.remove(id) != null) {
            counters.unpairedRequests++;
        }
        if (open.size() >= MOST_OPEN) {
            Iterator<Long> oldest = open.keySet().iterator();
            oldest.next();
            oldest.remove();
            counters.tooMany++;
        }
        open.put(id, exchange);
    }

    /** The open request of an id, or null. */
    public @Nullable Exchange find(long id) {
        return open.get(id);
    }

    /** The answer to a request is complete. */
    public void answered(long id, long nanos, int thread) {
        Exchange exchange = open.remove(id);
        if (exchange == null || exchange.responseStart() < exchange.requestStart()) {
            counters.unpairedResponses++;
            return;
        }
        exchange.responseEnded(nanos, thread);
        counters.answered++;
        sink.ended(exchange);
    }

    /** An answer came for a request that was not seen. */
    public void unexpected() {
        counters.unpairedResponses++;
    }

    /** A request that needs no answer is over. */
    public void oneWay(Exchange exchange) {
        counters.oneWay++;
        sink.ended(exchange);
    }

    /** Forgets a request, since it is not known any more what becomes of it. */
    public void forget(long id) {
        if (open.remove(id) != null) {
            counters.unpairedRequests++;
        }
    }

    /** Forgets all of them. */
    public void forgetAll() {
        counters.unpairedRequests += open.size();
        open.clear();
    }

    /** Ends those that have waited for too long; streams and long polls may wait. */
    public void expire(long nanos) {
        for (Iterator<Map.Entry<Long, Exchange>> all = open.entrySet().iterator();
                all.hasNext(); ) {
            Exchange exchange = all.next().getValue();
            if (nanos - exchange.requestStart() < timeoutNanos) {
                return;
            }
            if (exchange.responseStart() == 0) {
                all.remove();
                end(exchange, Outcome.TIMEOUT, nanos);
            }
        }
    }

    /** The connection is closed: what is open will not be answered. */
    public void closed(long nanos) {
        open.values().forEach(exchange -> end(exchange, Outcome.BROKEN, nanos));
        open.clear();
    }

    private void end(Exchange exchange, Outcome outcome, long nanos) {
        counters.unanswered++;
        exchange.answers("", outcome);
        exchange.responseEnded(nanos, 0);
        sink.ended(exchange);
    }

    /** Requests that are open. */
    public int size() {
        return open.size();
    }
}
