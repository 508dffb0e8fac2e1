package io.flarepath.agent.requests.match;

import io.flarepath.agent.requests.message.ProtocolMachine;
import io.flarepath.agent.requests.stream.StreamParser;

/** A connection whose answers come in the order of its requests, read by a parser a direction. */
public abstract class OrderedMachine implements ProtocolMachine {
    private static final int EXCHANGE_BYTES = 256;

    private final OrderedMatch match;
    private final StreamParser requests;
    private final StreamParser responses;

    /**
     * A connection.
     *
     * @param match that both parsers tell
     */
    protected OrderedMachine(OrderedMatch match, StreamParser requests, StreamParser responses) {
        this.match = match;
        this.requests = requests;
        this.responses = responses;
    }

    @Override
    public final StreamParser requests() {
        return requests;
    }

    @Override
    public final StreamParser responses() {
        return responses;
    }

    @Override
    public final void closed(long nanos) {
        match.closed(nanos);
    }

    @Override
    public final int heldBytes() {
        return match.size() * EXCHANGE_BYTES;
    }
}
