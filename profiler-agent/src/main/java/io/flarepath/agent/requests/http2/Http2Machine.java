package io.flarepath.agent.requests.http2;

import io.flarepath.agent.requests.match.IdMatch;
import io.flarepath.agent.requests.match.MatchCounters;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.ExchangeSink;
import io.flarepath.agent.requests.message.Protocol;
import io.flarepath.agent.requests.message.ProtocolMachine;
import io.flarepath.agent.requests.stream.ByteView;
import io.flarepath.agent.requests.stream.StreamParser;

/** A connection that speaks HTTP/2. */
public final class Http2Machine implements ProtocolMachine {
    private static final long TIMEOUT_NANOS = 120_000_000_000L;

    private final Http2Calls calls;
    private final Http2Requests requests;
    private final Http2Responses responses;

    /**
     * A connection.
     *
     * @param fromStart whether it is seen from its first byte on
     */
    public Http2Machine(ExchangeSink sink, MatchCounters counters, boolean fromStart) {
        calls = new Http2Calls(new IdMatch(sink, counters, TIMEOUT_NANOS));
        requests = new Http2Requests(calls, fromStart);
        responses = new Http2Responses(calls, fromStart);
    }

    /** Whether frames stand here, and nothing else. */
    public static boolean isFrames(ByteView view) {
        return Http2Frames.areFrames(view);
    }

    /** Whether frames stand here that a client sends, by what they say. */
    public static boolean areRequests(ByteView view) {
        return isFrames(view) && Http2Frames.side(view) == Http2Frames.Side.CLIENT;
    }

    /** Whether frames stand here that a server sends, by what they say. */
    public static boolean areResponses(ByteView view) {
        return isFrames(view) && Http2Frames.side(view) == Http2Frames.Side.SERVER;
    }

    /** The request that led from HTTP/1.1 to HTTP/2 is answered as stream 1. */
    public void upgraded(Exchange exchange) {
        Exchange again =
                new Exchange(Protocol.HTTP2, exchange.requestStart(), exchange.requestThread())
                        .asks(exchange.operation(), exchange.target())
                        .detail(exchange.detail())
                        .trace(exchange.trace());
        again.addRequestBytes(exchange.requestBytes());
        again.requestEnded(exchange.requestEnd());
        calls.open(1, new Http2Call(again, false));
    }

    @Override
    public StreamParser requests() {
        return requests;
    }

    @Override
    public StreamParser responses() {
        return responses;
    }

    @Override
    public boolean isOpaque() {
        return false;
    }

    @Override
    public boolean isHttp2() {
        return true;
    }

    @Override
    public void closed(long nanos) {
        calls.closed(nanos);
    }

    @Override
    public void expire(long nanos) {
        calls.expire(nanos);
    }

    @Override
    public int heldBytes() {
        return calls.size() * 400;
    }
}
