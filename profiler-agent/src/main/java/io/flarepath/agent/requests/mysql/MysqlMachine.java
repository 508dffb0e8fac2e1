package io.flarepath.agent.requests.mysql;

import io.flarepath.agent.requests.match.MatchCounters;
import io.flarepath.agent.requests.match.OrderedMachine;
import io.flarepath.agent.requests.match.OrderedMatch;
import io.flarepath.agent.requests.message.ExchangeSink;

/** A connection to MySQL or MariaDB. */
public final class MysqlMachine extends OrderedMachine {
    private final MysqlSession session;

    /**
     * A connection.
     *
     * @param fromStart whether it is seen from its first byte on
     */
    public MysqlMachine(ExchangeSink sink, MatchCounters counters, boolean fromStart) {
        this(new OrderedMatch(sink, counters, fromStart), new MysqlSession(), fromStart);
    }

    private MysqlMachine(OrderedMatch match, MysqlSession session, boolean fromStart) {
        super(match, new MysqlRequests(match, session), new MysqlResponses(match, session));
        this.session = session;
        session.login = fromStart;
    }

    @Override
    public boolean isOpaque() {
        return session.opaque;
    }
}
