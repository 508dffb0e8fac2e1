package io.flarepath.agent.requests.http2;

import io.flarepath.agent.requests.message.CallKind;
import io.flarepath.agent.requests.message.Exchange;
import io.flarepath.agent.requests.message.Outcome;
import org.jspecify.annotations.Nullable;

/** What a server sends. */
final class Http2Responses extends Http2Frames {
    private String status = "";
    private String grpcStatus = "";
    private boolean eventStream;

    Http2Responses(Http2Calls calls, boolean fromStart) {
        super(calls, false, fromStart);
    }

    @Override
    void fields(int stream, byte[] block, int length, boolean whole, long nanos, int thread) {
        status = "";
        grpcStatus = "";
        eventStream = false;
        decoder.decode(block, length, this::field);
        if (!whole) {
            decoder.lost();
        }
        Http2Call call = calls.find(stream);
        if (call == null) {
            if (stream != 0) {
                calls.unexpected();
            }
            return;
        }
        Exchange exchange = call.exchange;
        if (!call.hasStatus && status.startsWith("1")) {
            return;
        }
        exchange.responseBegan(nanos);
        if (!call.hasStatus) {
            call.hasStatus = true;
            exchange.answers(status, outcome(status));
            if (eventStream) {
                exchange.kind(CallKind.STREAM);
            }
        }
        if (call.grpc && !grpcStatus.isEmpty()) {
            exchange.answers(grpcStatus, grpcOutcome(grpcStatus));
        }
    }

    private void field(@Nullable String name, String value) {
        if (name == null) {
            return;
        }
        switch (name) {
            case ":status" -> status = number(value, 3);
            case "grpc-status" -> grpcStatus = number(value, 2);
            case "content-type" -> eventStream = value.startsWith("text/event-stream");
            default -> {}
        }
    }

    private static String number(String value, int longest) {
        boolean digits =
                value.length() <= longest && value.chars().allMatch(c -> c >= '0' && c <= '9');
        return digits ? value : "";
    }

    private static Outcome outcome(String status) {
        return switch (status.isEmpty() ? '2' : status.charAt(0)) {
            case '5' -> Outcome.SERVER_ERROR;
            case '4' -> Outcome.CLIENT_ERROR;
            default -> Outcome.OK;
        };
    }

    /** Which side is at fault, by OpenTelemetry's conventions for gRPC servers. */
    private static Outcome grpcOutcome(String code) {
        return switch (code) {
            case "0" -> Outcome.OK;
            case "2", "4", "12", "13", "14", "15" -> Outcome.SERVER_ERROR;
            default -> Outcome.CLIENT_ERROR;
        };
    }

    @Override
    void data(int stream, long bytes) {
        Http2Call call = calls.find(stream);
        if (call != null) {
            call.exchange.addResponseBytes(bytes);
        }
    }

    @Override
    @Nullable GrpcMessages messages(int stream) {
        Http2Call call = calls.find(stream);
        return call != null && call.grpc && !call.endMissed && !call.answered.isLost()
                ? call.answered
                : null;
    }

    @Override
    void ended(int stream, long nanos, int thread) {
        Http2Call call = calls.find(stream);
        if (call != null && call.grpc && call.exchange.status().length() > 2) {
            // No grpc-status was seen, only that of HTTP: it came in a field that is not known.
            call.exchange.answers("", call.exchange.outcome());
        }
        calls.end(stream, nanos, thread);
    }

    @Override
    void reset(int stream, long nanos, int thread) {
        Http2Call call = calls.find(stream);
        if (call != null) {
            call.exchange.answers(call.grpc ? "13" : "", Outcome.BROKEN);
            call.exchange.responseBegan(nanos);
            calls.end(stream, nanos, thread);
        }
    }

    /** Ends of streams may be among what was missed. */
    @Override
    void gap() {
        calls.endsMissed();
    }
}
