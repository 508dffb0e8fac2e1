package io.flarepath.agent.requests.postgres;

import io.flarepath.agent.requests.match.MatchCounters;
import io.flarepath.agent.requests.match.OrderedMatch;
import io.flarepath.agent.requests.message.ExchangeSink;
import io.flarepath.agent.requests.message.ProtocolMachine;
import io.flarepath.agent.requests.stream.StreamParser;

/** A connection to PostgreSQL. */
public final class PostgresMachine implements ProtocolMachine {
    private final PostgresSession session = new PostgresSession();
    private final OrderedMatch match;
    private final PostgresRequests requests;
    private final PostgresResponses responses;

    /**
     * A connection.
     *
     * @param fromStart whether it is seen from its first byte on
     */
    public PostgresMachine(ExchangeSink sink, MatchCounters counters, boolean fromStart) {
        match = new OrderedMatch(sink, counters, fromStart);
        requests = new PostgresRequests(match, session, fromStart);
        responses = new PostgresResponses(match, session);
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
        return session.opaque;
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
