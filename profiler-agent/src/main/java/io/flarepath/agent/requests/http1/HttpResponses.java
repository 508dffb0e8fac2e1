package io.flarepath.agent.requests.http1;

import io.flarepath.agent.requests.match.OrderedMatch;
import io.flarepath.agent.requests.message.CallKind;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Outcome;
import io.flarepath.agent.requests.stream.ByteView;
import io.flarepath.agent.requests.stream.StreamParser;
import org.jspecify.annotations.Nullable;

/** Reads what a server sends. */
final class HttpResponses implements StreamParser {
    /** A body that ends with the connection: more than any connection carries. */
    private static final long UNTIL_CLOSE = 1L << 60;

    private final OrderedMatch match;
    private final Takeover takeover;
    private final HttpBody body = new HttpBody();
    private @Nullable Exchange answered;
    private boolean inMessage;
    private boolean untilClose;
    private boolean interim;
    private String taken = "";
    private int scanned;

    /** Is told that after this answer the connection speaks another protocol. */
    interface Takeover {
        /**
         * It does.
         *
         * @param protocol as in the field Upgrade, or empty for a tunnel
         * @param asking the request that led to it, or null if it is not known
         */
        void takenOver(String protocol, @Nullable Exchange asking);
    }

    HttpResponses(OrderedMatch match, Takeover takeover) {
        this.match = match;
        this.takeover = takeover;
    }

    @Override
    public long parse(ByteView view) {
        if (body.isOpen()) {
            return counted(body.parse(view));
        }
        int end = HttpHead.end(view, scanned);
        if (end < 0) {
            scanned = view.length();
            return mayBeResponse(view) ? NEED_MORE : MALFORMED;
        }
        scanned = 0;
        HttpHead head = HttpHead.read(view, end);
        int status = status(head.firstLine);
        if (!head.valid || status < 0) {
            return MALFORMED;
        }
        match.responseBegan(view.nanos());
        answered = match.head();
        inMessage = true;
        interim = status < 200 && status != 101;
        if (!interim) {
            begin(head, status);
        }
        return end;
    }

    @Override
    public long parseUnseen() {
        return counted(body.parseUnseen());
    }

    private long counted(long unit) {
        if (answered != null && unit > 0 && !untilClose) {
            answered.addResponseBytes(body.content());
        }
        return unit;
    }

    private void begin(HttpHead head, int status) {
        boolean tunnel = status == 101;
        boolean empty = status == 204 || status == 304 || tunnel;
        Exchange exchange = answered;
        if (exchange != null) {
            exchange.answers(Integer.toString(status), outcome(status));
            boolean connected = exchange.operation().equals("CONNECT") && status / 100 == 2;
            tunnel |= connected;
            empty |= connected || exchange.operation().equals("HEAD");
            if (head.eventStream || tunnel) {
                exchange.kind(CallKind.STREAM);
            }
        }
        taken = tunnel ? "tunnel " + head.upgrade : "";
        if (empty) {
            body.none();
        } else if (head.chunked) {
            body.chunked();
        } else if (head.contentLength != HttpHead.NO_LENGTH) {
            body.plain(head.contentLength);
        } else {
            untilClose = true;
            body.plain(UNTIL_CLOSE);
        }
    }

    private static Outcome outcome(int status) {
        if (status >= 500) {
            return Outcome.SERVER_ERROR;
        }
        return status >= 400 ? Outcome.CLIENT_ERROR : Outcome.OK;
    }

    @Override
    public void passed(long nanos, int thread) {
        if (!inMessage || body.isOpen()) {
            return;
        }
        inMessage = false;
        if (interim) {
            return;
        }
        Exchange asking = answered;
        answered = null;
        match.responseEnded(nanos, thread);
        if (!taken.isEmpty()) {
            takeover.takenOver(taken.substring("tunnel ".length()), asking);
        }
    }

    /** The connection is closed, which ends a body that has no length. */
    void closed(long nanos) {
        if (inMessage && untilClose) {
            inMessage = false;
            match.responseEnded(nanos, 0);
        }
    }

    @Override
    public boolean isAlone() {
        return inMessage && !interim && match.isAlone();
    }

    @Override
    public void passedUnseen(long bytes, ByteView end) {
        body.none();
        untilClose = false;
        if (answered != null) {
            answered.addResponseBytes(bytes);
        }
        passed(end.nanos(), end.thread());
    }

    @Override
    public void lost() {
        body.none();
        inMessage = false;
        untilClose = false;
        answered = null;
        scanned = 0;
        match.responsesLost();
    }

    @Override
    public boolean startsMessage(ByteView view) {
        int feed = view.indexOf('\n', 0);
        if (feed < 0) {
            return false;
        }
        int to = feed > 0 && view.u8(feed - 1) == '\r' ? feed - 1 : feed;
        return status(view.latin1(0, to)) > 0;
    }

    private static boolean mayBeResponse(ByteView view) {
        String start = "HTTP/1.";
        return view.hasAscii(0, start.substring(0, Math.min(start.length(), view.length())));
    }

    /** The status of a status line, or -1 if it is none. */
    private static int status(String line) {
        if (line.length() < 12 || !line.startsWith("HTTP/1.") || line.charAt(8) != ' ') {
            return -1;
        }
        int status = 0;
        for (int i = 9; i < 12; i++) {
            int digit = line.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            status = status * 10 + digit;
        }
        boolean ends = line.length() == 12 || line.charAt(12) == ' ';
        return ends && status >= 100 ? status : -1;
    }
}
