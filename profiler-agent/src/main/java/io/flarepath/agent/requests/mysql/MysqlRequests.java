package io.flarepath.agent.requests.mysql;

import io.flarepath.agent.requests.match.OrderedMatch;
import io.flarepath.agent.requests.message.CallKind;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Protocol;
import io.flarepath.agent.requests.route.SqlShape;
import io.flarepath.agent.requests.stream.ByteView;
import io.flarepath.agent.requests.stream.StreamParser;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a client sends: packets of a length, a number within the command, and their content. A
 * command is a packet with number 0; others belong to the login or to data that was asked for.
 */
final class MysqlRequests implements StreamParser {
    private static final int HEADER = 4;
    private static final int LONGEST_PACKET = 0xFFFFFF;
    private static final int LOOKED_AT = 2048;
    private static final int LAST_COMMAND = 0x1f;

    private static final int COMPRESS = 0x20;
    private static final int SSL = 0x800;
    private static final int ZSTD = 1 << 26;

    private final OrderedMatch match;
    private final MysqlSession session;
    private @Nullable Exchange current;
    private boolean goesOn;

    MysqlRequests(OrderedMatch match, MysqlSession session) {
        this.match = match;
        this.session = session;
    }

    @Override
    public long parse(ByteView view) {
        if (view.length() < HEADER) {
            return NEED_MORE;
        }
        int length = view.u24Little(0);
        int number = view.u8(3);
        long unit = (long) HEADER + length;
        boolean continued = goesOn;
        if (view.length() < Math.min(unit, LOOKED_AT) && !view.isCut()) {
            return NEED_MORE;
        }
        int end = (int) Math.min(Math.min(unit, LOOKED_AT), view.length());
        goesOn = length == LONGEST_PACKET;
        if (continued) {
            count(unit);
            return unit;
        }
        if (number != 0) {
            // Part of the login, or data that the server has asked for.
            if (session.login) {
                login(view, number, end);
            }
            count(unit);
            return unit;
        }
        if (length == 0 || (end > HEADER && view.u8(HEADER) > LAST_COMMAND && !isMariaDb(view))) {
            return MALFORMED;
        }
        if (end == HEADER) {
            return MALFORMED;
        }
        command(view, end, unit);
        return unit;
    }

    /** COM_STMT_BULK_EXECUTE. */
    private static boolean isMariaDb(ByteView view) {
        return view.u8(HEADER) == 0xfa;
    }

    private void login(ByteView view, int number, int end) {
        if (number != 1 || end < HEADER + 4) {
            return;
        }
        int low = view.u8(HEADER) | view.u8(HEADER + 1) << 8;
        int high = view.u8(HEADER + 2) | view.u8(HEADER + 3) << 8;
        int capabilities = low | high << 16;
        boolean encrypts = (capabilities & SSL) != 0 && end == HEADER + 32;
        session.opaque = encrypts || (capabilities & (COMPRESS | ZSTD)) != 0;
    }

    private void command(ByteView view, int end, long unit) {
        int command = view.u8(HEADER);
        Exchange exchange = exchange(command, view, end);
        exchange.addRequestBytes(unit);
        current = exchange;
        switch (command) {
            case MysqlSession.QUIT, MysqlSession.STMT_SEND_LONG_DATA, MysqlSession.STMT_CLOSE -> {
                exchange.kind(CallKind.ONE_WAY);
                if (command == MysqlSession.STMT_CLOSE && end >= HEADER + 5) {
                    session.closed(view.i32(HEADER + 1));
                }
            }
            case MysqlSession.BINLOG_DUMP, MysqlSession.BINLOG_DUMP_GTID -> {
                exchange.kind(CallKind.ONE_WAY);
                session.opaque = true;
            }
            default -> match.request(exchange, command);
        }
    }

    private Exchange exchange(int command, ByteView view, int end) {
        Exchange exchange = new Exchange(Protocol.MYSQL, view.nanos(), view.thread());
        int from = HEADER + 1;
        switch (command) {
            case MysqlSession.QUERY -> sql(exchange, SqlShape.of(view.utf8(from, end)));
            case MysqlSession.STMT_PREPARE -> {
                SqlShape shape = SqlShape.of(view.utf8(from, end));
                session.preparing(shape);
                exchange.asks("PREPARE", shape.table()).detail(shape.text());
            }
            case MysqlSession.STMT_EXECUTE, MysqlSession.STMT_FETCH, 0xfa -> {
                SqlShape shape =
                        end >= from + 4 ? session.statement(view.i32(from)) : SqlShape.NONE;
                if (shape.operation().isEmpty()) {
                    exchange.asks(MysqlSession.name(command), "");
                } else {
                    sql(exchange, shape);
                }
            }
            default -> exchange.asks(MysqlSession.name(command), "");
        }
        return exchange;
    }

    private static void sql(Exchange exchange, SqlShape shape) {
        exchange.asks(shape.operation(), shape.table()).detail(shape.text());
    }

    private void count(long unit) {
        if (current != null) {
            current.addRequestBytes(unit);
        }
    }

    @Override
    public void passed(long nanos, int thread) {
        Exchange exchange = current;
        if (exchange == null || goesOn) {
            return;
        }
        exchange.requestEnded(nanos);
        current = null;
        if (exchange.kind() == CallKind.ONE_WAY) {
            match.oneWay(exchange);
        }
    }

    @Override
    public void lost() {
        goesOn = false;
        current = null;
        session.forget();
        match.requestsLost();
    }

    /** A command that fills its segment, as nearly all do. */
    @Override
    public boolean startsMessage(ByteView view) {
        if (view.length() <= HEADER || view.u8(3) != 0) {
            return false;
        }
        int length = view.u24Little(0);
        int command = view.u8(HEADER);
        if (command == 0 || command > LAST_COMMAND) {
            return false;
        }
        boolean whole = length + HEADER == view.length();
        boolean begun = length + HEADER > view.length() && command == MysqlSession.QUERY;
        boolean text = command == MysqlSession.QUERY || command == MysqlSession.STMT_PREPARE;
        if (text && view.length() > HEADER + 1) {
            int first = view.u8(HEADER + 1);
            boolean readable = first >= ' ' || first == '\n' || first == '\t' || first == '\r';
            return readable && (whole || begun);
        }
        return whole;
    }

    @Override
    public int heldBytes() {
        return session.heldBytes();
    }
}
