package io.flarepath.agent.requests.mysql;

import io.flarepath.agent.requests.match.OrderedMatch;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Outcome;
import io.flarepath.agent.requests.stream.ByteView;
import io.flarepath.agent.requests.stream.StreamParser;

/**
 * Reads what a server sends: the login, then an answer a command. Which packets an answer has
 * depends on the command: OK or ERR; or columns, perhaps an EOF, rows, and an EOF or OK.
 */
final class MysqlResponses implements StreamParser {
    private static final int HEADER = 4;
    private static final int LONGEST_PACKET = 0xFFFFFF;
    private static final int LOOKED_AT = 64;
    private static final int MORE_RESULTS = 0x0008;

    private static final int OK = 0x00;
    private static final int ERR = 0xff;

    /** Of an error: what it is, its code, and # with five letters of its state. */
    private static final int ERROR_HEAD = 9;

    private static final int EOF = 0xfe;
    private static final int LOCAL_FILE = 0xfb;

    /** What the next packet is. */
    private enum Next {
        FIRST,
        DEFINITIONS,
        DEFINITIONS_ENDED,
        ROWS,
        /** To the end by definitions alone, as after PREPARE. */
        PREPARED,
        UNTIL_EOF
    }

    private final OrderedMatch match;
    private final MysqlSession session;
    private Next next = Next.FIRST;
    private long definitions;
    private int parameters;
    private int columns;
    private int number = -1;
    private boolean goesOn;
    private boolean ends;

    /** Definitions have ended, and an EOF may or may not come after them. */
    private boolean mayTrail;

    MysqlResponses(OrderedMatch match, MysqlSession session) {
        this.match = match;
        this.session = session;
    }

    @Override
    public long parse(ByteView view) {
        if (view.length() < HEADER) {
            return NEED_MORE;
        }
        int length = view.u24Little(0);
        long unit = (long) HEADER + length;
        if (view.length() < Math.min(unit, LOOKED_AT) && !view.isCut()) {
            return NEED_MORE;
        }
        int end = (int) Math.min(Math.min(unit, LOOKED_AT), view.length());
        boolean partial = end < Math.min(unit, LOOKED_AT);
        boolean continued = goesOn;
        int expected = number;
        number = view.u8(3) + 1 & 0xFF;
        goesOn = length == LONGEST_PACKET;
        if (!session.login && next != Next.FIRST && view.u8(3) != expected) {
            return MALFORMED;
        }
        if (continued) {
            count(unit);
            return unit;
        }
        boolean row = next == Next.ROWS || next == Next.DEFINITIONS;
        if (partial && (end == HEADER || !row || view.u8(HEADER) >= EOF)) {
            // Too little of it was captured to know whether the answer ends here.
            return MALFORMED;
        }
        int first = length == 0 ? -1 : view.u8(HEADER);
        if (session.login) {
            login(first);
            return unit;
        }
        boolean trails = mayTrail && first == EOF && length == 5 && view.u8(3) == expected;
        mayTrail = false;
        if (trails) {
            return unit;
        }
        if (next == Next.FIRST) {
            match.responseBegan(view.nanos());
        }
        count(unit);
        return answer(view, first, length, end) ? unit : MALFORMED;
    }

    /** The login is over with the first OK or ERR; what comes before is the greeting and a talk. */
    private void login(int first) {
        if (first == OK || first == ERR) {
            session.login = false;
            next = Next.FIRST;
        }
    }

    private void count(long unit) {
        Exchange head = match.head();
        if (head != null) {
            head.addResponseBytes(unit);
        }
    }

    private boolean answer(ByteView view, int first, int length, int end) {
        if (first == ERR) {
            if (end >= HEADER + 3 && view.u8(HEADER + 1) == 0xff && view.u8(HEADER + 2) == 0xff) {
                // MariaDB tells how far it is.
                return true;
            }
            error(view, 0, end);
            ends = true;
            return true;
        }
        switch (next) {
            case FIRST -> {
                return first(view, first, length, end);
            }
            case DEFINITIONS -> {
                if (--definitions == 0) {
                    next = Next.DEFINITIONS_ENDED;
                }
            }
            case DEFINITIONS_ENDED -> {
                next = Next.ROWS;
                // Clients that know better have the server leave this EOF out: then it is a row,
                // or the end, which as an OK is longer.
                boolean isEof = first == EOF && length == 5;
                if (!isEof) {
                    rows(view, first, length, end);
                }
            }
            case ROWS -> rows(view, first, length, end);
            case UNTIL_EOF -> ends = first == EOF && length < LONGEST_PACKET;
            case PREPARED -> prepared(first, length);
        }
        return true;
    }

    private boolean first(ByteView view, int first, int length, int end) {
        int command = match.headTag();
        switch (command) {
            case MysqlSession.STATISTICS -> ends = true;
            case MysqlSession.FIELD_LIST -> {
                next = Next.UNTIL_EOF;
                ends = first == EOF;
            }
            case MysqlSession.STMT_FETCH -> {
                next = Next.ROWS;
                rows(view, first, length, end);
            }
            case MysqlSession.STMT_PREPARE -> {
                return beginPrepared(view, first, end);
            }
            case MysqlSession.CHANGE_USER -> ends = first == OK;
            default -> {
                return beginResult(view, first, length, end);
            }
        }
        return true;
    }

    private boolean beginResult(ByteView view, int first, int length, int end) {
        if (first == OK && length >= 7) {
            ends = (okStatus(view, end) & MORE_RESULTS) == 0;
            next = Next.FIRST;
            return true;
        }
        if (first == EOF && length == 5) {
            // SET_OPTION and DEBUG of older servers.
            ends = true;
            return true;
        }
        if (first == LOCAL_FILE) {
            // The client sends the file, then the OK follows with a number that goes on.
            return true;
        }
        int size = lengthSize(first);
        if (first <= 0 || size == 0 || length < size || end < HEADER + size) {
            return false;
        }
        definitions = size == 1 ? first : view.u8(HEADER + 1) | view.u8(HEADER + 2) << 8;
        // MariaDB may add whether definitions follow.
        boolean noDefinitions = length == size + 1 && view.u8(HEADER + size) == 0;
        if (size > 3 || definitions == 0 || length > size + 1) {
            return false;
        }
        next = noDefinitions ? Next.DEFINITIONS_ENDED : Next.DEFINITIONS;
        return true;
    }

    private boolean beginPrepared(ByteView view, int first, int end) {
        if (first != OK || end < HEADER + 9) {
            return false;
        }
        session.prepared(view.i32(HEADER + 1));
        columns = view.u8(HEADER + 5) | view.u8(HEADER + 6) << 8;
        parameters = view.u8(HEADER + 7) | view.u8(HEADER + 8) << 8;
        definitions = parameters > 0 ? parameters : columns;
        next = Next.PREPARED;
        ends = definitions == 0;
        return true;
    }

    /**
     * Definitions of the parameters, then of the columns. Each of the two may have an EOF after it,
     * depending on what was agreed at the login, which may not have been seen.
     */
    private void prepared(int first, int length) {
        if (first == EOF && length == 5) {
            return;
        }
        if (--definitions > 0) {
            return;
        }
        if (parameters > 0 && columns > 0) {
            parameters = 0;
            definitions = columns;
            return;
        }
        ends = true;
        mayTrail = true;
    }

    private void rows(ByteView view, int first, int length, int end) {
        if (first != EOF || length >= LONGEST_PACKET || (length > 5 && length < 7)) {
            return;
        }
        int status =
                length == 5 ? view.u8(HEADER + 3) | view.u8(HEADER + 4) << 8 : okStatus(view, end);
        ends = (status & MORE_RESULTS) == 0;
        next = Next.FIRST;
    }

    /** Status flags of an OK packet, after the counts of rows and the last id. */
    private static int okStatus(ByteView view, int end) {
        int at = HEADER + 1;
        for (int i = 0; i < 2; i++) {
            if (at >= end || lengthSize(view.u8(at)) == 0) {
                return 0;
            }
            at += lengthSize(view.u8(at));
        }
        return at + 2 <= end ? view.u8(at) | view.u8(at + 1) << 8 : 0;
    }

    /** Bytes of a length-encoded number by its first byte, 0 if it is none. */
    private static int lengthSize(int first) {
        if (first < 0 || first == LOCAL_FILE || first == ERR) {
            return 0;
        }
        return switch (first) {
            case 0xfc -> 3;
            case 0xfd -> 4;
            case 0xfe -> 9;
            default -> 1;
        };
    }

    private void error(ByteView view, int packet, int end) {
        Exchange head = match.head();
        if (head == null) {
            return;
        }
        int at = packet + HEADER;
        int code = end >= at + 3 ? view.u8(at + 1) | view.u8(at + 2) << 8 : 0;
        boolean hasState = end >= at + ERROR_HEAD && view.u8(at + 3) == '#';
        String state = hasState ? view.latin1(at + 4, at + 6) : "HY";
        Outcome outcome =
                switch (state) {
                    case "HY", "08", "XA", "70" -> Outcome.SERVER_ERROR;
                    default -> Outcome.CLIENT_ERROR;
                };
        head.answers(Integer.toString(code), outcome);
    }

    @Override
    public void passed(long nanos, int thread) {
        if (ends && !goesOn) {
            ends = false;
            next = Next.FIRST;
            match.responseEnded(nanos, thread);
        }
    }

    @Override
    public boolean isAlone() {
        return !session.login && match.isAnswering() && match.isAlone();
    }

    @Override
    public void passedUnseen(long bytes, ByteView end) {
        int packet = lastError(end);
        if (packet >= 0) {
            error(end, packet, end.length());
        }
        reset();
        match.allEnded(bytes, end.nanos(), end.thread());
    }

    /** Where an error begins that is all of the rest, or -1. */
    private static int lastError(ByteView view) {
        for (int at = view.length() - HEADER - ERROR_HEAD; at >= 0; at--) {
            if (view.u24Little(at) == view.length() - at - HEADER
                    && view.u8(at + HEADER) == ERR
                    && view.u8(at + HEADER + 3) == '#') {
                return at;
            }
        }
        return -1;
    }

    private void reset() {
        next = Next.FIRST;
        goesOn = false;
        ends = false;
        mayTrail = false;
        number = -1;
    }

    @Override
    public void lost() {
        reset();
        match.responsesLost();
    }

    /** The first packet of an answer has number 1. */
    @Override
    public boolean startsMessage(ByteView view) {
        if (view.length() < HEADER + 1 || view.u8(3) != 1) {
            return false;
        }
        int length = view.u24Little(0);
        int next = HEADER + length;
        boolean follows = next + HEADER <= view.length() && view.u8(next + 3) == 2;
        return length > 0 && (next == view.length() || follows);
    }
}
