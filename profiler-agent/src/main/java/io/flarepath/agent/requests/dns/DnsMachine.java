package io.flarepath.agent.requests.dns;

import io.flarepath.agent.requests.match.IdMatch;
import io.flarepath.agent.requests.match.MatchCounters;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.ExchangeSink;
import io.flarepath.agent.requests.message.Outcome;
import io.flarepath.agent.requests.message.Protocol;
import io.flarepath.agent.requests.message.ProtocolMachine;
import io.flarepath.agent.requests.stream.ByteView;
import io.flarepath.agent.requests.stream.StreamParser;
import org.jspecify.annotations.Nullable;

/**
 * A client and a server of DNS. Answers are paired by id and question: ids alone are drawn anew for
 * each question and come again. Over TCP each message has its length in front; a datagram is one
 * message, and what is cut of it does not matter once the question is there.
 */
public final class DnsMachine implements ProtocolMachine {
    private static final long TIMEOUT_NANOS = 15_000_000_000L;
    private static final int LOOKED_AT = 300;

    private final IdMatch match;
    private final Side requests;
    private final Side responses;

    /**
     * A connection, or a socket and its peer.
     *
     * @param framed whether it is TCP
     */
    public DnsMachine(ExchangeSink sink, MatchCounters counters, boolean framed) {
        match = new IdMatch(sink, counters, TIMEOUT_NANOS);
        requests = new Side(false, framed ? 2 : 0);
        responses = new Side(true, framed ? 2 : 0);
    }

    /**
     * Whether a question or an answer begins here.
     *
     * @param framed whether with its length in front
     */
    public static boolean isMessage(ByteView view, boolean framed, boolean answer) {
        int from = framed ? 2 : 0;
        if (view.length() < from + 17 || (framed && view.u16(0) < 17)) {
            return false;
        }
        DnsMessage message = DnsMessage.read(view, from);
        return message != null && message.answer() == answer && message.opcode() == 0;
    }

    @Override
    public StreamParser requests() {
        return requests;
    }

    @Override
    public StreamParser responses() {
        return responses;
    }

    @Override
    public boolean isOpaque() {
        return false;
    }

    /** Many close the socket that they asked with as soon as one of several answers is in. */
    @Override
    public void closed(long nanos) {
        match.expire(nanos);
        match.forgetAll();
    }

    @Override
    public void expire(long nanos) {
        match.expire(nanos);
    }

    @Override
    public int heldBytes() {
        return match.size() * 300;
    }

    /** One direction. */
    private final class Side implements StreamParser {
        private final boolean answers;
        private final int prefix;
        private @Nullable Exchange asked;
        private long answered = -1;

        Side(boolean answers, int prefix) {
            this.answers = answers;
            this.prefix = prefix;
        }

        @Override
        public long parse(ByteView view) {
            long unit = view.length();
            if (prefix > 0) {
                if (view.length() < prefix) {
                    return NEED_MORE;
                }
                unit = (long) prefix + view.u16(0);
                if (view.length() < Math.min(unit, LOOKED_AT) && !view.isCut()) {
                    return NEED_MORE;
                }
                if (view.u16(0) < 17) {
                    return MALFORMED;
                }
            }
            DnsMessage message = DnsMessage.read(view, prefix);
            if (message == null || message.answer() != answers) {
                return MALFORMED;
            }
            if (message.opcode() == 0) {
                take(message, view, unit);
            }
            return unit;
        }

        private void take(DnsMessage message, ByteView view, long unit) {
            Exchange earlier = match.find(message.id());
            boolean same =
                    earlier != null
                            && earlier.target().equals(message.name())
                            && earlier.operation().equals(message.type());
            if (!answers) {
                // The same question asked again is one lookup, from when it was first asked.
                if (!same) {
                    ask(message, view, unit);
                }
                return;
            }
            if (earlier == null || !same) {
                match.unexpected();
                return;
            }
            earlier.responseBegan(view.nanos());
            earlier.addResponseBytes(unit);
            earlier.answers(DnsMessage.codeName(message.code()), outcome(message.code()));
            answered = message.id();
        }

        private void ask(DnsMessage message, ByteView view, long unit) {
            Exchange exchange =
                    new Exchange(Protocol.DNS, view.nanos(), view.thread())
                            .asks(message.type(), message.name());
            exchange.addRequestBytes(unit);
            asked = exchange;
            match.request(message.id(), exchange);
        }

        private static Outcome outcome(int code) {
            return switch (code) {
                case 0 -> Outcome.OK;
                case 1, 3 -> Outcome.CLIENT_ERROR;
                default -> Outcome.SERVER_ERROR;
            };
        }

        @Override
        public void passed(long nanos, int thread) {
            if (asked != null) {
                asked.requestEnded(nanos);
                asked = null;
            }
            if (answered >= 0) {
                match.answered(answered, nanos, thread);
                answered = -1;
            }
        }

        @Override
        public void lost() {
            asked = null;
            answered = -1;
        }

        @Override
        public boolean startsMessage(ByteView view) {
            return isMessage(view, prefix > 0, answers);
        }
    }
}
