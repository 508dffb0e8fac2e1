package io.flarepath.agent.requests.match;

import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.ExchangeSink;
import io.flarepath.agent.requests.message.Outcome;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Pairs requests and answers by their order on one connection.
 *
 * <p>After bytes were missed, or if the connection is older than the agent, there may be answers to
 * come for requests that were not seen. Requests are then taken on trial: their pairs are kept back
 * until {@value #TURNS} times all open ones were answered and the client went on to ask. A client
 * that waits for its answers would have got a missing one before that, without a request to it:
 * which shows that the trial went wrong, and its pairs are thrown away. That leaves one case that
 * cannot be told: a client that never waits, keeps as many requests open as were lost, and no more.
 */
public final class OrderedMatch {
    /** Requests of one connection that may be open at once. */
    static final int MOST_OPEN = 1024;

    /** Pairs kept back. */
    static final int MOST_HELD = 512;

    /** Turns that have to go well before a pair made on trial is believed. */
    static final int TURNS = 3;

    private final ExchangeSink sink;
    private final MatchCounters counters;
    private final ArrayDeque<Entry> open = new ArrayDeque<>();
    private final ArrayDeque<Held> held = new ArrayDeque<>();

    /** No answer to an unseen request can come. */
    private boolean certain;

    /** Requests that follow are paired; not so between a gap and the next quiet moment. */
    private boolean accepting;

    private boolean inResponse;

    /** The answer that goes by began before any request that it could belong to. */
    private boolean stray;

    private boolean responseSinceRequest;
    private boolean responsesKnown = true;
    private long lastAnswer;

    /** Quiet moments at which the client went on to ask, and how many there were on this trial. */
    private long turns;

    private int turnsOfTrial;

    /** Answers that are due to requests which were seen and given up. */
    private int owed;

    /**
     * Something that the server answers.
     *
     * @param exchange null if it is no request
     * @param tag what its protocol has to know to read the answer
     * @param sure no answer to an unseen request can come before its own
     */
    private record Entry(@Nullable Exchange exchange, int tag, boolean sure) {}

    /** A pair that is kept back until so many turns have gone well. */
    private record Held(Exchange exchange, long turn) {}

    /**
     * Nothing is open yet.
     *
     * @param fromStart whether the connection is seen from its first byte on
     */
    public OrderedMatch(ExchangeSink sink, MatchCounters counters, boolean fromStart) {
        this.sink = sink;
        this.counters = counters;
        certain = fromStart;
        accepting = fromStart;
    }

    /** A request begins. */
    public void request(Exchange exchange) {
        enter(exchange, exchange.requestStart(), 0);
    }

    /**
     * A request begins.
     *
     * @param tag not negative; see {@link #headTag}
     */
    public void request(Exchange exchange, int tag) {
        enter(exchange, exchange.requestStart(), tag);
    }

    /** Something is sent that gets an answer and is not to be counted as a request. */
    public void marker(long nanos, int tag) {
        enter(null, nanos, tag);
    }

    private void enter(@Nullable Exchange exchange, long nanos, int tag) {
        if (nanos < lastAnswer) {
            // It comes so late that its own answer may have gone by.
            counters.unpairedRequests++;
            requestsLost();
            return;
        }
        boolean quiet = open.isEmpty() && !inResponse && owed == 0;
        if (!certain && accepting && !quiet && responseSinceRequest) {
            doubt();
        }
        responseSinceRequest = false;
        if (quiet && responsesKnown) {
            turns++;
            if (!certain) {
                turnsOfTrial += accepting ? 1 : 0;
                certain = turnsOfTrial >= TURNS;
                // A trial that went well went well from its beginning.
                release(certain ? turns : turns - TURNS);
            }
            accepting = true;
        }
        if (!accepting) {
            counters.unpairedRequests++;
            if (owed > 0) {
                owed++;
            }
            return;
        }
        if (open.size() >= MOST_OPEN) {
            counters.tooMany++;
            requestsLost();
            return;
        }
        open.add(new Entry(exchange, tag, certain));
    }

    /** Whether one request is open, and nothing else that is answered but what ends it. */
    public boolean isAlone() {
        Entry first = open.peek();
        if (first == null || first.exchange == null || stray || owed > 0) {
            return false;
        }
        return open.stream().filter(entry -> entry.exchange != null).count() == 1;
    }

    /** Whether a byte of the answer to the head was seen. */
    public boolean isAnswering() {
        return inResponse;
    }

    /**
     * The client has gone on: all that is open has been answered.
     *
     * @param bytes of the answer to the head that were not counted yet
     * @param nanos when the last byte went by
     * @param thread whose it was
     */
    public void allEnded(long bytes, long nanos, int thread) {
        Exchange first = head();
        if (first != null) {
            first.addResponseBytes(bytes);
        }
        while (!open.isEmpty()) {
            responseBegan(nanos);
            responseEnded(nanos, thread);
        }
    }

    /** The request that the next answer belongs to; null if that is not known or is a marker. */
    public @Nullable Exchange head() {
        Entry head = stray ? null : open.peek();
        return head == null ? null : head.exchange;
    }

    /** The tag of what is answered next, or -1 if that is not known. */
    public int headTag() {
        Entry head = stray ? null : open.peek();
        return head == null ? -1 : head.tag;
    }

    /** Gives up what is open before the first with this tag; all of it if there is none. */
    public void skipTo(int tag) {
        while (!open.isEmpty() && headTag() != tag) {
            if (open.remove().exchange != null) {
                counters.unpairedRequests++;
            }
        }
    }

    /** A byte of the answer to the head was seen. */
    public void responseBegan(long nanos) {
        if (!inResponse) {
            inResponse = true;
            stray = open.isEmpty();
        }
        if (stray) {
            return;
        }
        Exchange head = head();
        if (head != null) {
            head.responseBegan(nanos);
        }
    }

    /** The answer to the head is complete. */
    public void responseEnded(long nanos, int thread) {
        inResponse = false;
        responseSinceRequest = true;
        responsesKnown = true;
        lastAnswer = nanos;
        Entry entry = stray ? null : open.poll();
        stray = false;
        if (entry == null) {
            unexpected();
            return;
        }
        Exchange exchange = entry.exchange;
        if (exchange == null) {
            return;
        }
        if (exchange.responseStart() < exchange.requestStart()) {
            // An answer that is older than its request belongs to another one.
            counters.unpairedRequests++;
            counters.unpairedResponses++;
            doubt();
            return;
        }
        exchange.responseEnded(nanos, thread);
        counters.answered++;
        if (entry.sure) {
            sink.ended(exchange);
        } else if (held.size() < MOST_HELD) {
            held.add(new Held(exchange, turns));
        } else {
            counters.doubtful++;
        }
    }

    private void unexpected() {
        counters.unpairedResponses++;
        if (owed > 0) {
            owed--;
            return;
        }
        if (accepting || !held.isEmpty()) {
            doubt();
        }
    }

    /** A request that needs no answer is over. */
    public void oneWay(Exchange exchange) {
        counters.oneWay++;
        sink.ended(exchange);
    }

    /** Bytes of requests were missed; those known before are answered first. */
    public void requestsLost() {
        distrust();
    }

    /** Bytes of answers were missed: it is not known whose answer comes next. */
    public void responsesLost() {
        distrust();
        counters.unpairedRequests += open.size();
        open.clear();
        inResponse = false;
        stray = false;
        responsesKnown = false;
        owed = 0;
        dropHeld();
    }

    /** The connection is closed: what is open will not be answered. */
    public void closed(long nanos) {
        if (owed == 0 && open.isEmpty() && !inResponse) {
            release(turns);
        }
        dropHeld();
        for (Entry entry : open) {
            Exchange exchange = entry.exchange;
            if (exchange != null) {
                counters.unanswered++;
                if (entry.sure) {
                    exchange.answers("", Outcome.BROKEN);
                    exchange.responseEnded(nanos, 0);
                    sink.ended(exchange);
                }
            }
        }
        open.clear();
    }

    /** Requests that are open and pairs kept back. */
    public int size() {
        return open.size() + held.size();
    }

    /** Believes pairs up to a turn. */
    private void release(long turn) {
        for (Held first = held.peek(); first != null && first.turn <= turn; first = held.peek()) {
            sink.ended(first.exchange);
            held.remove();
        }
    }

    private void distrust() {
        certain = false;
        accepting = false;
        turnsOfTrial = 0;
    }

    /** What was paired on trial, or may be paired next, is not right. */
    private void doubt() {
        distrust();
        owed = open.size();
        counters.unpairedRequests += owed;
        open.clear();
        dropHeld();
    }

    private void dropHeld() {
        counters.doubtful += held.size();
        counters.answered -= held.size();
        held.clear();
    }
}
