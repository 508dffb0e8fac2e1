package io.flarepath.agent.requests.kafka;

import io.flarepath.agent.requests.match.IdMatch;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Outcome;
import io.flarepath.agent.requests.stream.ByteView;
import io.flarepath.agent.requests.stream.StreamParser;

/** Reads what a server sends: a length, the correlation id, and the answer. */
final class KafkaResponses implements StreamParser {
    /** Topics have ids instead of names from version 13 on. */
    private static final int TOPIC_ID_BYTES = 16;

    private static final int LOOKED_AT = 512;
    private static final int LONGEST = 1 << 30;
    private static final int UNSUPPORTED_VERSION = 35;

    private final IdMatch match;
    private final KafkaSession session;
    private long correlation = -1;

    KafkaResponses(IdMatch match, KafkaSession session) {
        this.match = match;
        this.session = session;
    }

    @Override
    public long parse(ByteView view) {
        if (view.length() < 4) {
            return NEED_MORE;
        }
        int length = view.i32(0);
        long unit = 4L + length;
        if (length < 4 || length > LONGEST) {
            return MALFORMED;
        }
        if (view.length() < Math.min(unit, LOOKED_AT) && !view.isCut()) {
            return NEED_MORE;
        }
        if (view.length() < 8) {
            return MALFORMED;
        }
        int end = (int) Math.min(Math.min(unit, LOOKED_AT), view.length());
        correlation = view.i32(4) & 0xFFFFFFFFL;
        Exchange exchange = match.find(correlation);
        KafkaSession.Kind kind = session.take(view.i32(4));
        if (exchange == null) {
            match.unexpected();
            correlation = -1;
            return unit;
        }
        exchange.responseBegan(view.nanos());
        exchange.addResponseBytes(unit);
        int code = kind == null ? 0 : errorCode(view, end, kind);
        exchange.answers(
                code == 0 ? "" : Integer.toString(code), code == 0 ? Outcome.OK : outcome(code));
        return unit;
    }

    /** The error of the request, or of the first partition of its first topic. */
    private static int errorCode(ByteView view, int end, KafkaSession.Kind kind) {
        boolean flexible = KafkaApi.isFlexible(kind.key(), kind.version());
        KafkaFields fields = new KafkaFields(view, 8, end);
        if (flexible) {
            fields.tags();
        }
        return switch (kind.key()) {
            case KafkaApi.PRODUCE -> {
                if (fields.count(flexible) <= 0) {
                    yield 0;
                }
                if (kind.version() >= 13) {
                    fields.skip(TOPIC_ID_BYTES);
                } else {
                    fields.string(flexible);
                }
                if (fields.count(flexible) <= 0) {
                    yield 0;
                }
                fields.skip(4);
                yield fields.int16();
            }
            case KafkaApi.FETCH -> {
                if (kind.version() < 7) {
                    yield 0;
                }
                fields.skip(4);
                yield fields.int16();
            }
            case KafkaApi.SASL_HANDSHAKE, KafkaApi.API_VERSIONS -> {
                // A server that lacks the version answers in that of version 0, and is asked again.
                int code = fields.int16();
                yield code == UNSUPPORTED_VERSION ? 0 : code;
            }
            default -> 0;
        };
    }

    /** Which side is at fault (org.apache.kafka.common.protocol.Errors). */
    private static Outcome outcome(int code) {
        return switch (code) {
            case -1, 5, 6, 7, 8, 9, 13, 14, 15, 16, 19, 20, 41, 56 -> Outcome.SERVER_ERROR;
            default -> Outcome.CLIENT_ERROR;
        };
    }

    @Override
    public void passed(long nanos, int thread) {
        if (correlation >= 0) {
            match.answered(correlation, nanos, thread);
            correlation = -1;
        }
    }

    @Override
    public void lost() {
        correlation = -1;
        match.forgetAll();
    }

    /** Only what answers an open request is taken for an answer. */
    @Override
    public boolean startsMessage(ByteView view) {
        if (view.length() < 8) {
            return false;
        }
        int length = view.i32(0);
        return length >= 4
                && length <= LONGEST
                && length + 4L >= view.length()
                && session.find(view.i32(4)) != null
                && match.find(view.i32(4) & 0xFFFFFFFFL) != null;
    }
}
