package io.flarepath.agent.requests.kafka;

import io.flarepath.agent.requests.match.IdMatch;
import io.flarepath.agent.requests.match.MatchCounters;
import io.flarepath.agent.requests.message.ExchangeSink;
import io.flarepath.agent.requests.message.ProtocolMachine;
import io.flarepath.agent.requests.stream.ByteView;
import io.flarepath.agent.requests.stream.StreamParser;

/** A connection to Kafka. */
public final class KafkaMachine implements ProtocolMachine {
    private static final long TIMEOUT_NANOS = 120_000_000_000L;

    private final IdMatch match;
    private final KafkaRequests requests;
    private final KafkaResponses responses;

    /** A connection. */
    public KafkaMachine(ExchangeSink sink, MatchCounters counters) {
        KafkaSession session = new KafkaSession();
        match = new IdMatch(sink, counters, TIMEOUT_NANOS);
        requests = new KafkaRequests(match, session);
        responses = new KafkaResponses(match, session);
    }

    /** Whether a request begins here. */
    public static boolean isRequest(ByteView view) {
        return KafkaRequests.isRequest(view);
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

    @Override
    public void closed(long nanos) {
        match.closed(nanos);
    }

    @Override
    public void expire(long nanos) {
        match.expire(nanos);
    }

    @Override
    public int heldBytes() {
        return match.size() * 300;
    }
}
