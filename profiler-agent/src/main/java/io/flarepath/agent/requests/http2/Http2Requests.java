package io.flarepath.agent.requests.http2;

import io.flarepath.agent.requests.message.CallKind;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Outcome;
import io.flarepath.agent.requests.message.Protocol;
import io.flarepath.agent.requests.message.TraceIds;
import io.flarepath.agent.requests.message.WaitPreference;
import io.flarepath.agent.requests.route.MaskedPath;
import org.jspecify.annotations.Nullable;

/** What a client sends. */
final class Http2Requests extends Http2Frames {
    private String method = "";
    private String path = "";
    private String authority = "";
    private boolean grpc;
    private boolean tunnel;
    private boolean mayWait;
    private TraceIds trace = TraceIds.NONE;

    Http2Requests(Http2Calls calls, boolean fromStart) {
        super(calls, fromStart, fromStart);
    }

    @Override
    void fields(int stream, byte[] block, int length, boolean whole, long nanos, int thread) {
        method = "";
        path = "";
        authority = "";
        grpc = false;
        tunnel = false;
        mayWait = false;
        trace = TraceIds.NONE;
        decoder.decode(block, length, this::field);
        if (!whole) {
            decoder.lost();
        }
        if (stream == 0 || calls.find(stream) != null) {
            // A push, or fields after the body.
            return;
        }
        Exchange exchange =
                new Exchange(grpc ? Protocol.GRPC : Protocol.HTTP2, nanos, thread)
                        .asks(method, grpc && path.startsWith("/") ? path.substring(1) : path)
                        .detail(authority)
                        .trace(trace);
        if (tunnel || method.equals("CONNECT")) {
            exchange.kind(CallKind.STREAM);
        } else if (mayWait) {
            exchange.kind(CallKind.LONG_POLL);
        }
        calls.open(stream, new Http2Call(exchange, grpc));
    }

    private void field(@Nullable String name, String value) {
        if (name == null) {
            return;
        }
        switch (name) {
            case ":method" -> method = method(value);
            case ":path" -> path = MaskedPath.of(value);
            case ":authority" -> authority = value;
            case ":protocol" -> tunnel = true;
            case "prefer" -> mayWait |= WaitPreference.isWait(value);
            case "content-type" -> grpc = value.startsWith("application/grpc");
            default -> {
                if (TraceIds.isWanted(name)) {
                    trace = trace.with(name, value);
                }
            }
        }
    }

    private static String method(String value) {
        boolean token =
                value.length() <= 24
                        && value.chars().allMatch(c -> (c >= 'A' && c <= 'Z') || c == '-');
        return token ? value : "";
    }

    @Override
    void data(int stream, long bytes) {
        Http2Call call = calls.find(stream);
        if (call != null) {
            call.exchange.addRequestBytes(bytes);
        }
    }

    @Override
    @Nullable GrpcMessages messages(int stream) {
        Http2Call call = calls.find(stream);
        return call != null && call.grpc && !call.sent.isLost() ? call.sent : null;
    }

    @Override
    void ended(int stream, long nanos, int thread) {
        Http2Call call = calls.find(stream);
        if (call != null) {
            call.exchange.requestEnded(nanos);
        }
    }

    @Override
    void reset(int stream, long nanos, int thread) {
        Http2Call call = calls.find(stream);
        if (call != null) {
            call.exchange.answers(call.grpc ? "1" : "", Outcome.BROKEN);
            call.exchange.responseBegan(nanos);
            calls.end(stream, nanos, thread);
        }
    }

    /** Streams that are open go on; ids tell which they are. */
    @Override
    void gap() {}
}
