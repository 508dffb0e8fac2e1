package io.flarepath.agent.requests.mysql;

import io.flarepath.agent.requests.match.MatchCounters;
import io.flarepath.agent.requests.match.OrderedMatch;
import io.flarepath.agent.requests.message.ExchangeSink;
import io.flarepath.agent.requests.message.ProtocolMachine;
import io.flarepath.agent.requests.stream.StreamParser;

/** A connection to MySQL or MariaDB. */
public final class MysqlMachine implements ProtocolMachine {
    private final MysqlSession session = new MysqlSession();
    private final OrderedMatch match;
    private final MysqlRequests requests;
    private final MysqlResponses responses;

    /**
     * A connection.
     *
     * @param fromStart whether it is seen from its first byte on
     */
    public MysqlMachine(ExchangeSink sink, MatchCounters counters, boolean fromStart) {
        session.login = fromStart;
        match = new OrderedMatch(sink, counters, fromStart);
        requests = new MysqlRequests(match, session);
        responses = new MysqlResponses(match, session);
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
