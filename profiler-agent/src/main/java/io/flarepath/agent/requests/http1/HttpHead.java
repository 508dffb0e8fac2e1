package io.flarepath.agent.requests.http1;

import io.flarepath.agent.requests.message.TraceIds;
import io.flarepath.agent.requests.message.WaitPreference;
import io.flarepath.agent.requests.stream.ByteView;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The head of a message: its first line, and of its fields what says where the message ends,
 * whether its answer may be waited for, and which trace it belongs to. No other field is kept.
 */
final class HttpHead {
    /** The message has no field that says how long its body is. */
    static final long NO_LENGTH = -1;

    private static final int MOST_FIELDS = 256;

    private static final List<String> FIELDS =
            List.of(
                    "content-length",
                    "transfer-encoding",
                    "content-type",
                    "host",
                    "prefer",
                    "upgrade");

    /** Lengths of the names that are looked at, a bit each, by their first letter. */
    private static final long[] WANTED_LENGTHS = new long['z' - 'a' + 1];

    static {
        Stream.concat(FIELDS.stream(), TraceIds.WANTED.stream())
                .forEach(name -> WANTED_LENGTHS[name.charAt(0) - 'a'] |= 1L << name.length());
    }

    final String firstLine;
    boolean valid = true;
    boolean chunked;

    /** Bytes of the body, or {@link #NO_LENGTH}. */
    long contentLength = NO_LENGTH;

    boolean eventStream;

    /** The client allows the server to wait before it answers. */
    boolean mayWait;

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
            if (isWanted(view, from, to)) {
                head.field(line(view, from, to));
            }
            if (++fields > MOST_FIELDS) {
                head.valid = false;
                break;
            }
            from = to + 1;
        }
        return head;
    }

    /**
     * Whether a line has to be read: the length of its name and the first letter tell of most that
     * it does not.
     */
    private static boolean isWanted(ByteView view, int from, int to) {
        int colon = view.indexOf(':', from);
        int length = colon - from;
        if (length <= 0 || colon >= to || length >= Long.SIZE) {
            return colon < from || colon >= to || length == 0;
        }
        int letter = (view.u8(from) | 0x20) - 'a';
        return letter >= 0
                && letter < WANTED_LENGTHS.length
                && (WANTED_LENGTHS[letter] >> length & 1) != 0;
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
            case "prefer" -> mayWait |= WaitPreference.isWait(line.substring(colon + 1));
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
        int from = 0;
        while (from <= value.length()) {
            int comma = value.indexOf(',', from);
            int to = comma < 0 ? value.length() : comma;
            long length = number(value.substring(from, to).strip());
            from = to + 1;
            if (length < 0 || (contentLength != NO_LENGTH && contentLength != length)) {
                valid = false;
                return;
            }
            contentLength = length;
        }
    }

    /** A number without a sign, or -1. */
    private static long number(String digits) {
        if (digits.isEmpty() || digits.length() > 18) {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }
}
