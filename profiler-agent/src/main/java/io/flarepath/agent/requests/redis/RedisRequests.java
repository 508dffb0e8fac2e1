package io.flarepath.agent.requests.redis;

import io.flarepath.agent.requests.match.OrderedMatch;
import io.flarepath.agent.requests.message.CallKind;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Protocol;
import io.flarepath.agent.requests.stream.ByteView;
import io.flarepath.agent.requests.stream.StreamParser;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads commands: arrays of bulk strings, or lines. Of the arguments only the first one of a
 * command of two words is looked at; keys and values are passed over by their length.
 */
final class RedisRequests implements StreamParser {
    private static final int MOST_ARGUMENTS = 1 << 20;
    private static final int LONGEST_NAME = 32;

    private final OrderedMatch match;
    private final RedisSession session;
    private @Nullable Exchange current;

    /** Arguments of the command that are still to come, and how many came. */
    private long left;

    private int seen;
    private long bytes;
    private long nanos;
    private int thread;
    private String name = "";
    private String second = "";
    private String third = "";
    private boolean block;

    RedisRequests(OrderedMatch match, RedisSession session) {
        this.match = match;
        this.session = session;
    }

    @Override
    public long parse(ByteView view) {
        if (left > 0) {
            return argument(view);
        }
        int first = view.u8(0);
        if (first == '\r' || first == '\n') {
            return 1;
        }
        if (first != '*') {
            return inline(view);
        }
        int end = RespLine.end(view, 1);
        if (end < 0) {
            return RespLine.mayEnd(view, 1) ? NEED_MORE : MALFORMED;
        }
        long count = RespLine.number(view, 1, end);
        if (count <= 0 || count > MOST_ARGUMENTS) {
            return count == 0 || count == -1 ? end + 2L : MALFORMED;
        }
        begin(view);
        left = count;
        bytes = end + 2L;
        return end + 2L;
    }

    private void begin(ByteView view) {
        nanos = view.nanos();
        thread = view.thread();
        name = "";
        second = "";
        third = "";
        block = false;
        seen = 0;
    }

    private long argument(ByteView view) {
        int end = RespLine.end(view, 1);
        if (view.u8(0) != '$') {
            return MALFORMED;
        }
        if (end < 0) {
            return RespLine.mayEnd(view, 1) ? NEED_MORE : MALFORMED;
        }
        long length = RespLine.number(view, 1, end);
        if (length < 0 || length > RespLine.LONGEST_BULK) {
            return MALFORMED;
        }
        int from = end + 2;
        boolean word = length <= LONGEST_NAME && isLookedAt();
        if (word && view.length() - from < length) {
            return NEED_MORE;
        }
        String text = word ? upper(view.latin1(from, from + (int) length)) : "";
        if (seen == 0) {
            if (!isName(text)) {
                return MALFORMED;
            }
            name = text;
        } else if (seen == 1 && hasSecondWord(name) && isName(text)) {
            second = text;
        } else if (seen == 2 && isReplyMode()) {
            third = text;
        }
        block |= seen > 0 && text.equals("BLOCK");
        seen++;
        left--;
        long unit = from + length + 2;
        bytes += unit;
        if (left == 0) {
            command();
        }
        return unit;
    }

    /** The name; the second word of some commands; the options of reads that may wait. */
    private boolean isLookedAt() {
        return seen == 0
                || (seen == 1 && hasSecondWord(name))
                || (seen == 2 && isReplyMode())
                || (seen < 8 && name.startsWith("XREAD"));
    }

    private long inline(ByteView view) {
        int feed = view.indexOf('\n', 0);
        if (feed < 0) {
            boolean text = view.u8(0) >= 'A' && view.u8(0) <= 'z';
            return text && view.length() < RespLine.LONGEST ? NEED_MORE : MALFORMED;
        }
        begin(view);
        String[] words = upper(view.latin1(0, feed).strip()).split(" +", 4);
        if (!isName(words[0])) {
            return MALFORMED;
        }
        name = words[0];
        boolean two = words.length > 1 && hasSecondWord(name) && isName(words[1]);
        second = two ? words[1] : "";
        third = words.length > 2 && isReplyMode() ? words[2] : "";
        bytes = feed + 1L;
        command();
        return feed + 1L;
    }

    private void command() {
        String operation = second.isEmpty() ? name : name + " " + second;
        Exchange exchange = new Exchange(Protocol.REDIS, nanos, thread).asks(operation, "");
        exchange.addRequestBytes(bytes);
        current = exchange;
        switch (name) {
            case "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE" -> {
                session.subscribed = true;
                exchange.kind(CallKind.ONE_WAY);
            }
            case "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE" -> {
                // Each channel is confirmed by a message of its own, none needs one as well.
                session.subscribed = true;
                exchange.kind(CallKind.ONE_WAY);
            }
            case "MONITOR", "SYNC", "PSYNC" -> {
                session.streaming = true;
                exchange.kind(CallKind.ONE_WAY);
            }
            case "BLPOP", "BRPOP", "BRPOPLPUSH", "BLMOVE", "BLMPOP", "BZPOPMIN", "BZPOPMAX" ->
                    exchange.kind(CallKind.LONG_POLL);
            case "BZMPOP", "WAIT", "WAITAOF" -> exchange.kind(CallKind.LONG_POLL);
            default -> {
                if (block) {
                    exchange.kind(CallKind.LONG_POLL);
                }
            }
        }
        if (isUnanswered()) {
            exchange.kind(CallKind.ONE_WAY);
        }
        if (exchange.kind() != CallKind.ONE_WAY) {
            match.request(exchange);
        }
    }

    @Override
    public void passed(long atNanos, int byThread) {
        Exchange exchange = current;
        if (exchange == null || left > 0) {
            return;
        }
        current = null;
        exchange.requestEnded(atNanos);
        if (exchange.kind() == CallKind.ONE_WAY) {
            match.oneWay(exchange);
        }
    }

    private boolean isReplyMode() {
        return name.equals("CLIENT") && second.equals("REPLY");
    }

    /** Whether the client has said that it wants no answer to this command. */
    private boolean isUnanswered() {
        boolean skipped = session.skipsNext;
        session.skipsNext = false;
        if (isReplyMode()) {
            session.silent = third.equals("OFF");
            session.skipsNext = third.equals("SKIP");
            return !third.equals("ON");
        }
        return session.silent || skipped;
    }

    @Override
    public void lost() {
        left = 0;
        current = null;
        session.silent = false;
        session.skipsNext = false;
        match.requestsLost();
    }

    @Override
    public boolean startsMessage(ByteView view) {
        int end = RespLine.end(view, 1);
        if (view.u8(0) != '*' || end < 0) {
            return false;
        }
        long count = RespLine.number(view, 1, end);
        int word = end + 2;
        int wordEnd = word < view.length() ? RespLine.end(view, word) : -1;
        if (count <= 0 || count > MOST_ARGUMENTS || wordEnd < 0 || view.u8(word) != '$') {
            return false;
        }
        long length = RespLine.number(view, word + 1, wordEnd);
        return length > 0
                && length <= LONGEST_NAME
                && view.length() >= wordEnd + 2 + length
                && isName(upper(view.latin1(wordEnd + 2, wordEnd + 2 + (int) length)));
    }

    private static boolean hasSecondWord(String command) {
        return switch (command) {
            case "ACL",
                    "CLIENT",
                    "CLUSTER",
                    "COMMAND",
                    "CONFIG",
                    "DEBUG",
                    "FUNCTION",
                    "LATENCY",
                    "MEMORY",
                    "MODULE",
                    "OBJECT",
                    "PUBSUB",
                    "SCRIPT",
                    "SLOWLOG",
                    "XGROUP",
                    "XINFO" ->
                    true;
            default -> false;
        };
    }

    /** Commands, those of modules too ({@code JSON.GET}). */
    private static boolean isName(String text) {
        if (text.isEmpty() || text.length() > LONGEST_NAME) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean sign = i > 0 && (c == '.' || c == '_' || c == '-' || (c >= '0' && c <= '9'));
            if (!sign && (c < 'A' || c > 'Z')) {
                return false;
            }
        }
        return true;
    }

    private static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }
}
