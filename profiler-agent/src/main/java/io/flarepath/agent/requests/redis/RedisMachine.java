package io.flarepath.agent.requests.redis;

import io.flarepath.agent.requests.match.MatchCounters;
import io.flarepath.agent.requests.match.OrderedMatch;
import io.flarepath.agent.requests.message.ExchangeSink;
import io.flarepath.agent.requests.message.ProtocolMachine;
import io.flarepath.agent.requests.stream.StreamParser;

/** A connection to Redis. */
public final class RedisMachine implements ProtocolMachine {
    private final RedisSession session = new RedisSession();
    private final OrderedMatch match;
    private final RedisRequests requests;
    private final RedisResponses responses;

    /**
     * A connection.
     *
     * @param fromStart whether it is seen from its first byte on
     */
    public RedisMachine(ExchangeSink sink, MatchCounters counters, boolean fromStart) {
        match = new OrderedMatch(sink, counters, fromStart);
        requests = new RedisRequests(match, session);
        responses = new RedisResponses(match, session);
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
        return session.streaming;
    }

    @Override
    public void closed(long nanos) {
        match.closed(nanos);
    }

    @Override
    public int heldBytes() {
        return match.size() * 256;
    }
}
