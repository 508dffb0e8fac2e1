package io.flarepath.agent.requests.http2;

import io.flarepath.agent.requests.message.CallKind;
import io.flarepath.agent.requests.message.Exchange;

/** One stream of a connection: one request with its answer. */
final class Http2Call {
    final Exchange exchange;
    final boolean grpc;
    final GrpcMessages sent = new GrpcMessages();
    final GrpcMessages answered = new GrpcMessages();

    /** The head of the answer has come, so that the next one is that of its end. */
    boolean hasStatus;

    /** Its end may have gone by unseen: only if that comes yet is it a call. */
    boolean endMissed;

    Http2Call(Exchange exchange, boolean grpc) {
        this.exchange = exchange;
        this.grpc = grpc;
    }

    /** Says what it was, once that is known. */
    void close() {
        if (grpc && (sent.count() > 1 || answered.count() > 1)) {
            exchange.kind(CallKind.STREAM);
        }
    }
}
