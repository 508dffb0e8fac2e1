package io.flarepath.agent.requests.http1;

import io.flarepath.agent.requests.match.OrderedMatch;
import io.flarepath.agent.requests.message.CallKind;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Protocol;
import io.flarepath.agent.requests.route.MaskedPath;
import io.flarepath.agent.requests.stream.ByteView;
import io.flarepath.agent.requests.stream.StreamParser;
import org.jspecify.annotations.Nullable;

/** Reads what a client sends. */
final class HttpRequests implements StreamParser {
    private static final int LONGEST_METHOD = 24;
    private static final String VERSION = " HTTP/1.";

    private final OrderedMatch match;
    private final HttpBody body = new HttpBody();
    private @Nullable Exchange current;
    private int scanned;
    private boolean headCut;

    HttpRequests(OrderedMatch match) {
        this.match = match;
    }

    @Override
    public long parse(ByteView view) {
        if (body.isOpen()) {
            return counted(body.parse(view));
        }
        int blank = 0;
        while (blank < view.length() && (view.u8(blank) == '\r' || view.u8(blank) == '\n')) {
            blank++;
        }
        if (blank > 0) {
            // Some clients end a body with a line end too many.
            return blank;
        }
        int end = HttpHead.end(view, scanned);
        if (end < 0 && !view.isCut()) {
            scanned = view.length();
            return mayBeRequest(view) ? NEED_MORE : MALFORMED;
        }
        scanned = 0;
        headCut = end < 0;
        return head(view, headCut ? lastLine(view) : end);
    }

    @Override
    public long parseUnseen() {
        return counted(body.parseUnseen());
    }

    private long counted(long unit) {
        if (current != null && unit > 0) {
            current.addRequestBytes(body.content());
        }
        return unit;
    }

    private static int lastLine(ByteView view) {
        int end = view.length();
        while (end > 0 && view.u8(end - 1) != '\n') {
            end--;
        }
        return end;
    }

    private long head(ByteView view, int end) {
        if (end == 0) {
            return MALFORMED;
        }
        HttpHead head = HttpHead.read(view, end);
        String line = head.firstLine;
        int method = line.indexOf(' ');
        int version = line.lastIndexOf(VERSION);
        if (!head.valid || method <= 0 || version <= method || !isMethod(line, method)) {
            return MALFORMED;
        }
        String name = line.substring(0, method);
        String path = MaskedPath.of(line.substring(method + 1, version));
        Exchange exchange =
                new Exchange(Protocol.HTTP1, view.nanos(), view.thread())
                        .asks(name, path)
                        .detail(head.host)
                        .trace(head.trace);
        if (head.mayWait) {
            exchange.kind(CallKind.LONG_POLL);
        }
        match.request(exchange);
        current = exchange;
        if (headCut) {
            // Where it ends is in what was not captured. It is answered all the same.
            exchange.requestEnded(view.nanos());
            current = null;
            return MALFORMED;
        }
        if (head.chunked) {
            body.chunked();
        } else {
            body.plain(Math.max(0, head.contentLength));
        }
        return end;
    }

    @Override
    public void passed(long nanos, int thread) {
        if (current != null && !body.isOpen()) {
            current.requestEnded(nanos);
            current = null;
        }
    }

    @Override
    public boolean isAlone() {
        return body.isOpen() && current != null && match.isAlone();
    }

    @Override
    public void passedUnseen(long bytes, ByteView end) {
        body.none();
        if (current != null) {
            current.addRequestBytes(bytes);
        }
        passed(end.nanos(), end.thread());
    }

    @Override
    public void lost() {
        body.none();
        current = null;
        scanned = 0;
        match.requestsLost();
    }

    @Override
    public boolean startsMessage(ByteView view) {
        return isRequestLine(view);
    }

    /** Whether a whole request line stands here. */
    static boolean isRequestLine(ByteView view) {
        int feed = view.indexOf('\n', 0);
        if (feed < 0) {
            return false;
        }
        int to = feed > 0 && view.u8(feed - 1) == '\r' ? feed - 1 : feed;
        String line = view.latin1(0, to);
        int method = line.indexOf(' ');
        int version = line.lastIndexOf(VERSION);
        return method > 0
                && isMethod(line, method)
                && version > method
                && version + VERSION.length() + 1 == line.length();
    }

    private static boolean mayBeRequest(ByteView view) {
        int checked = Math.min(view.length(), LONGEST_METHOD + 1);
        for (int i = 0; i < checked; i++) {
            int c = view.u8(i);
            if (c == ' ') {
                return i > 0;
            }
            if (!isMethodLetter(c)) {
                return false;
            }
        }
        return checked <= LONGEST_METHOD;
    }

    /**
     * Methods are tokens (RFC 9110, section 9.1); all that are registered are letters and dashes.
     */
    private static boolean isMethod(String line, int length) {
        if (length > LONGEST_METHOD) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (!isMethodLetter(line.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isMethodLetter(int c) {
        return (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
    }
}
