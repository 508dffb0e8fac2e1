package io.flarepath.agent.requests.postgres;

import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Protocol;
import io.flarepath.agent.requests.route.SqlShape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** What both directions of a connection to PostgreSQL have to know of each other. */
final class PostgresSession {
    /** A simple query or a function call: answered up to ReadyForQuery. */
    static final int QUERY = 0;

    /** An execution of a portal: answered up to the end of its command. */
    static final int EXECUTION = 1;

    /** A Sync or the start of the session: answered by ReadyForQuery. */
    static final int SYNC = 2;

    /** Prepared statements and portals that are kept of a connection. */
    private static final int MOST_KEPT = 256;

    private final LinkedHashMap<String, SqlShape> statements = new LinkedHashMap<>(16, 0.75f, true);
    private final LinkedHashMap<String, SqlShape> portals = new LinkedHashMap<>(16, 0.75f, true);

    /** Encrypted, or another protocol altogether: nothing more can be read. */
    boolean opaque;

    /** The client has asked whether it may encrypt; the server answers with one byte. */
    boolean encryptionAsked;

    void parsed(String statement, SqlShape shape) {
        keep(statements, statement, shape);
    }

    void bound(String portal, String statement) {
        keep(portals, portal, statements.getOrDefault(statement, SqlShape.NONE));
    }

    /** Begins the execution of a portal. */
    Exchange execute(String portal, long nanos, int thread) {
        SqlShape shape = portals.getOrDefault(portal, SqlShape.NONE);
        return asking(shape, nanos, thread);
    }

    static Exchange asking(SqlShape shape, long nanos, int thread) {
        return new Exchange(Protocol.POSTGRESQL, nanos, thread)
                .asks(shape.operation(), shape.table())
                .detail(shape.text());
    }

    void closed(char what, String name) {
        (what == 'S' ? statements : portals).remove(name);
    }

    /** Messages were missed: a name may mean another statement now. */
    void forget() {
        statements.clear();
        portals.clear();
    }

    int heldBytes() {
        return (statements.size() + portals.size()) * 1024;
    }

    private static void keep(SequencedMap<String, SqlShape> kept, String name, SqlShape shape) {
        if (name.length() > 256) {
            return;
        }
        kept.put(name, shape);
        if (kept.size() > MOST_KEPT) {
            Map.Entry<String, SqlShape> eldest = kept.firstEntry();
            if (eldest != null) {
                kept.remove(eldest.getKey());
            }
        }
    }
}
