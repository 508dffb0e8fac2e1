package io.flarepath.agent.requests.postgres;

import io.flarepath.agent.requests.match.OrderedMatch;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.route.SqlShape;
import io.flarepath.agent.requests.stream.ByteView;
import io.flarepath.agent.requests.stream.StreamParser;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a client sends. A simple query, an execution and a function call are requests; a Sync
 * is answered as well, without being one.
 */
final class PostgresRequests implements StreamParser {
    private static final int VERSION_3 = 3;
    private static final int CANCEL = 80877102;
    private static final int TLS = 80877103;
    private static final int GSS = 80877104;

    /** As much of a message as is looked at: the beginning of long statements. */
    private static final int LOOKED_AT = 2048;

    private static final int LONGEST_STARTUP = 10_000;
    private static final int LONGEST_MESSAGE = 1 << 30;
    private static final String TYPES = "QPBDECSHFXpdcf";

    private final OrderedMatch match;
    private final PostgresSession session;
    private boolean startup;
    private @Nullable Exchange current;

    /** Bytes of Parse and Bind that belong to the execution which follows, and when they began. */
    private long groupBytes;

    private long groupNanos;
    private int groupThread;

    PostgresRequests(OrderedMatch match, PostgresSession session, boolean fromStart) {
        this.match = match;
        this.session = session;
        startup = fromStart;
    }

    @Override
    public long parse(ByteView view) {
        if (startup) {
            return startup(view);
        }
        if (view.length() < 5) {
            return NEED_MORE;
        }
        int length = view.i32(1);
        char type = (char) view.u8(0);
        if (TYPES.indexOf(type) < 0 || length < 4 || length > LONGEST_MESSAGE) {
            return MALFORMED;
        }
        long unit = 1L + length;
        if (view.length() < Math.min(unit, LOOKED_AT) && !view.isCut()) {
            return NEED_MORE;
        }
        int end = (int) Math.min(Math.min(unit, LOOKED_AT), view.length());
        message(type, view, end, unit);
        return unit;
    }

    private long startup(ByteView view) {
        if (view.length() < 8) {
            return NEED_MORE;
        }
        int length = view.i32(0);
        int code = view.i32(4);
        if (length < 8 || length > LONGEST_STARTUP) {
            return MALFORMED;
        }
        if (code == TLS || code == GSS) {
            session.encryptionAsked = true;
            return length;
        }
        if (code == CANCEL) {
            session.opaque = true;
            return length;
        }
        if (code >>> 16 != VERSION_3) {
            return MALFORMED;
        }
        startup = false;
        match.marker(view.nanos(), PostgresSession.SYNC);
        return length;
    }

    private void message(char type, ByteView view, int end, long unit) {
        switch (type) {
            case 'Q' -> {
                SqlShape shape = SqlShape.of(view.utf8(5, textEnd(view, 5, end)));
                query(shape, view, unit);
            }
            case 'F' -> query(new SqlShape("CALL", "", ""), view, unit);
            case 'P' -> {
                int nameEnd = textEnd(view, 5, end);
                int from = Math.min(end, nameEnd + 1);
                SqlShape shape = SqlShape.of(view.utf8(from, textEnd(view, from, end)));
                session.parsed(view.latin1(5, nameEnd), shape);
                prepare(view, unit);
            }
            case 'B' -> {
                int portalEnd = textEnd(view, 5, end);
                int from = Math.min(end, portalEnd + 1);
                session.bound(
                        view.latin1(5, portalEnd), view.latin1(from, textEnd(view, from, end)));
                prepare(view, unit);
            }
            case 'E' -> {
                prepare(view, unit);
                String portal = view.latin1(5, textEnd(view, 5, end));
                Exchange exchange = session.execute(portal, groupNanos, groupThread);
                ask(exchange, PostgresSession.EXECUTION, groupBytes);
                groupBytes = 0;
            }
            case 'C' -> {
                if (end > 6) {
                    session.closed((char) view.u8(5), view.latin1(6, textEnd(view, 6, end)));
                }
            }
            case 'S' -> {
                groupBytes = 0;
                match.marker(view.nanos(), PostgresSession.SYNC);
            }
            default -> {}
        }
    }

    private void query(SqlShape shape, ByteView view, long unit) {
        ask(
                PostgresSession.asking(shape, view.nanos(), view.thread()),
                PostgresSession.QUERY,
                unit);
    }

    private void ask(Exchange exchange, int tag, long bytes) {
        exchange.addRequestBytes(bytes);
        match.request(exchange, tag);
        current = exchange;
    }

    /** Parsing and binding are part of what the execution takes. */
    private void prepare(ByteView view, long unit) {
        if (groupBytes == 0) {
            groupNanos = view.nanos();
            groupThread = view.thread();
        }
        groupBytes += unit;
    }

    /** Index of the zero that ends a text, or {@code end} if it was cut. */
    private static int textEnd(ByteView view, int from, int end) {
        int zero = view.indexOf(0, from);
        return zero < 0 || zero > end ? end : zero;
    }

    @Override
    public void passed(long nanos, int thread) {
        if (current != null) {
            current.requestEnded(nanos);
            current = null;
        }
    }

    /** Rows of a COPY, whose answer has begun already. */
    @Override
    public boolean isAlone() {
        return !startup && current == null && match.isAnswering() && match.isAlone();
    }

    @Override
    public void lost() {
        startup = false;
        current = null;
        groupBytes = 0;
        session.forget();
        match.requestsLost();
    }

    /** A whole segment of whole messages, or one query that is longer. */
    @Override
    public boolean startsMessage(ByteView view) {
        int at = 0;
        int messages = 0;
        while (view.length() - at >= 5) {
            int length = view.i32(at + 1);
            char type = (char) view.u8(at);
            if ("QPBDECSHF".indexOf(type) < 0 || length < 4 || length > 1 << 24) {
                return false;
            }
            messages++;
            if (length + 1L >= view.length() - at) {
                return length + 1L == view.length() - at || (type == 'Q' && messages == 1);
            }
            at += length + 1;
        }
        return false;
    }

    @Override
    public int heldBytes() {
        return session.heldBytes();
    }
}
