package io.flarepath.api.server.rpc;

import io.flarepath.api.server.ApiError;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How a unary call is made; the content type tells. */
public enum RpcProtocol {
    /** Connect: the message is the body (connectrpc.com, protocol). */
    CONNECT_PROTO("application/proto"),
    /** Connect with protobuf's JSON form. */
    CONNECT_JSON("application/json"),
    /** gRPC: a frame of five bytes and a message, the status in trailers; HTTP/2 alone. */
    GRPC("application/grpc"),
    /** gRPC-web: the trailers are a frame of the body. */
    GRPC_WEB("application/grpc-web"),
    /** gRPC-web in base64. */
    GRPC_WEB_TEXT("application/grpc-web-text");

    private static final String PROTO = "+proto";
    private static final String ALL =
            Arrays.stream(values())
                    .map(protocol -> protocol.contentType)
                    .collect(Collectors.joining(", "));

    private final String contentType;

    RpcProtocol(String contentType) {
        this.contentType = contentType;
    }

    /**
     * The protocol of a request.
     *
     * @throws ApiError 415 for a content type that no protocol has, and for gRPC over HTTP/1
     */
    public static RpcProtocol of(RoutingContext context) {
        String header = context.request().getHeader("Content-Type");
        String type = header == null ? "" : header;
        int parameters = type.indexOf(';');
        String media = (parameters < 0 ? type : type.substring(0, parameters)).strip();
        RpcProtocol protocol = of(media.toLowerCase(Locale.ROOT));
        if (protocol == null) {
            context.response().putHeader("Accept-Post", ALL);
            throw unsupported("a call comes as one of " + ALL + ", not as \"" + media + "\"");
        }
        if (protocol == GRPC && context.request().version() != HttpVersion.HTTP_2) {
            throw unsupported("gRPC needs HTTP/2; over HTTP/1 there is application/grpc-web");
        }
        return protocol;
    }

    private static @Nullable RpcProtocol of(String media) {
        for (RpcProtocol protocol : values()) {
            boolean framed = protocol.isFramed() && media.equals(protocol.contentType + PROTO);
            if (framed || media.equals(protocol.contentType)) {
                return protocol;
            }
        }
        return null;
    }

    private static ApiError unsupported(String message) {
        return new ApiError(415, "invalid_argument", message);
    }

    /** Whether messages are in frames and the status is beside the message. */
    public boolean isFramed() {
        return this != CONNECT_PROTO && this != CONNECT_JSON;
    }

    /** The content type of an answer. */
    public String answerType() {
        return isFramed() ? contentType + PROTO : contentType;
    }
}
