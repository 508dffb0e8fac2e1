package io.flarepath.agent.requests.postgres;

import io.flarepath.agent.requests.match.OrderedMatch;
import io.flarepath.agent.requests.message.CallKind;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Outcome;
import io.flarepath.agent.requests.stream.ByteView;
import io.flarepath.agent.requests.stream.StreamParser;

/**
 * Reads what a server sends. An execution ends with CommandComplete, EmptyQueryResponse,
 * PortalSuspended or an error; a simple query, which may hold several commands, with ReadyForQuery,
 * as do Sync and the start of the session. After an error the server passes over what follows up to
 * the next Sync.
 */
final class PostgresResponses implements StreamParser {
    private static final int LOOKED_AT = 512;

    /** Type and length of a message; all of a ReadyForQuery. */
    private static final int HEADER = 5;

    private static final int READY = 6;
    private static final int LONGEST_MESSAGE = 1 << 30;
    private static final String TYPES = "RKSZTDCIENA123tnsGHWdcvV";

    /** Come at any time, or belong to no request (notices, parameters, notifications). */
    private static final String ASIDE = "NSAKRv";

    private final OrderedMatch match;
    private final PostgresSession session;
    private boolean ends;

    PostgresResponses(OrderedMatch match, PostgresSession session) {
        this.match = match;
        this.session = session;
    }

    @Override
    public long parse(ByteView view) {
        if (session.encryptionAsked) {
            session.encryptionAsked = false;
            if (view.u8(0) == 'S' || view.u8(0) == 'G') {
                session.opaque = true;
                return view.length();
            }
            if (view.u8(0) == 'N') {
                return 1;
            }
        }
        if (view.length() < HEADER) {
            return NEED_MORE;
        }
        char type = (char) view.u8(0);
        int length = view.i32(1);
        if (TYPES.indexOf(type) < 0 || length < 4 || length > LONGEST_MESSAGE) {
            return MALFORMED;
        }
        long unit = 1L + length;
        int wanted = (int) Math.min(unit, type == 'E' ? LOOKED_AT : HEADER);
        if (view.length() < wanted && !view.isCut()) {
            return NEED_MORE;
        }
        if (ASIDE.indexOf(type) < 0) {
            message(type, view, Math.min(wanted, view.length()), unit);
        }
        return unit;
    }

    private void message(char type, ByteView view, int end, long unit) {
        match.responseBegan(view.nanos());
        Exchange head = match.head();
        if (head != null) {
            head.addResponseBytes(unit);
        }
        switch (type) {
            case 'E' -> {
                if (head != null) {
                    error(head, sqlState(view, 0, end));
                }
                ends = match.headTag() == PostgresSession.EXECUTION;
            }
            case 'C', 'I', 's' -> ends = match.headTag() == PostgresSession.EXECUTION;
            case 'W' -> {
                if (head != null) {
                    head.kind(CallKind.STREAM);
                }
            }
            case 'Z' -> {
                if (match.headTag() == PostgresSession.EXECUTION) {
                    // Those after one that failed were not run.
                    match.skipTo(PostgresSession.SYNC);
                }
                ends = true;
            }
            default -> {}
        }
    }

    @Override
    public void passed(long nanos, int thread) {
        if (ends) {
            ends = false;
            match.responseEnded(nanos, thread);
        }
    }

    @Override
    public boolean isAlone() {
        return match.isAnswering() && match.isAlone();
    }

    @Override
    public void passedUnseen(long bytes, ByteView end) {
        ends = false;
        int message = lastError(end);
        Exchange head = match.head();
        if (head != null && message >= 0) {
            error(head, sqlState(end, message, end.length()));
        }
        match.allEnded(bytes, end.nanos(), end.thread());
    }

    /** Where an error begins after which there is at most a ReadyForQuery, or -1. */
    private static int lastError(ByteView view) {
        int ready = view.length() - READY;
        boolean isReady = ready >= 0 && view.u8(ready) == 'Z' && view.i32(ready + 1) == READY - 1;
        int end = isReady ? ready : view.length();
        for (int at = end - HEADER - 1; at >= 0; at--) {
            // Severity is the first field.
            if (view.u8(at) == 'E'
                    && view.i32(at + 1) == end - at - 1
                    && view.u8(at + HEADER) == 'S') {
                return at;
            }
        }
        return -1;
    }

    private static void error(Exchange head, String state) {
        head.answers(state, outcome(state));
    }

    @Override
    public void lost() {
        ends = false;
        match.responsesLost();
    }

    /** A segment that is made of whole messages, or begins with some. */
    @Override
    public boolean startsMessage(ByteView view) {
        int at = 0;
        int messages = 0;
        while (view.length() - at >= HEADER) {
            int length = view.i32(at + 1);
            boolean known = TYPES.indexOf(view.u8(at)) >= 0;
            if (!known || length < 4 || length > LONGEST_MESSAGE) {
                return false;
            }
            messages++;
            if (length + 1L >= view.length() - at) {
                return length + 1L == view.length() - at || messages > 3;
            }
            at += length + 1;
        }
        return messages > 3;
    }

    /** Field C of an error: five characters (appendix A of PostgreSQL's manual). */
    private static String sqlState(ByteView view, int message, int end) {
        int at = message + HEADER;
        while (at < end && view.u8(at) != 0) {
            int zero = view.indexOf(0, at + 1);
            if (view.u8(at) == 'C' && zero == at + 6 && zero <= end) {
                String state = view.latin1(at + 1, zero);
                boolean valid =
                        state.chars()
                                .allMatch(c -> (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'));
                return valid ? state : "";
            }
            if (zero < 0) {
                return "";
            }
            at = zero + 1;
        }
        return "";
    }

    /** By its class: lack of resources, intervention, and faults of the system are the server's. */
    private static Outcome outcome(String state) {
        if (state.length() != 5) {
            return Outcome.SERVER_ERROR;
        }
        return switch (state.substring(0, 2)) {
            case "53", "54", "55", "57", "58", "F0", "XX" -> Outcome.SERVER_ERROR;
            default -> Outcome.CLIENT_ERROR;
        };
    }
}
