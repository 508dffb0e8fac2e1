package io.flarepath.agent.requests.http1;

import io.flarepath.agent.requests.http2.Http2Machine;
import io.flarepath.agent.requests.match.MatchCounters;
import io.flarepath.agent.requests.match.OrderedMatch;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.ExchangeSink;
import io.flarepath.agent.requests.message.ProtocolMachine;
import io.flarepath.agent.requests.stream.ByteView;
import io.flarepath.agent.requests.stream.StreamParser;
import org.jspecify.annotations.Nullable;

/**
 * A connection that speaks HTTP/1.1, and perhaps HTTP/2 after an upgrade ({@code h2c}). After any
 * other upgrade it is opaque.
 */
public final class Http1Machine implements ProtocolMachine {
    private final ExchangeSink sink;
    private final MatchCounters counters;
    private final OrderedMatch match;
    private final HttpResponses http1Responses;
    private final Turn requests;
    private final Turn responses;
    private @Nullable Http2Machine successor;
    private boolean opaque;

    /**
     * A connection.
     *
     * @param fromStart whether it is seen from its first byte on
     */
    public Http1Machine(ExchangeSink sink, MatchCounters counters, boolean fromStart) {
        this.sink = sink;
        this.counters = counters;
        match = new OrderedMatch(this::ended, counters, fromStart);
        http1Responses = new HttpResponses(match, this::takenOver);
        requests = new Turn(new HttpRequests(match));
        responses = new Turn(http1Responses);
    }

    /** Whether a request begins here with a whole first line. */
    public static boolean isRequest(ByteView view) {
        return HttpRequests.isRequestLine(view);
    }

    /** An upgrade to HTTP/2 is answered there. */
    private void ended(Exchange exchange) {
        if (!exchange.status().equals("101")) {
            sink.ended(exchange);
        } else {
            upgrading = exchange;
        }
    }

    private @Nullable Exchange upgrading;

    private void takenOver(String protocol, @Nullable Exchange asking) {
        Exchange exchange = upgrading;
        if (protocol.equals("h2c")) {
            Http2Machine next = new Http2Machine(sink, counters, true);
            if (asking != null && exchange == asking) {
                next.upgraded(asking);
            }
            successor = next;
            requests.parser = next.requests();
            responses.parser = next.responses();
        } else {
            if (exchange != null) {
                sink.ended(exchange);
            }
            opaque = true;
        }
        upgrading = null;
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
        return opaque;
    }

    @Override
    public boolean isHttp2() {
        return successor != null;
    }

    @Override
    public void closed(long nanos) {
        http1Responses.closed(nanos);
        match.closed(nanos);
        if (successor != null) {
            successor.closed(nanos);
        }
    }

    @Override
    public void expire(long nanos) {
        if (successor != null) {
            successor.expire(nanos);
        }
    }

    @Override
    public int heldBytes() {
        int after = successor == null ? 0 : successor.heldBytes();
        return match.size() * 256 + after;
    }

    /** One direction: read by the parser whose turn it is. */
    private static final class Turn implements StreamParser {
        private StreamParser parser;

        Turn(StreamParser parser) {
            this.parser = parser;
        }

        @Override
        public long parseUnseen() {
            return parser.parseUnseen();
        }

        @Override
        public long parse(ByteView view) {
            return parser.parse(view);
        }

        @Override
        public void passed(long nanos, int thread) {
            parser.passed(nanos, thread);
        }

        @Override
        public boolean isAlone() {
            return parser.isAlone();
        }

        @Override
        public void passedUnseen(long bytes, ByteView end) {
            parser.passedUnseen(bytes, end);
        }

        @Override
        public void lost() {
            parser.lost();
        }

        @Override
        public boolean startsMessage(ByteView view) {
            return parser.startsMessage(view);
        }

        @Override
        public int heldBytes() {
            return parser.heldBytes();
        }
    }
}
