package io.flarepath.agent.requests.kafka;

import io.flarepath.agent.requests.match.IdMatch;
import io.flarepath.agent.requests.message.CallKind;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Protocol;
import io.flarepath.agent.requests.stream.ByteView;
import io.flarepath.agent.requests.stream.StreamParser;
import org.jspecify.annotations.Nullable;

/** Reads what a client sends: a length, a header with a correlation id, and the request. */
final class KafkaRequests implements StreamParser {
    private static final int HEADER = 14;

    /** As much of a message as is looked at: up to the name of the first topic. */
    private static final int LOOKED_AT = 512;

    /** socket.request.max.bytes is 100 MiB by default. */
    private static final int LONGEST = 1 << 28;

    private final IdMatch match;
    private final KafkaSession session;
    private @Nullable Exchange current;

    KafkaRequests(IdMatch match, KafkaSession session) {
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
        if (length < HEADER - 4 || length > LONGEST) {
            return MALFORMED;
        }
        if (view.length() < Math.min(unit, LOOKED_AT) && !view.isCut()) {
            return NEED_MORE;
        }
        if (view.length() < HEADER || !isHeader(view, 0)) {
            return MALFORMED;
        }
        int end = (int) Math.min(Math.min(unit, LOOKED_AT), view.length());
        request(view, end, unit);
        return unit;
    }

    private void request(ByteView view, int end, long unit) {
        int key = view.u16(4);
        int version = view.u16(6);
        int correlation = view.i32(8);
        KafkaFields fields = new KafkaFields(view, 12, end);
        fields.string(false);
        boolean flexible = KafkaApi.isFlexible(key, version);
        if (flexible) {
            fields.tags();
        }
        Exchange exchange = new Exchange(Protocol.KAFKA, view.nanos(), view.thread());
        exchange.addRequestBytes(unit);
        String topic = "";
        if (key == KafkaApi.PRODUCE) {
            if (version >= 3) {
                fields.string(flexible);
            }
            int acks = fields.int16();
            if (!fields.isOver() && acks == 0) {
                exchange.kind(CallKind.ONE_WAY);
            }
            fields.skip(4);
            topic = version < 13 && fields.count(flexible) > 0 ? fields.topic(flexible) : "";
        } else if (key == KafkaApi.FETCH) {
            exchange.kind(CallKind.LONG_POLL);
            topic = fetchedTopic(fields, version, flexible);
        } else if (key == KafkaApi.JOIN_GROUP || key == KafkaApi.SYNC_GROUP) {
            exchange.kind(CallKind.LONG_POLL);
        }
        exchange.asks(KafkaApi.name(key), topic);
        current = exchange;
        if (exchange.kind() != CallKind.ONE_WAY) {
            session.asked(correlation, key, version);
            match.request(correlation & 0xFFFFFFFFL, exchange);
        }
    }

    /** Topics have ids instead of names from version 13 on. */
    private static String fetchedTopic(KafkaFields fields, int version, boolean flexible) {
        if (version >= 13) {
            return "";
        }
        // Replica, longest wait, fewest bytes; most bytes; isolation; session.
        fields.skip(12);
        fields.skip(version >= 3 ? 4 : 0);
        fields.skip(version >= 4 ? 1 : 0);
        fields.skip(version >= 7 ? 8 : 0);
        return fields.count(flexible) > 0 ? fields.topic(flexible) : "";
    }

    @Override
    public void passed(long nanos, int thread) {
        Exchange exchange = current;
        if (exchange == null) {
            return;
        }
        current = null;
        exchange.requestEnded(nanos);
        if (exchange.kind() == CallKind.ONE_WAY) {
            match.oneWay(exchange);
        }
    }

    /** Ids tell which answer belongs to what was seen, whatever was missed. */
    @Override
    public void lost() {
        current = null;
    }

    @Override
    public boolean startsMessage(ByteView view) {
        return isRequest(view);
    }

    /**
     * Whether a request of Kafka begins here: its header is checked in all that it fixes. It must
     * tell the name of the client, as they do: without one an answer could be taken for it.
     */
    static boolean isRequest(ByteView view) {
        if (view.length() < HEADER) {
            return false;
        }
        int length = view.i32(0);
        boolean begins =
                length >= HEADER - 4
                        && length <= LONGEST
                        && isHeader(view, 0)
                        && hasClientId(view, length);
        int next = 4 + length;
        return begins && (view.length() - HEADER < next || isHeader(view, next));
    }

    private static boolean isHeader(ByteView view, int at) {
        return view.u16(at + 4) <= KafkaApi.HIGHEST_KEY
                && view.u16(at + 6) <= KafkaApi.HIGHEST_VERSION
                && view.i32(at + 8) >= 0;
    }

    private static boolean hasClientId(ByteView view, int length) {
        int size = (short) view.u16(12);
        if (size < 1 || size > length - 10 || view.length() == HEADER) {
            return false;
        }
        for (int i = HEADER; i < Math.min(view.length(), HEADER + size); i++) {
            int c = view.u8(i);
            if (c < ' ' || c > '~') {
                return false;
            }
        }
        return true;
    }
}
