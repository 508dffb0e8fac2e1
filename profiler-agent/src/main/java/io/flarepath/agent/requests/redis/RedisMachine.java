package io.flarepath.agent.requests.redis;

import io.flarepath.agent.requests.match.MatchCounters;
import io.flarepath.agent.requests.match.OrderedMachine;
import io.flarepath.agent.requests.match.OrderedMatch;
import io.flarepath.agent.requests.message.ExchangeSink;

/** A connection to Redis. */
public final class RedisMachine extends OrderedMachine {
    private final RedisSession session;

    /**
     * A connection.
     *
     * @param fromStart whether it is seen from its first byte on
     */
    public RedisMachine(ExchangeSink sink, MatchCounters counters, boolean fromStart) {
        this(new OrderedMatch(sink, counters, fromStart), new RedisSession());
    }

    private RedisMachine(OrderedMatch match, RedisSession session) {
        super(match, new RedisRequests(match, session), new RedisResponses(match, session));
        this.session = session;
    }

    @Override
    public boolean isOpaque() {
        return session.streaming;
    }
}
