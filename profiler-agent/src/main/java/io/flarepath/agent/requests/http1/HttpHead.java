package io.flarepath.agent.requests.http1;

import io.flarepath.agent.requests.message.TraceIds;
import io.flarepath.agent.requests.stream.ByteView;
import java.util.Locale;

/**
 * The head of a message: its first line, and of its fields what says where the message ends and
 * which trace it belongs to. No other field is kept.
 */
final class HttpHead {
    /** The message has no field that says how long its body is. */
    static final long NO_LENGTH = -1;

    private static final int MOST_FIELDS = 256;

    final String firstLine;
    boolean valid = true;
    boolean chunked;

    /** Bytes of the body, or {@link #NO_LENGTH}. */
    long contentLength = NO_LENGTH;

    boolean eventStream;
    String host = "";
    String upgrade = "";
    TraceIds trace = TraceIds.NONE;

    private HttpHead(String firstLine) {
        this.firstLine = firstLine;
    }

    /**
     * Index after the empty line that ends a head, or -1.
     *
     * @param from how far it was looked at before
     */
    static int end(ByteView view, int from) {
        int feed = view.indexOf('\n', Math.max(0, from - 3));
        while (feed >= 0) {
            if (feed + 1 < view.length() && view.u8(feed + 1) == '\n') {
                return feed + 2;
            }
            if (feed + 2 < view.length() && view.hasAscii(feed + 1, "\r\n")) {
                return feed + 3;
            }
            feed = view.indexOf('\n', feed + 1);
        }
        return -1;
    }

    /**
     * Reads a head.
     *
     * @param end index after it, or after the last line that is whole
     */
    static HttpHead read(ByteView view, int end) {
        int feed = view.indexOf('\n', 0);
        int lineEnd = feed < 0 || feed >= end ? end : feed;
        HttpHead head = new HttpHead(line(view, 0, lineEnd));
        int from = lineEnd + 1;
        int fields = 0;
        while (from < end) {
            int next = view.indexOf('\n', from);
            int to = next < 0 || next >= end ? end : next;
            head.field(line(view, from, to));
            if (++fields > MOST_FIELDS) {
                head.valid = false;
                break;
            }
            from = to + 1;
        }
        return head;
    }

    private static String line(ByteView view, int from, int to) {
        int last = to > from && view.u8(to - 1) == '\r' ? to - 1 : to;
        return view.latin1(from, last);
    }

    private void field(String line) {
        int colon = line.indexOf(':');
        if (colon <= 0) {
            // The empty line at the end, or an obsolete folded one, which carries nothing of ours.
            valid &= line.isEmpty() || line.charAt(0) == ' ' || line.charAt(0) == '\t';
            return;
        }
        String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
        switch (name) {
            case "content-length" -> length(line.substring(colon + 1).strip());
            case "transfer-encoding" ->
                    chunked = line.strip().toLowerCase(Locale.ROOT).endsWith("chunked");
            case "content-type" ->
                    eventStream =
                            line.substring(colon + 1)
                                    .strip()
                                    .toLowerCase(Locale.ROOT)
                                    .startsWith("text/event-stream");
            case "host" -> host = line.substring(colon + 1).strip();
            case "upgrade" -> upgrade = line.substring(colon + 1).strip().toLowerCase(Locale.ROOT);
            default -> {
                if (TraceIds.isWanted(name)) {
                    trace = trace.with(name, line.substring(colon + 1));
                }
            }
        }
    }

    private void length(String value) {
        // Several equal values in one field are allowed (RFC 9112, section 6.3).
        for (String part : value.split(",", 8)) {
            String digits = part.strip();
            boolean number =
                    !digits.isEmpty()
                            && digits.length() <= 18
                            && digits.chars().allMatch(c -> c >= '0' && c <= '9');
            long length = number ? Long.parseLong(digits) : -1;
            if (length < 0 || (contentLength != NO_LENGTH && contentLength != length)) {
                valid = false;
                return;
            }
            contentLength = length;
        }
    }
}
