package io.flarepath.api.server.rpc;

import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.Failures;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Answers a unary call in its protocol. */
public final class RpcAnswer {
    private static final int HEAD_BYTES = 5;
    private static final byte TRAILERS = (byte) 0x80;

    private RpcAnswer() {}

    /** Answers with a message that has no field set. */
    public static void empty(RoutingContext context, RpcProtocol protocol) {
        send(
                context,
                protocol,
                protocol == RpcProtocol.CONNECT_JSON
                        ? Buffer.buffer("{}").getBytes()
                        : new byte[0]);
    }

    /** Answers with a message, encoded as the protocol wants it; to nobody when the client left. */
    public static void send(RoutingContext context, RpcProtocol protocol, byte[] message) {
        if (context.response().ended() || context.response().closed()) {
            return;
        }
        HttpServerResponse response = head(context, protocol);
        Buffer body =
                switch (protocol) {
                    case CONNECT_PROTO, CONNECT_JSON -> Buffer.buffer(message);
                    case GRPC -> {
                        response.putTrailer("grpc-status", "0");
                        yield frame((byte) 0, message);
                    }
                    case GRPC_WEB, GRPC_WEB_TEXT ->
                            web(
                                    protocol,
                                    frame((byte) 0, message)
                                            .appendBuffer(trailers("grpc-status: 0\r\n")));
                };
        response.end(body).onFailure(gone -> {});
    }

    /** Answers with an error; a Connect error has an HTTP status, the others have one in gRPC. */
    public static void refuse(RoutingContext context, RpcProtocol protocol, ApiError error) {
        if (protocol.isFramed()) {
            refuse(context, protocol, error, statusOf(error));
        } else {
            Failures.send(context, error);
        }
    }

    /** The same with a gRPC status of the service's own. */
    public static void refuse(
            RoutingContext context, RpcProtocol protocol, ApiError error, int status) {
        HttpServerResponse response = context.response();
        if (response.ended() || response.closed()) {
            return;
        }
        String message =
                URLEncoder.encode(String.valueOf(error.getMessage()), StandardCharsets.UTF_8)
                        .replace("+", "%20");
        head(context, protocol);
        if (protocol == RpcProtocol.GRPC) {
            response.putHeader("grpc-status", Integer.toString(status))
                    .putHeader("grpc-message", message);
            if (!context.request().isEnded()) {
                context.request().handler(discarded -> {}).resume();
            }
            response.end();
            return;
        }
        String trailers = "grpc-status: " + status + "\r\ngrpc-message: " + message + "\r\n";
        Failures.sendEarly(context, web(protocol, trailers(trailers)));
    }

    private static HttpServerResponse head(RoutingContext context, RpcProtocol protocol) {
        return context.response()
                .setStatusCode(200)
                .putHeader("Content-Type", protocol.answerType())
                // Keeps the server's own compression of answers away from the frames.
                .putHeader("Content-Encoding", "identity");
    }

    private static Buffer frame(byte flags, byte[] bytes) {
        return Buffer.buffer(HEAD_BYTES + bytes.length)
                .appendByte(flags)
                .appendInt(bytes.length)
                .appendBytes(bytes);
    }

    private static Buffer trailers(String lines) {
        return frame(TRAILERS, lines.getBytes(StandardCharsets.US_ASCII));
    }

    private static Buffer web(RpcProtocol protocol, Buffer frames) {
        return protocol == RpcProtocol.GRPC_WEB_TEXT
                ? Buffer.buffer(Base64.getEncoder().encode(frames.getBytes()))
                : frames;
    }

    /** The number of a Connect code in gRPC; both have the same codes. */
    private static int statusOf(ApiError error) {
        return switch (error.code()) {
            case "canceled" -> 1;
            case "invalid_argument" -> 3;
            case "deadline_exceeded" -> 4;
            case "not_found" -> 5;
            case "already_exists" -> 6;
            case "permission_denied" -> 7;
            case "resource_exhausted" -> 8;
            case "failed_precondition" -> 9;
            case "aborted" -> 10;
            case "out_of_range" -> 11;
            case "unimplemented" -> 12;
            case "internal" -> 13;
            case "unavailable" -> 14;
            case "data_loss" -> 15;
            case "unauthenticated" -> 16;
            default -> 2;
        };
    }
}
