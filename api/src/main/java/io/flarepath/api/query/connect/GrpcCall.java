package io.flarepath.api.query.connect;

import io.flarepath.api.message.ProtoMessage;
import io.flarepath.api.server.ApiError;
import io.flarepath.api.server.BlockingCalls;
import io.flarepath.api.server.BoundedBody;
import io.flarepath.api.server.Failures;
import io.flarepath.api.server.Tenant;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;

/**
 * A unary call over gRPC or gRPC-web (grpc.io, PROTOCOL-HTTP2 and PROTOCOL-WEB): a frame of five
 * bytes and a message each way; the status in trailers, which gRPC-web sends as a last frame.
 */
final class GrpcCall {
    private static final int HEAD_BYTES = 5;
    private static final int TRAILERS = 0x80;
    private static final int COMPRESSED = 1;

    private GrpcCall() {}

    private static String type(RoutingContext context) {
        String type = context.request().getHeader("Content-Type");
        return type == null ? "" : type.toLowerCase(Locale.ROOT);
    }

    /** Whether a request is one of gRPC or gRPC-web. */
    static boolean isMeant(RoutingContext context) {
        return type(context).startsWith("application/grpc");
    }

    private static boolean isWeb(RoutingContext context) {
        return type(context).startsWith("application/grpc-web");
    }

    private static boolean isText(RoutingContext context) {
        return type(context).startsWith("application/grpc-web-text");
    }

    /** Answers a call; errors are in the status, the HTTP status is 200. */
    static void answer(RoutingContext context, BlockingCalls calls, ConnectMethod method) {
        String encoding = context.request().getHeader("grpc-encoding");
        boolean text = isText(context);
        if (!isWeb(context) && context.request().version() != HttpVersion.HTTP_2) {
            throw new ApiError(
                    415, "unimplemented", "gRPC needs HTTP/2; gRPC-web and Connect do without");
        }
        String tenant;
        try {
            tenant = Tenant.forReading(context);
        } catch (ApiError refusal) {
            refuse(context, refusal);
            return;
        }
        BoundedBody.read(context, ConnectRoutes.MAX_BODY)
                .compose(body ->
                        calls.call(() -> {
                            byte[] message = message(body.getBytes(), text, encoding);
                            ConnectRequest request =
                                    ConnectRequest.decode(message, method.schema());
                            return ProtoMessage.encode(
                                    method.answer()
                                            .of(new ConnectMethod.Call(tenant, request, null)));
                        }))
                .onSuccess(bytes -> succeed(context, bytes))
                .onFailure(failure -> refuse(context, Failures.errorOf(failure, context)));
    }

    private static byte[] message(
            byte[] body, boolean text, @org.jspecify.annotations.Nullable String encoding) {
        byte[] frame = body;
        if (text) {
            try {
                frame = Base64.getDecoder().decode(body);
            } catch (IllegalArgumentException e) {
                throw ApiError.invalid("the body of grpc-web-text must be base64");
            }
        }
        if (frame.length < HEAD_BYTES) {
            throw ApiError.invalid("a call has a frame of five bytes and a message");
        }
        long length = Integer.toUnsignedLong(Buffer.buffer(frame).getInt(1));
        if (length != frame.length - HEAD_BYTES) {
            throw ApiError.invalid(
                    "a unary call has one message: the frame announces "
                            + length
                            + " bytes, there are "
                            + (frame.length - HEAD_BYTES));
        }
        byte[] message = Arrays.copyOfRange(frame, HEAD_BYTES, frame.length);
        if (frame[0] != COMPRESSED) {
            return message;
        }
        if (!"gzip".equals(encoding)) {
            throw new ApiError(
                    501,
                    "unimplemented",
                    "the grpc-encoding \"" + encoding + "\" is not known; gzip is");
        }
        return ConnectRoutes.inflate(message);
    }

    private static HttpServerResponse head(RoutingContext context) {
        String type =
                isText(context)
                        ? "application/grpc-web-text+proto"
                        : isWeb(context) ? "application/grpc-web+proto" : "application/grpc+proto";
        return context.response()
                .setStatusCode(200)
                .putHeader("Content-Type", type)
                // Keeps the server's own compression of answers away from the frames.
                .putHeader("Content-Encoding", "identity");
    }

    private static Buffer frame(int flags, byte[] bytes) {
        return Buffer.buffer(HEAD_BYTES + bytes.length)
                .appendByte((byte) flags)
                .appendInt(bytes.length)
                .appendBytes(bytes);
    }

    private static void succeed(RoutingContext context, byte[] message) {
        if (context.response().ended() || context.response().closed()) {
            return;
        }
        HttpServerResponse response = head(context);
        Buffer body = frame(0, message);
        if (isWeb(context)) {
            end(context, body.appendBuffer(trailers("grpc-status: 0\r\n")));
            return;
        }
        response.putTrailer("grpc-status", "0");
        response.end(body).onFailure(gone -> {});
    }

    private static Buffer trailers(String lines) {
        return frame(TRAILERS, lines.getBytes(StandardCharsets.US_ASCII));
    }

    private static void end(RoutingContext context, Buffer body) {
        Buffer sent =
                isText(context) ? Buffer.buffer(Base64.getEncoder().encode(body.getBytes())) : body;
        context.response().end(sent).onFailure(gone -> {});
    }

    /** Answers with an error. */
    static void refuse(RoutingContext context, ApiError error) {
        HttpServerResponse response = context.response();
        if (response.ended() || response.closed()) {
            return;
        }
        String status = Integer.toString(statusOf(error));
        String message =
                URLEncoder.encode(String.valueOf(error.getMessage()), StandardCharsets.UTF_8)
                        .replace("+", "%20");
        head(context);
        if (!context.request().isEnded()) {
            context.request().handler(discarded -> {}).resume();
        }
        if (isWeb(context)) {
            end(
                    context,
                    trailers("grpc-status: " + status + "\r\ngrpc-message: " + message + "\r\n"));
            return;
        }
        response.putHeader("grpc-status", status).putHeader("grpc-message", message);
        response.end().onFailure(gone -> {});
    }

    private static int statusOf(ApiError error) {
        return switch (error.status()) {
            case 401 -> 16;
            case 403 -> 7;
            case 404 -> 5;
            case 408 -> 4;
            case 413, 429 -> 8;
            case 501 -> 12;
            case 503 -> 14;
            default -> error.status() < 500 ? 3 : 13;
        };
    }
}
