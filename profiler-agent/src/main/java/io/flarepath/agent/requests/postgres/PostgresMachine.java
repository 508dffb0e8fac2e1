package io.flarepath.agent.requests.postgres;

import io.flarepath.agent.requests.match.MatchCounters;
import io.flarepath.agent.requests.match.OrderedMachine;
import io.flarepath.agent.requests.match.OrderedMatch;
import io.flarepath.agent.requests.message.ExchangeSink;

/** A connection to PostgreSQL. */
public final class PostgresMachine extends OrderedMachine {
    private final PostgresSession session;

    /**
     * A connection.
     *
     * @param fromStart whether it is seen from its first byte on
     */
    public PostgresMachine(ExchangeSink sink, MatchCounters counters, boolean fromStart) {
        this(new OrderedMatch(sink, counters, fromStart), new PostgresSession(), fromStart);
    }

    private PostgresMachine(OrderedMatch match, PostgresSession session, boolean fromStart) {
        super(
                match,
                new PostgresRequests(match, session, fromStart),
                new PostgresResponses(match, session));
        this.session = session;
    }

    @Override
    public boolean isOpaque() {
        return session.opaque;
    }
}
