package io.flarepath.agent.requests.redis;

import io.flarepath.agent.requests.match.OrderedMatch;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Outcome;
import io.flarepath.agent.requests.stream.ByteView;
import io.flarepath.agent.requests.stream.StreamParser;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads answers: values that may hold others. Of each only its first line is looked at. What comes
 * without having been asked for (messages to subscribers, RESP 3 pushes) is told apart from them.
 */
final class RedisResponses implements StreamParser {
    private static final int DEEPEST = 32;
    private static final int LONGEST_CODE = 32;
    private static final Set<String> MESSAGES =
            Set.of(
                    "message",
                    "pmessage",
                    "smessage",
                    "subscribe",
                    "psubscribe",
                    "ssubscribe",
                    "unsubscribe",
                    "punsubscribe",
                    "sunsubscribe");

    private final OrderedMatch match;
    private final RedisSession session;

    /** Values that are still to come, on each level of the value that is being read. */
    private final long[] left = new long[DEEPEST];

    private int depth;
    private boolean inValue;
    private boolean isAnswer;
    private @Nullable Exchange answered;

    RedisResponses(OrderedMatch match, RedisSession session) {
        this.match = match;
        this.session = session;
    }

    @Override
    public long parse(ByteView view) {
        if (session.streaming) {
            return view.length();
        }
        int end = RespLine.end(view, 1);
        if (end < 0) {
            return isType(view.u8(0)) && RespLine.mayEnd(view, 1) ? NEED_MORE : MALFORMED;
        }
        int type = view.u8(0);
        if (!inValue) {
            int push = pushed(view, type, end);
            if (push < 0) {
                return NEED_MORE;
            }
            begin(view, push == 0);
        }
        long unit = value(view, type, end);
        if (unit > 0 && isAnswer && answered != null) {
            answered.addResponseBytes(unit);
        }
        return unit;
    }

    private void begin(ByteView view, boolean answer) {
        inValue = true;
        isAnswer = answer;
        if (answer) {
            match.responseBegan(view.nanos());
            answered = match.head();
        }
    }

    /** 1 for what was not asked for, 0 for an answer, -1 if that is not known yet. */
    private int pushed(ByteView view, int type, int end) {
        if (type == '>') {
            session.pushes = true;
            return 1;
        }
        if (type != '*' || !session.subscribed || session.pushes) {
            return 0;
        }
        int word = end + 2;
        int wordEnd = word < view.length() ? RespLine.end(view, word) : -1;
        if (wordEnd < 0) {
            return view.length() - word < RespLine.LONGEST && !view.isCut() ? -1 : 0;
        }
        long length = RespLine.number(view, word + 1, wordEnd);
        if (view.u8(word) != '$' || length < 0 || length > LONGEST_CODE) {
            return 0;
        }
        int from = wordEnd + 2;
        if (view.length() - from < length) {
            return view.isCut() ? 0 : -1;
        }
        return MESSAGES.contains(view.latin1(from, from + (int) length)) ? 1 : 0;
    }

    private long value(ByteView view, int type, int end) {
        return switch (type) {
            case '+', ':', '_', '#', ',', '(' -> {
                ended();
                yield end + 2L;
            }
            case '-' -> {
                error(view, 1, end);
                ended();
                yield end + 2L;
            }
            case '$', '=', '!' -> bulk(view, type, end);
            case '*', '~', '>', '%', '|' -> {
                long count = RespLine.number(view, 1, end);
                if (count < -1 || count > Integer.MAX_VALUE || depth + 1 >= DEEPEST) {
                    yield MALFORMED;
                }
                opened(type == '%' || type == '|' ? count * 2 : count, type == '|');
                yield end + 2L;
            }
            default -> MALFORMED;
        };
    }

    private long bulk(ByteView view, int type, int end) {
        int line = end + 2;
        long length = RespLine.number(view, 1, end);
        if (length < -1 || length > RespLine.LONGEST_BULK) {
            return MALFORMED;
        }
        if (type == '!') {
            if (view.length() - line < Math.min(length, LONGEST_CODE) && !view.isCut()) {
                return NEED_MORE;
            }
            error(view, line, (int) Math.min(view.length(), line + Math.max(0, length)));
        }
        ended();
        return length < 0 ? line : line + length + 2;
    }

    private void error(ByteView view, int from, int to) {
        if (depth > 0 || answered == null || !isAnswer) {
            return;
        }
        int end = from;
        while (end < to
                && end - from < LONGEST_CODE
                && view.u8(end) >= 'A'
                && view.u8(end) <= 'Z') {
            end++;
        }
        String code = end == from ? "ERR" : view.latin1(from, end);
        Outcome outcome =
                switch (code) {
                    case "OOM",
                            "LOADING",
                            "BUSY",
                            "MISCONF",
                            "MASTERDOWN",
                            "CLUSTERDOWN",
                            "TRYAGAIN",
                            "NOREPLICAS",
                            "READONLY" ->
                            Outcome.SERVER_ERROR;
                    default -> Outcome.CLIENT_ERROR;
                };
        answered.answers(code, outcome);
    }

    /** An aggregate begins. An attribute is followed by the value that it is of. */
    private void opened(long count, boolean attribute) {
        if (count <= 0) {
            if (!attribute) {
                ended();
            }
            return;
        }
        left[depth++] = attribute ? count + 1 : count;
    }

    private void ended() {
        while (depth > 0) {
            if (--left[depth - 1] > 0) {
                return;
            }
            depth--;
        }
        inValue = false;
    }

    @Override
    public void passed(long nanos, int thread) {
        if (session.streaming || inValue || depth > 0) {
            return;
        }
        if (isAnswer) {
            isAnswer = false;
            answered = null;
            match.responseEnded(nanos, thread);
        }
    }

    @Override
    public boolean isAlone() {
        return isAnswer && !session.streaming && !session.subscribed && match.isAlone();
    }

    @Override
    public void passedUnseen(long bytes, ByteView end) {
        reset();
        match.allEnded(bytes, end.nanos(), end.thread());
    }

    private void reset() {
        depth = 0;
        inValue = false;
        isAnswer = false;
        answered = null;
    }

    @Override
    public void lost() {
        reset();
        match.responsesLost();
    }

    /** Answers have hardly any form: only a whole line or a whole bulk string is taken for one. */
    @Override
    public boolean startsMessage(ByteView view) {
        int end = RespLine.end(view, 1);
        if (end < 0 || session.streaming) {
            return false;
        }
        int type = view.u8(0);
        return switch (type) {
            case '+', '-', ':', '_', '#', ',' -> end + 2 == view.length();
            case '$' -> {
                long length = RespLine.number(view, 1, end);
                yield length == -1 || end + 2 + length + 2 == view.length();
            }
            case '*', '%', '~', '>' -> {
                long count = RespLine.number(view, 1, end);
                yield count >= -1
                        && count < 1 << 20
                        && (end + 2 == view.length() || isType(view.u8(end + 2)));
            }
            default -> false;
        };
    }

    private static boolean isType(int c) {
        return "+-:$*_#,(!=%~>|".indexOf(c) >= 0;
    }
}
